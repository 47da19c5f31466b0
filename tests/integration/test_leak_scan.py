"""The scanner that looks for secrets, itself: it finds what is planted, in every form, and nothing else."""

import base64
import gzip
import hashlib
from urllib.parse import quote, quote_plus

import pytest

from tests.integration.leak_scan import Leak, Scanner, Secret

PASSWORD = "vélours bancal / sous + la pluie"
CODE = "40718825"
TOKEN = "1." + base64.urlsafe_b64encode(bytes(range(256)) * 5).decode().rstrip("=")
HAYSTACK = b'{"at": "2026-11-22T12:00:00.40718826Z", "invocation": "9a40718825bc-44"}\n' * 50


def found(secret: str, heap: bytes) -> bool:
    return bool(Scanner([Secret("it", secret)]).leaks({"here": HAYSTACK + heap + HAYSTACK}))


@pytest.mark.parametrize("secret", [PASSWORD, CODE, TOKEN, "person@mail.example", "+33639980001"])
def test_every_planted_form_is_found(secret: str) -> None:
    """Plain, JSON, URL, hex, base64 at each of three places in a longer text, digests: each is a leak."""
    raw = secret.encode()
    planted = [
        raw,
        secret.encode("utf-16-le"),
        raw.hex().encode(),
        quote(secret, safe="").encode(),
        quote_plus(secret).encode(),
        hashlib.sha256(raw).hexdigest().encode(),
        base64.b64encode(hashlib.sha256(raw).digest()),
        base64.urlsafe_b64encode(hashlib.sha256(raw).digest()),
        base64.b64encode(base64.b64encode(b'{"secret":"' + raw + b'"}')),
        *(base64.b64encode(b"x" * offset + raw + b"y" * after) for offset in range(4) for after in range(3)),
        *(base64.urlsafe_b64encode(b"x" * offset + raw + b"y" * after) for offset in range(4) for after in range(3)),
    ]
    missed = [text for text in planted if not found(secret, b'"' + text + b'"')]
    assert missed == []


def test_a_piece_of_a_token_is_found() -> None:
    """A log that cuts a token short has still leaked it."""
    assert found(TOKEN, TOKEN[600:1000].encode())


def test_nothing_is_found_where_nothing_is() -> None:
    """No alarm for times, counters and digests that hold eight digits in a row, nor for other passwords."""
    for secret in (PASSWORD, CODE, TOKEN):
        assert not found(secret, b"")
    assert not found(CODE, b"140718825 407188251 x40718825y")
    assert found(CODE, b"code=40718825&")


def test_a_leak_is_named_without_being_repeated() -> None:
    """The report of a leak must not become one."""
    [leak] = Scanner([Secret("the password of noor", PASSWORD)]).leaks({"log": PASSWORD.encode()})
    assert leak == Leak("the password of noor", "plain", "log")


def test_it_does_not_see_through_compression() -> None:
    """What it cannot find is known: whoever compresses a log has to scan it before."""
    assert not found(PASSWORD, gzip.compress(PASSWORD.encode() * 3))
