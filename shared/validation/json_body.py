"""Parse an untrusted JSON body into a plain object.

`parse_object` accepts much less than `json.loads` (R-80). It refuses what known attacks use: duplicate keys (A-19),
nesting that exhausts the stack (A-30), NaN, UTF-16, and lone surrogates that cannot be encoded later. Numbers that are
too long to convert at once become infinity, which no field takes (A-30). `model.py` checks the content of the object.

A byte order mark of UTF-8 is read: editors and PowerShell 5 write it. Any other encoding is named as the reason.

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
TOO_LONG_A_NUMBER: Final = math.inf

_JSON_IN_UTF8: Final = re.compile(
    r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-?8|"utf-?8"))?', re.ASCII | re.IGNORECASE
)
_CONTENT_TYPE_LIMIT: Final = 100  # characters
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_JSON_IN_ANOTHER: Final = re.compile(r"application/json[ \t]*;[ \t]*charset=.*", re.ASCII | re.IGNORECASE)
_OTHER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_ASCII_IN_UTF16: Final = re.compile(rb"(?:[^\0]\0){2}|(?:\0[^\0]){2}", re.DOTALL)

# A string literal, closed or not. Possessive quantifiers and the optional last quote prevent backtracking, so that
# even `"\"\"\"...` is read in linear time.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_ONE_KIND_OF_BRACKET: Final = bytes.maketrans(b"[]{}", b"()()")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


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
        other = _JSON_IN_ANOTHER.fullmatch(content_type.strip(" \t")) is not None
        raise UnsupportedContent("content_type", "charset" if other else "not_allowed")
    if body.startswith(_OTHER_MARKS) or _ASCII_IN_UTF16.match(body):
        raise UnsupportedContent("body", "utf16")
    try:
        return body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError:
        raise UnsupportedContent("body", "not_utf8") from None  # the cause has the body


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
    return data


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= NUMBER_LIMIT else TOO_LONG_A_NUMBER


def _float(digits: str) -> float:
    return float(digits) if len(digits) <= NUMBER_LIMIT else TOO_LONG_A_NUMBER


def _no_constant(_name: str) -> Never:
    raise InvalidInput("body", "malformed")  # NaN, Infinity, -Infinity


def _no_lone_surrogates(data: object) -> None:
    """Refuse half of a surrogate pair. It has no UTF-8 form, so hashing, sealing or sending it would raise."""
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("body", "malformed") from None
