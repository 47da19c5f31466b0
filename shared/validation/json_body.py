"""The door for JSON: bytes from a stranger in, a plain object or a typed value out, and only our own errors.

`parse_object` accepts much less than `json.loads` does (R-80). Each thing it leaves out has been used against
somebody: the last of two equal keys silently winning (A-19), nesting that exhausts the stack and a 5,000-digit
integer that raises deep inside the parser (A-30), NaN, UTF-16, lone surrogates that break the first `.encode()`.
`into` then turns the object into a msgspec struct, strictly: no value is ever coerced (A-31).

No text of the caller, neither a value nor a key, stands in any error: errors are answered and logged, and a
password or a code may have been put in the wrong place.
"""

import json
import math
import re
from typing import Final, Never, TypeVar

import msgspec

from shared.domain.errors import BodyTooLarge, InvalidInput, UnsupportedContent

BODY_LIMIT: Final = 16 * 1024  # bytes; security.md section 5
DEPTH_LIMIT: Final = 8  # containers inside each other; security.md section 5
NUMBER_LIMIT: Final = 20  # characters: every integer of 64 bits fits, and nothing that is slow to convert

_JSON_IN_UTF8: Final = re.compile(
    r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?', re.ASCII | re.IGNORECASE
)
_CONTENT_TYPE_LIMIT: Final = 100  # characters
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

# A string literal, closed or not. Possessive quantifiers and the optional last quote leave nothing to backtrack into,
# so that even `"\"\"\"...` is read once.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_ONE_KIND_OF_BRACKET: Final = bytes.maketrans(b"[]{}", b"()()")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))

# The names that our contracts use. A key outside this alphabet is unknown everywhere, and because it stops here no
# free text of a caller can pass for a part of msgspec's messages below.
_KEY: Final = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)

T = TypeVar("T")


def parse_object(body: bytes, content_type: str | None, *, limit: int = BODY_LIMIT) -> dict[str, object]:
    """Read one JSON object, or raise BodyTooLarge, UnsupportedContent or InvalidInput, in linear time."""
    if len(body) > limit:  # first, because nothing else is as cheap
        raise BodyTooLarge("body", "too_long")
    text = _utf8_text(body, content_type)
    _bounded_depth(body)
    try:
        data = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_no_constant
        )
    except json.JSONDecodeError:
        raise InvalidInput("body", "malformed") from None  # the cause holds the body
    if "\\u" in text:
        _no_lone_surrogates(data)
    if not isinstance(data, dict):
        raise InvalidInput("body", "wrong_type")
    return data


def into(struct_type: type[T], data: object) -> T:
    """Convert parsed JSON to `struct_type` without coercion, or raise InvalidInput with its place, as `rows[3].email`.

    For unknown keys the place is the object that holds them, since the key itself is the caller's text.
    """
    try:
        return msgspec.convert(data, struct_type, strict=True)
    except msgspec.ValidationError as error:
        raise _invalid_input(str(error)) from None  # the message can quote the value (an enum's does)


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
        raise UnsupportedContent("body", "not_allowed") from None  # the cause holds the body


def _bounded_depth(body: bytes) -> None:
    """Refuse what is nested deeper than the limit before a parser that recurses sees it.

    With strings and everything but brackets taken out, each pass removes the innermost pairs. What is left after as
    many passes as levels are allowed is too deep or unbalanced. The kind of bracket is the parser's business.
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
    """Refuse half of a surrogate pair: it has no UTF-8, and would raise where the text is hashed, sealed or sent."""
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("body", "malformed") from None


# msgspec's own words, tried in this order. What none of them fits is a value of the wrong form.
_REASONS: Final = (
    (re.compile(r"Object contains unknown field"), "unknown"),
    (re.compile(r"Object missing required field"), "missing"),
    (re.compile(r"Expected `[^`]+` of length <"), "too_long"),
    (re.compile(r"Expected `[^`]+` of length >"), "too_short"),
    (re.compile(r"Invalid enum value|Expected `[^`]+` [<>]"), "not_allowed"),
    (re.compile(r"Expected `[^`]+`, got `"), "wrong_type"),
)
_PLACE: Final = re.compile(r" - at `\$([A-Za-z0-9_.\[\]]*)`$", re.ASCII)
_MISSING: Final = re.compile(r"Object missing required field `([A-Za-z0-9_]+)`", re.ASCII)


def _invalid_input(message: str) -> InvalidInput:
    place = _PLACE.search(message)
    path = place.group(1).lstrip(".") if place else ""
    if missing := _MISSING.match(message):
        path = f"{path}.{missing.group(1)}".lstrip(".")
    reason = next((word for pattern, word in _REASONS if pattern.match(message)), "malformed")
    return InvalidInput(path or "body", reason)
