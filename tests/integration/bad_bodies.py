"""Request bodies that must be refused, derived from a valid one, each with the expected status and code."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JSON = "application/json"
KIB = 1024
HUGE_NUMBER = "9" * 5000
MAY_BE_NULL = {"contact", "channel"}
MAY_BE_EMPTY = {"new_password"}  # an empty candidate breaks a password rule, not the request format
HAS_ANYTHING_IN_IT = {"rows"}  # what is wrong with a row is in its verdict
HALF_A_PAIR = "\\ud800"


@dataclass(frozen=True)
class Bad:
    """One body as bytes, and the expected refusal."""

    what: str
    body: bytes
    status: int = 400
    content_type: str | None = JSON

    @property
    def code(self) -> str:
        return {400: "bad_input", 413: "too_large", 415: "unsupported_content"}[self.status]


def bad_bodies(good: Mapping[str, Any], *, limit: int = 16 * KIB) -> Iterator[Bad]:
    """Return bodies that each differ from `good` in one fault; `limit` is the endpoint's, in bytes."""
    yield from _wrong_fields(good)
    yield from _wrong_documents(json.dumps(good), limit)
    yield from _wrong_encodings(json.dumps(good))


def _wrong_fields(good: Mapping[str, Any]) -> Iterator[Bad]:
    for name, value in good.items():
        for wrong in (17, True, 1.5, None, [value], {"value": value}, [], ""):
            if (wrong is None and name in MAY_BE_NULL) or (wrong == "" and name in MAY_BE_EMPTY):
                continue
            if name in HAS_ANYTHING_IN_IT and wrong == [value]:
                continue
            yield _with(good, f"{name} as {json.dumps(wrong)}", name, json.dumps(wrong))
        if isinstance(value, str):
            yield _with(good, f"{name} of 5,000 characters", name, json.dumps("x" * 5000))
            yield _with(good, f"{name} with half a surrogate pair", name, f'"{HALF_A_PAIR}"')
            yield _with(good, f"{name} with a raw control character", name, '"a\nb"')
        yield _with(good, f"{name} as a number of 5,000 digits", name, HUGE_NUMBER)
        yield _with(good, f"{name} as NaN", name, "NaN")
        yield _with(good, f"{name} as Infinity", name, "Infinity")
        yield _with(good, f"{name} as -Infinity", name, "-Infinity")
        yield _with(good, f"{name} as 1e999", name, "1e999")
        if name not in MAY_BE_NULL:
            yield Bad(f"{name} missing", json.dumps({k: v for k, v in good.items() if k != name}).encode())
        twice = json.dumps(good)[:-1] + f', "{name}": {json.dumps(value)}}}'
        yield Bad(f"{name} twice", twice.encode())
        escaped = json.dumps(good)[:-1] + f', "\\u{ord(name[0]):04x}{name[1:]}": {json.dumps(value)}}}'
        yield Bad(f"{name} twice, once escaped", escaped.encode())


def _with(good: Mapping[str, Any], what: str, name: str, literal: str) -> Bad:
    rest = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in good.items() if k != name]
    return Bad(what, ("{" + ", ".join([*rest, f'"{name}": {literal}']) + "}").encode())


def _wrong_documents(text: str, limit: int) -> Iterator[Bad]:
    comma = ", " if text != "{}" else ""
    yield Bad("an unknown field", (text[:-1] + f'{comma}"role": "administrator"}}').encode())
    yield Bad("a field that JavaScript knows", (text[:-1] + f'{comma}"__proto__": {{}}}}').encode())
    yield Bad("an unknown field twice", (text[:-1] + f'{comma}"zz": 1, "zz": 1}}').encode())
    yield Bad("depth 1,000", (text[:-1] + f'{comma}"deep": ' + "[" * 1000 + "]" * 1000 + "}").encode())
    yield Bad("depth 1,000 of objects", b'{"a":' * 1000 + b"1" + b"}" * 1000)
    yield Bad("depth without an end", b"[" * 8000)
    yield Bad("an array at the top", f"[{text}]".encode())
    yield Bad("a string at the top", json.dumps(text).encode())
    yield Bad("null at the top", b"null")
    yield Bad("a number at the top", b"1")
    yield Bad("nothing", b"")
    yield Bad("blanks only", b" \r\n\t ")
    yield Bad("cut off", text[:-1].encode())
    yield Bad("something after the end", text.encode() + b"}")
    yield Bad("two documents", text.encode() * 2)
    yield Bad("a comment", b"/* */" + text.encode())
    yield Bad("single quotes", b"{'identifier': 'x'}")
    yield Bad("a NUL at the end", text.encode() + b"\0")
    if limit == 16 * KIB:  # a body that is too long for prefill is too long for the host
        yield Bad("one byte too many", text.encode() + b" " * (limit + 1 - len(text)), 413)
        yield Bad("17 KiB", text.encode() + b" " * (17 * KIB - len(text)), 413)
        yield Bad("17 KiB of nonsense", b"\xff" * (17 * KIB), 413)


def _wrong_encodings(text: str) -> Iterator[Bad]:
    body = text.encode()
    yield Bad("UTF-16", text.encode("utf-16"), 415)
    yield Bad("UTF-16 without a mark", text.encode("utf-16-le"), 415)
    yield Bad("UTF-32", text.encode("utf-32"), 415)
    yield Bad("not UTF-8", body[:-1] + b"\xff}", 415)
    yield Bad("an overlong slash", body[:-1] + b"\xc0\xaf}", 415)
    for content_type in (
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json-seq",
        "application/problem+json",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json, text/plain",
        "application/json; " + "x" * 500,
    ):
        yield Bad(f"content type {content_type!r:.40}", body, 415, content_type)
