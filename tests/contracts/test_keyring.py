"""Keyring: sealed values open in their own place only, under every key version that is still held."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.keyring import VersionedKeys, seal, unseal
from shared.domain.account import AccountKey
from shared.ports.keyring import Unreadable
from tests.fakes.keys import a_key, a_keyring

KEYRING = a_keyring()
ADA, BOB = AccountKey("ada"), AccountKey("bob")


@given(st.text(max_size=320))
def test_what_was_sealed_opens_in_its_place(text: str) -> None:
    """Any text, and two seals of it differ."""
    sealed = KEYRING.seal(text, account=ADA, purpose="email")
    assert KEYRING.open(sealed, account=ADA, purpose="email") == text
    assert KEYRING.seal(text, account=ADA, purpose="email") != sealed


@pytest.mark.parametrize(("account", "purpose"), [(BOB, "email"), (ADA, "mobile_phone"), (AccountKey("ada:email"), "")])
def test_it_opens_nowhere_else(account: AccountKey, purpose: str) -> None:
    """A contact copied to another account, or to another method, is unreadable there."""
    sealed = KEYRING.seal("ada@mail.example", account=ADA, purpose="email")
    with pytest.raises(Unreadable):
        KEYRING.open(sealed, account=account, purpose=purpose)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_bit_does_not_open(place: int, change: int) -> None:
    """In the nonce, the text or the tag."""
    head, _, body = KEYRING.seal("ada@mail.example", account=ADA, purpose="email").partition(".")
    raw = bytearray(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    raw[place % len(raw)] ^= change
    with pytest.raises(Unreadable):
        KEYRING.open(f"{head}.{base64.urlsafe_b64encode(raw).decode()}", account=ADA, purpose="email")


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        ".",
        "1",
        "1.",
        "1.A",
        "1.!!!!",
        "2.AAAA",
        "1.é",
        "x.AAAA",
        "-1.AAAA",
        "99999.AAAA",
        "٣.AAAA",
        "1." + "A" * 40,
    ],
)
def test_what_nobody_sealed_does_not_open(sealed: str) -> None:
    """Anything at all is Unreadable, and nothing else is raised."""
    with pytest.raises(Unreadable):
        KEYRING.open(sealed, account=ADA, purpose="email")


def test_every_version_held_opens_and_the_newest_seals() -> None:
    """Rotation: old values open while their key is held, and not a day longer (R-103)."""
    old, both, new = (VersionedKeys({v: a_key(str(v)) for v in versions}) for versions in ((1,), (1, 2), (2,)))
    sealed = seal(old, b"text", "place")
    assert unseal(both, sealed, "place") == b"text"
    assert seal(both, b"text", "place").startswith("2.")
    with pytest.raises(Unreadable):
        unseal(new, sealed, "place")


def test_a_version_cannot_be_relabelled() -> None:
    """The version is bound into the seal: the same key under another number does not open it."""
    keys = VersionedKeys({1: a_key("same"), 2: a_key("same")})
    sealed = seal(VersionedKeys({1: a_key("same")}), b"text", "place")
    with pytest.raises(Unreadable):
        unseal(keys, "2" + sealed[1:], "place")


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4), st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_digests_of_different_parts_differ(one: list[str], other: list[str]) -> None:
    """Also where the parts run together to the same text."""
    if one != other:
        assert KEYRING.digest(*one) != KEYRING.digest(*other)


def test_nothing_of_the_keys_is_printed() -> None:
    """A keyring that strays into a log says nothing (R-101)."""
    for thing in (KEYRING, KEYRING.code_keys):
        assert a_key("index").hex()[:8] not in repr(thing)
        assert "\\x" not in repr(thing)
