"""Parsing a hostile JSON body: it takes milliseconds and raises only the service's own errors."""

import contextlib
import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.validation import json_body
from shared.validation.json_body import DEPTH_LIMIT
from tests.cost import least_seconds

BODY_LIMIT = 16 * 1024
parse_object = partial(json_body.parse_object, limit=BODY_LIMIT)

JSON = "application/json"
TIME_LIMIT = 0.05  # seconds of CPU time; a few milliseconds are typical


def nested(levels: int) -> bytes:
    """Return an object with arrays in it, `levels` containers in all."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


HOSTILE = {
    "deep": b"[" * BODY_LIMIT,
    "deep and closed": nested(BODY_LIMIT // 2 - 4),
    "wide": b"[]" * (BODY_LIMIT // 2),
    "open and close": b"{}[]" * (BODY_LIMIT // 4),
    "escaped quotes": b'"' + b'\\"' * (BODY_LIMIT // 2 - 1),
    "backslashes": b'"' + b"\\" * (BODY_LIMIT - 1),
    "quotes": b'"' * BODY_LIMIT,
    "digits": b"1" * BODY_LIMIT,
    "blanks": b" " * BODY_LIMIT,
    "surrogates": b'{"a":"' + b"\\ud800" * 2700 + b'"}',
    "many keys": b"{" + b",".join(b'"k%d":1' % i for i in range(1500)) + b"}",
    "equal keys": b"{" + b",".join(b'"k":1' for _ in range(2500)) + b"}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bodies_are_refused_in_milliseconds(body: bytes) -> None:
    """No body within the size limit makes the scan or the parser slow or raises another exception."""
    assert len(body) <= BODY_LIMIT
    assert least_seconds(lambda: parse_object(body, JSON), expecting=InvalidInput) < TIME_LIMIT


@pytest.mark.parametrize("piece", [b"[]", b"[]{}", b'"x"', b'\\"', b'"'])
def test_the_depth_check_is_linear_at_the_size_of_a_prefill(piece: bytes) -> None:
    """Four MiB of brackets or quotes, the largest body of prefill, take well under a second."""
    limit = 4 * 1024 * 1024
    body = b'"' + piece * ((limit - 1) // len(piece))
    with pytest.raises(InvalidInput):
        parse_object(body, JSON, limit=limit)
    assert least_seconds(lambda: parse_object(body, JSON, limit=limit), expecting=InvalidInput) < 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.one_of(st.just(JSON), st.text(max_size=40)))
def test_any_bytes_give_an_object_or_one_of_our_errors(body: bytes, content_type: str) -> None:
    """No other exception is raised."""
    with contextlib.suppress(InvalidInput):
        assert isinstance(parse_object(body, content_type), dict)


json_like = st.text(alphabet='{}[]",:\\ue0dD8 1-.NaInfty\n', max_size=60)


@settings(max_examples=500, deadline=None)
@given(json_like)
def test_a_body_that_json_loads_refuses_is_refused(text: str) -> None:
    """An accepted body gives the same value as `json.loads`."""
    try:
        data = parse_object(text.encode(), JSON)
    except InvalidInput:
        return
    assert data == json.loads(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=8,
)


def depth(data: object) -> int:
    """Count the nested containers."""
    if not isinstance(data, dict | list):
        return 0
    return 1 + max(map(depth, data.values() if isinstance(data, dict) else data), default=0)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), values, max_size=4), st.booleans())
def test_an_ordinary_object_is_read_unchanged(data: dict[str, object], ascii_only: bool) -> None:
    """Escaped or not, unless it is too deep."""
    body = json.dumps(data, ensure_ascii=ascii_only).encode()
    if depth(data) <= DEPTH_LIMIT:
        assert parse_object(body, JSON) == data
    else:
        with pytest.raises(InvalidInput, match="body: too_deep"):
            parse_object(body, JSON)
