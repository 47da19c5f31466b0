"""The scanner for secrets itself: it finds planted secrets in every form, and reports nothing else."""

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
def test_the_leak_scan_finds_a_secret_in_every_form(secret: str) -> None:
    """Plain, JSON, URL, hex, base64 at each of three offsets in a longer text, digests."""
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
        *(base64.b64encode(b'"' * offset + raw + b'"' * after) for offset in range(4) for after in range(3)),
        *(base64.urlsafe_b64encode(b'"' * offset + raw + b'"' * after) for offset in range(4) for after in range(3)),
    ]
    missed = [text for text in planted if not found(secret, b'"' + text + b'"')]
    assert missed == []


def test_the_leak_scan_finds_a_piece_of_a_token() -> None:
    """A log with a shortened token leaks it too."""
    assert found(TOKEN, TOKEN[600:1000].encode())


@pytest.mark.parametrize("secret", [PASSWORD, CODE, TOKEN], ids=["password", "code", "token"])
def test_the_leak_scan_finds_nothing_in_empty_data(secret: str) -> None:
    """A scanner that always reports a leak would be useless."""
    assert not found(secret, b"")


def test_the_leak_scan_finds_a_code_but_not_its_digits_inside_a_longer_word() -> None:
    """Times, counters and digests often contain eight digits in a row."""
    assert not found(CODE, b"140718825 407188251 x40718825y")
    assert found(CODE, b"code=40718825&")
    event = b'{"at": "2026-11-22T12:00:00.407188+00:00"}'
    forms = [event, *(base64.b64encode(b" " * offset + event) for offset in range(3))]
    assert [form for form in forms if found("407188", form)] == []


def test_the_report_of_a_leak_does_not_contain_the_secret() -> None:
    """Otherwise the report itself would be a leak."""
    [leak] = Scanner([Secret("the password of noor", PASSWORD)]).leaks({"log": PASSWORD.encode()})
    assert leak == Leak("the password of noor", "plain", "log")


def test_the_leak_scan_does_not_find_compressed_secrets() -> None:
    """This limit is known: data must be scanned before it is compressed."""
    assert not found(PASSWORD, gzip.compress(PASSWORD.encode() * 3))
