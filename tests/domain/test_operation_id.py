"""Operation ids: one for each letter, and what says whose letter it was."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.operation_id import PREFIX, account_beginning, operation_id
from tests.fakes.keys import a_keyring

KEYS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=52, max_size=52)


@given(KEYS, st.text(max_size=80))
def test_an_id_is_a_uuid_that_leads_back(account: str, idempotency: str) -> None:
    """Version 8 of RFC 9562, and the beginning of the account key can be read from it."""
    made = uuid.UUID(operation_id(account, idempotency))
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    assert account_beginning(str(made)) == account[:PREFIX]


@given(KEYS, KEYS, st.text(max_size=20), st.text(max_size=20))
def test_an_id_is_of_one_letter(account: str, other: str, one: str, two: str) -> None:
    """The same letter has the same id, so that the provider takes it once; any other letter has another."""
    assert operation_id(account, one) == operation_id(account, one)
    if (account, one) != (other, two):
        assert operation_id(account, one) != operation_id(other, two)


def test_accounts_that_begin_alike_have_ids_of_their_own() -> None:
    """The whole key is in the digest."""
    assert operation_id("a" * 52, "x") != operation_id("a" * 51 + "b", "x")


@pytest.mark.parametrize("foreign", ["", "None", "Outgoing_1_noam", str(uuid.UUID(int=0)), str(uuid.uuid4())])
def test_what_is_not_ours_leads_nowhere(foreign: str) -> None:
    """The same provider may send for others."""
    assert account_beginning(foreign) == ""


@pytest.mark.parametrize("account", ["", "short", "A" * 52, "a" * 11 + "1"])
def test_only_an_account_key_makes_an_id(account: str) -> None:
    """A letter without its owner is a fault of ours and is not sent."""
    with pytest.raises(ValueError, match="not an account key"):
        operation_id(account, "x")


def test_the_keys_of_the_keyring_fit() -> None:
    """Of people and of strangers."""
    keyring = a_keyring()
    for key in (keyring.account_key("object"), keyring.stranger_key("name")):  # type: ignore[arg-type]
        assert account_beginning(operation_id(key, "x")) == key[:PREFIX]
