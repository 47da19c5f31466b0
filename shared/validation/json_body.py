"""Parse an untrusted JSON body into a plain object.

`parse_object` accepts much less than `json.loads` (R-80). It refuses what known attacks use: duplicate keys (A-19),
nesting that exhausts the stack and integers of thousands of digits that raise inside the parser (A-30), NaN, UTF-16,
and lone surrogates that cannot be encoded later. `model.py` checks the content of the object.

No error contains text of the caller, neither a value nor a key. Errors are answered and logged, and the caller may have
put a password or a code in the wrong place.
"""

import json
import math
import re
from typing import Final, Never

from shared.domain.errors import BodyTooLarge, InvalidInput, UnsupportedContent

DEPTH_LIMIT: Final = 8  # nested containers
NUMBER_LIMIT: Final = 20  # characters: enough for every 64-bit integer, and fast to convert

_JSON_IN_UTF8: Final = re.compile(
    r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?', re.ASCII | re.IGNORECASE
)
_CONTENT_TYPE_LIMIT: Final = 100  # characters
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

# A string literal, closed or not. Possessive quantifiers and the optional last quote prevent backtracking, so that
# even `"\"\"\"...` is read in linear time.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_ONE_KIND_OF_BRACKET: Final = bytes.maketrans(b"[]{}", b"()()")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))

# The form of field names in our contracts. A key of another form is unknown in every model.
_KEY: Final = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)


def parse_object(body: bytes, content_type: str | None, *, limit: int) -> dict[str, object]:
    """Read one JSON object of at most `limit` bytes, in linear time.

    Raises BodyTooLarge, UnsupportedContent and InvalidInput.
    """
    if len(body) > limit:  # first, because it is the cheapest check
        raise BodyTooLarge("body", "too_long")
    text = _utf8_text(body, content_type)
    _bounded_depth(body)
    try:
        data = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_no_constant
        )
    except json.JSONDecodeError:
        raise InvalidInput("body", "malformed") from None  # the cause has the body
    if "\\u" in text:
        _no_lone_surrogates(data)
    if not isinstance(data, dict):
        raise InvalidInput("body", "wrong_type")
    return data


def _utf8_text(body: bytes, content_type: str | None) -> str:
    if content_type is None or len(content_type) > _CONTENT_TYPE_LIMIT:
        raise UnsupportedContent("content_type", "not_allowed")
    if _JSON_IN_UTF8.fullmatch(content_type.strip(" \t")) is None:
        raise UnsupportedContent("content_type", "not_allowed")
    if body.startswith(_BYTE_ORDER_MARK):
        raise UnsupportedContent("body", "not_allowed")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise UnsupportedContent("body", "not_allowed") from None  # the cause has the body


def _bounded_depth(body: bytes) -> None:
    """Refuse a body that is nested too deep, before the recursive parser reads it.

    Strings and everything except brackets are removed first. Then each pass removes the innermost pairs. If brackets
    are left after DEPTH_LIMIT passes, the body is too deep or unbalanced. The parser checks the kinds of brackets.
    """
    brackets = _STRING.sub(b"", body).translate(_ONE_KIND_OF_BRACKET, delete=_NOT_BRACKETS)
    for _ in range(DEPTH_LIMIT):
        brackets = brackets.replace(b"()", b"")
    if brackets:
        raise InvalidInput("body", "too_deep" if b"()" in brackets else "malformed")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise InvalidInput("body", "duplicate")
    if not all(_KEY.fullmatch(key) for key in data):
        raise InvalidInput("body", "unknown")
    return data


def _integer(digits: str) -> int:
    if len(digits) > NUMBER_LIMIT:
        raise InvalidInput("body", "too_long")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > NUMBER_LIMIT or not math.isfinite(number := float(digits)):
        raise InvalidInput("body", "too_long")
    return number


def _no_constant(_name: str) -> Never:
    raise InvalidInput("body", "malformed")  # NaN, Infinity, -Infinity


def _no_lone_surrogates(data: object) -> None:
    """Refuse half of a surrogate pair. It has no UTF-8 form, so hashing, sealing or sending it would raise."""
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("body", "malformed") from None
