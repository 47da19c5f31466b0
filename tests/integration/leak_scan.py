"""Searches bytes for a secret in every form in which programs may store it."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

SHORTEST = 6  # bytes of an encoded form; a shorter one would be found by chance
LONG = 120  # characters; for a longer secret, a piece from its middle counts as a leak too
PIECE = 60


@dataclass(frozen=True)
class Secret:
    """A secret to search for, and a name for it in reports, which must not contain the secret."""

    name: str
    text: str


@dataclass(frozen=True)
class Leak:
    """One secret found in one place, in one form."""

    secret: str
    form: str
    place: str


def forms(text: str) -> Iterator[tuple[str, bytes]]:
    """Return every form of a text, with its name."""
    yield from _forms_of(text)
    if len(text) > LONG:
        middle = len(text) // 2
        for name, form in _forms_of(text[middle : middle + PIECE]):
            yield f"a piece, {name}", form
    raw = text.encode()
    for name, digest in (("sha256", hashlib.sha256(raw)), ("sha1", hashlib.sha1(raw)), ("md5", hashlib.md5(raw))):
        yield f"{name} in hex", digest.hexdigest().encode()
        yield f"{name} in base64", base64.b64encode(digest.digest()).rstrip(b"=")
        yield f"{name} in base64url", base64.urlsafe_b64encode(digest.digest()).rstrip(b"=")


def _forms_of(text: str) -> Iterator[tuple[str, bytes]]:
    raw = text.encode()
    yield "plain", raw
    yield "in UTF-16", text.encode("utf-16-le")
    yield "backwards", raw[::-1]
    yield "as JSON", json.dumps(text)[1:-1].encode()
    yield "percent-encoded", quote(text, safe="").encode()
    yield "percent-encoded, lower case", re.sub("%..", lambda m: m[0].lower(), quote(text, safe="")).encode()
    yield "as in a form", quote_plus(text, safe="").encode()
    yield "in hex", raw.hex().encode()
    for offset in range(3):
        yield f"in base64, {offset} bytes in", _base64_at(raw, offset)
        yield f"in base64url, {offset} bytes in", _base64_at(raw, offset).translate(bytes.maketrans(b"+/", b"-_"))
        # Base64 is often encoded again: a queue message inside a log line.
        twice = _base64_at(_base64_at(raw, offset), 0)
        yield f"in base64 twice, {offset} bytes in", twice


def _base64_at(raw: bytes, offset: int) -> bytes:
    """Return the base64 characters that encode only these bytes if `offset` other bytes precede them in a group of
    three.
    """
    encoded = base64.b64encode(b"\0" * offset + raw).rstrip(b"=")
    shared_at_end = (len(raw) + offset) % 3 != 0
    return encoded[(0, 2, 3)[offset] : -1 if shared_at_end else None]


class Scanner:
    """Holds the secrets and searches one place after the other."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._wanted: dict[bytes, tuple[str, str]] = {}
        self._digits: dict[bytes, bytes] = {}
        for secret in secrets:
            for form, text in forms(secret.text):
                if len(text) >= SHORTEST:
                    self._wanted.setdefault(text, (secret.name, form))
                    if secret.text.isdigit() and "base64" in form and "sha" not in form and "md5" not in form:
                        self._digits.setdefault(text, secret.text.encode())

    def __len__(self) -> int:
        return len(self._wanted)

    def leaks(self, places: Mapping[str, bytes]) -> list[Leak]:
        """Return every finding: one entry for each secret, form and place."""
        return [
            Leak(*self._wanted[text], place)
            for place, heap in places.items()
            for text in self._wanted
            if text in heap and self._is_found(text, heap)
        ]

    def _is_found(self, text: bytes, heap: bytes) -> bool:
        """A code of six digits in base64 is found by chance too: in the microseconds of a time, for instance."""
        if text not in self._digits:
            return stands_alone(text, heap)
        digits, around = self._digits[text], rb"[A-Za-z0-9+/_-]*" + re.escape(text) + rb"[A-Za-z0-9+/_-]*"
        once = [decoded for run in re.findall(around, heap) for decoded in decodings(run)]
        runs = [run for decoded in once for run in re.findall(rb"[A-Za-z0-9+/_-]{6,}", decoded)]
        twice = [decoded for run in runs for decoded in decodings(run)]
        return any(stands_alone(digits, decoded) for decoded in (*once, *twice))


def decodings(run: bytes) -> Iterator[bytes]:
    """Yield what a run of base64 characters says, from each place where its first group of four may begin."""
    for start in range(min(4, len(run))):
        whole = run[start:].translate(bytes.maketrans(b"-_", b"+/"))
        groups = whole if len(whole) % 4 != 1 else whole[:-1]
        yield base64.b64decode(groups + b"=" * (-len(groups) % 4))


def stands_alone(text: bytes, heap: bytes) -> bool:
    """Digits inside a longer word, or in the microseconds of a time, are there by chance and are not a code."""
    if not re.fullmatch(rb"[0-9]+", text):
        return True
    return re.search(rb"(?<![0-9A-Za-z])(?<!:[0-9][0-9]\.)" + text + rb"(?![0-9A-Za-z])", heap) is not None
