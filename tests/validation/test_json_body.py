"""Parsing a JSON body: what is accepted, and the attacks that are refused."""

import math
from functools import partial

import pytest

from shared.domain.errors import BodyTooLarge, InvalidInput, UnsupportedContent
from shared.validation import json_body
from shared.validation.json_body import DEPTH_LIMIT
from tests.cost import least_seconds

BODY_LIMIT = 16 * 1024
parse_object = partial(json_body.parse_object, limit=BODY_LIMIT)

JSON = "application/json"
TIME_LIMIT = 0.05  # seconds of CPU time; a few milliseconds are typical


def nested(depth: int) -> bytes:
    """Return an object with arrays in it, `depth` containers in all."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json", "Application/JSON", " application/json ", "application/json;charset=utf-8",
        "application/json; charset=UTF-8", "application/json; charset=utf8", 'application/json; charset="utf-8"',
    ],
)  # fmt: skip
def test_json_in_utf8_is_accepted(content_type: str) -> None:
    """The media type is JSON. A charset may be missing or UTF-8, in any case, quoted or not."""
    assert parse_object(b'{"a": "\xc3\xa9"}', content_type) == {"a": "é"}


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "text/plain", "text/plain; application/json", "application/json, text/plain",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=application/json",
        "application/json; charset=utf-16", "application/json; charset=utf-8; charset=utf-16",
        "application/json; profile=x", "application/json\n", "application/json-patch+json",
        "application/json" + ";" * 50_000,
    ],
)  # fmt: skip
def test_other_content_types_are_refused(content_type: str | None) -> None:
    """A form or plain text, which a foreign page can send without permission, never counts as JSON (A-33)."""
    reason = "charset" if content_type and content_type.startswith("application/json; charset") else "not_allowed"
    with pytest.raises(UnsupportedContent, match=f"content_type: {reason}"):
        parse_object(b"{}", content_type)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-16-be", "latin-1"])
def test_json_in_other_encodings_is_refused(encoding: str) -> None:
    """`json.loads` guesses UTF-16 and UTF-32. Here only UTF-8 is accepted, and the reason is named."""
    with pytest.raises(UnsupportedContent, match="body: not_utf8" if encoding == "latin-1" else "body: utf16"):
        parse_object('{"a": "é"}'.encode(encoding), JSON)


def test_a_byte_order_mark_of_utf8_is_read() -> None:
    """Editors and PowerShell 5 write one. A second one is not JSON."""
    assert parse_object('{"a": "é"}'.encode("utf-8-sig"), JSON) == {"a": "é"}
    with pytest.raises(InvalidInput, match="body: malformed"):
        parse_object(b"\xef\xbb\xbf\xef\xbb\xbf{}", JSON)


def test_the_size_limit_of_a_body_is_exact() -> None:
    """A body of exactly the limit is read. One byte more is too large."""
    body = b'{"a":"' + b"x" * (BODY_LIMIT - 8) + b'"}'
    assert parse_object(body, JSON)
    with pytest.raises(BodyTooLarge):
        parse_object(body + b" ", JSON)


def test_an_endpoint_may_set_a_larger_size_limit() -> None:
    """Prefill does."""
    assert parse_object(b'{"a":"' + b"x" * BODY_LIMIT + b'"}', JSON, limit=2 * BODY_LIMIT)


def test_the_size_of_a_body_is_checked_first() -> None:
    """Before anything reads the body (R-81)."""
    body = b"[" * 50_000_000
    with pytest.raises(BodyTooLarge):
        parse_object(body, None)
    assert least_seconds(lambda: parse_object(body, None), expecting=BodyTooLarge) < TIME_LIMIT


@pytest.mark.parametrize("body", [b"[]", b"[{}]", b'"text"', b"1", b"true", b"null"])
def test_a_body_must_be_a_json_object(body: bytes) -> None:
    """Every request is an object."""
    with pytest.raises(InvalidInput, match="body: wrong_type"):
        parse_object(body, JSON)


@pytest.mark.parametrize(
    "body",
    [
        b'{"identifier": "a", "identifier": "b"}',
        b'{"identifier": "a", "\\u0069dentifier": "b"}',
        b'{"rows": [{"email": "a", "email": "b"}]}',
    ],
)
def test_duplicate_keys_are_refused_at_any_depth(body: bytes) -> None:
    """An attacker could use two readers that keep different ones of two equal keys (A-19)."""
    with pytest.raises(InvalidInput, match="body: duplicate"):
        parse_object(body, JSON)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"   ", b"{", b"}", b"{]", b'{"a": [}', b'{"a": 1,}', b'{"a": 01}', b"{'a': 1}", b'{"a": 1} {"b": 2}',
        b'{"a": "\t"}', b'{"a": "\\x"}', b'{"a": "b', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}',
        b'{"a": [1, [-Infinity]]}', b'{"a": "\\ud800"}', b'{"a": ["\\udc00\\ud800"]}', b"\x00{}",
    ],
)  # fmt: skip
def test_a_body_that_is_not_json_is_malformed(body: bytes) -> None:
    """Also NaN and infinities, which only Python reads, and half a surrogate pair, which is not text."""
    with pytest.raises(InvalidInput, match="body: malformed"):
        parse_object(body, JSON)


def test_surrogate_pairs_and_escaped_backslashes_are_text() -> None:
    r"""A real pair is one character, and `\\ud800` is a backslash followed by letters."""
    assert parse_object(b'{"a": "\\ud83d\\ude00", "b": "\\\\ud800"}', JSON) == {"a": "\U0001f600", "b": "\\ud800"}


@pytest.mark.parametrize(
    "number", ["1" * 5000, "-" + "1" * 5000, "1" * 21, "1e999", "-1e999", "0." + "1" * 5000, "1e" + "9" * 30]
)
def test_the_length_of_numbers_is_limited(number: str) -> None:
    """A long integer raises ValueError inside Python's own parser (A-30). It becomes infinity, which no field takes."""
    assert parse_object(b'{"a": ' + number.encode() + b"}", JSON) in ({"a": math.inf}, {"a": -math.inf})


def test_64_bit_integers_are_read() -> None:
    """They are within the limit."""
    assert parse_object(b'{"a": -9223372036854775808, "b": 0.5, "c": 1e3}', JSON) == {
        "a": -(2**63),
        "b": 0.5,
        "c": 1000.0,
    }


def test_the_depth_limit_is_exact() -> None:
    """Eight levels are read and nine are too deep."""
    assert parse_object(nested(DEPTH_LIMIT), JSON)
    with pytest.raises(InvalidInput, match="body: too_deep"):
        parse_object(nested(DEPTH_LIMIT + 1), JSON)


def test_brackets_in_strings_do_not_count_as_depth() -> None:
    """The scan handles strings and escapes, so quotes do not mislead it either."""
    assert parse_object(b'{"a": "[[[[[[[[[[[[[[", "b": "\\"[[[[[[[[[[", "c": "\\\\"}', JSON)
    with pytest.raises(InvalidInput, match="body: too_deep"):
        parse_object(b'{"a": "\\\\", "b": ' + b"[" * 20 + b"]" * 20 + b"}", JSON)


@pytest.mark.parametrize("key", [b"", b"a b", b"$gt", b"a-b", b"\xc3\xa9", b"x" * 65, b"x - at `$.y"])
def test_keys_that_are_not_plain_names_are_read(key: bytes) -> None:
    """A batch may have any column. Every model refuses them, without their text (`test_into.py`)."""
    assert parse_object(b'{"' + key + b'": 1}', JSON) == {key.decode(): 1}
