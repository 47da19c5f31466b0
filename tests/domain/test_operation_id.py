"""Operation ids: one for each message, from which the account can be found."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import ObjectId
from shared.domain.operation_id import PREFIX, account_beginning, operation_id
from tests.fakes.keys import a_keyring

KEYS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=52, max_size=52)


@given(KEYS, st.text(max_size=80))
def test_an_operation_id_is_a_uuid_with_the_start_of_the_account_key(account: str, idempotency: str) -> None:
    """It is a UUID of version 8 (RFC 9562)."""
    made = uuid.UUID(operation_id(account, idempotency))
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    assert account_beginning(str(made)) == account[:PREFIX]


@given(KEYS, KEYS, st.text(max_size=20), st.text(max_size=20))
def test_every_message_has_its_own_operation_id(account: str, other: str, one: str, two: str) -> None:
    """The same message has the same id, so that the provider accepts it once. Another message has another id."""
    assert operation_id(account, one) == operation_id(account, one)
    if (account, one) != (other, two):
        assert operation_id(account, one) != operation_id(other, two)


def test_account_keys_with_the_same_start_have_different_operation_ids() -> None:
    """The digest covers the whole key."""
    assert operation_id("a" * 52, "x") != operation_id("a" * 51 + "b", "x")


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param("", id="nothing"),
        pytest.param("None", id="a word"),
        pytest.param("Outgoing_1_noam", id="another form"),
        pytest.param(str(uuid.UUID(int=0)), id="the nil UUID"),
        pytest.param(str(uuid.uuid4()), id="a UUID of version 4"),
    ],
)
def test_a_foreign_operation_id_gives_no_account(foreign: str) -> None:
    """The same provider may send for other services."""
    assert account_beginning(foreign) == ""


@pytest.mark.parametrize(
    "account",
    [
        pytest.param("", id="nothing"),
        pytest.param("short", id="too short"),
        pytest.param("A" * 52, id="capitals"),
        pytest.param("a" * 11 + "1", id="a digit that is not in the alphabet"),
    ],
)
def test_an_operation_id_needs_an_account_key(account: str) -> None:
    """A message without an account is a bug and is not sent."""
    with pytest.raises(ValueError, match="not an account key"):
        operation_id(account, "x")


def test_every_account_key_of_the_keyring_makes_an_operation_id() -> None:
    """So an email can always be sent."""
    key = a_keyring().account_key(ObjectId("object"))
    assert account_beginning(operation_id(key, "x")) == key[:PREFIX]
