"""Keyring: a sealed value opens only in its context, with every key version that is still available."""

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
def test_a_sealed_value_opens_in_its_context(text: str) -> None:
    """For any text. Sealing it twice gives two different values."""
    sealed = KEYRING.seal(text, account=ADA, purpose="email")
    assert KEYRING.open(sealed, account=ADA, purpose="email") == text
    assert KEYRING.seal(text, account=ADA, purpose="email") != sealed


@pytest.mark.parametrize(("account", "purpose"), [(BOB, "email"), (ADA, "mobile_phone"), (AccountKey("ada:email"), "")])
def test_a_sealed_value_does_not_open_in_another_context(account: AccountKey, purpose: str) -> None:
    """An attacker who copies a contact to another account or method cannot use it there."""
    sealed = KEYRING.seal("ada@mail.example", account=ADA, purpose="email")
    with pytest.raises(Unreadable):
        KEYRING.open(sealed, account=account, purpose=purpose)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_sealed_value_with_a_changed_bit_does_not_open(place: int, change: int) -> None:
    """In the nonce, the ciphertext or the tag."""
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
def test_a_value_that_was_never_sealed_does_not_open(sealed: str) -> None:
    """Any text raises Unreadable and no other exception."""
    with pytest.raises(Unreadable):
        KEYRING.open(sealed, account=ADA, purpose="email")


def test_the_newest_key_seals_and_every_available_version_opens() -> None:
    """Rotation: old values open as long as their key version is available, and not afterwards (R-103)."""
    old, both, new = (VersionedKeys({v: a_key(str(v)) for v in versions}) for versions in ((1,), (1, 2), (2,)))
    sealed = seal(old, b"text", "place")
    assert unseal(both, sealed, "place") == b"text"
    assert seal(both, b"text", "place").startswith("2.")
    with pytest.raises(Unreadable):
        unseal(new, sealed, "place")


def test_a_sealed_value_does_not_open_under_another_key_version() -> None:
    """The version is bound into the seal, so the same key with another version number does not open it."""
    keys = VersionedKeys({1: a_key("same"), 2: a_key("same")})
    sealed = seal(VersionedKeys({1: a_key("same")}), b"text", "place")
    with pytest.raises(Unreadable):
        unseal(keys, "2" + sealed[1:], "place")


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4), st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_digests_of_different_parts_differ(one: list[str], other: list[str]) -> None:
    """Also when the parts joined together are the same text."""
    if one != other:
        assert KEYRING.digest(*one) != KEYRING.digest(*other)


@pytest.mark.parametrize("thing", [KEYRING, KEYRING.code_keys], ids=["keyring", "code keys"])
def test_the_text_form_of_a_keyring_contains_no_key(thing: object) -> None:
    """A keyring that is logged by mistake must not reveal keys (R-101)."""
    assert a_key("index").hex()[:8] not in repr(thing)
    assert "\\x" not in repr(thing)
