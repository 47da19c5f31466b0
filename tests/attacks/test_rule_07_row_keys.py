"""Rule 7: the keys of rows are keyed hashes with one label for each kind; strangers' rows have one constant version."""

import re

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import AccountKey, ObjectId
from shared.domain.person import FIRST_VERSION, Person
from tests.builders import a_world
from tests.fakes.keys import a_keyring

KEYRING = a_keyring()
TEXTS = st.text(min_size=1, max_size=40)


@given(TEXTS)
def test_no_typed_name_has_the_key_of_an_account(text: str) -> None:
    """Labels separate immutable ids, names and strangers, for every text."""
    keys = {KEYRING.account_key(ObjectId(text)), KEYRING.stranger_key(text, "20260302"), KEYRING.name_key(text)}
    assert len(keys) == 3


@given(TEXTS)
def test_every_row_key_has_52_letters_and_digits(text: str) -> None:
    """A key has no text of the user: 52 characters of base32, for a stranger 43 of them after the week (R-90)."""
    for key in (KEYRING.account_key(ObjectId(text)), KEYRING.name_key(text)):
        assert re.fullmatch("[a-z2-7]{52}", key)
    assert re.fullmatch("20260302-[a-z2-7]{43}", KEYRING.stranger_key(text, "20260302"))


def test_two_directories_never_share_a_row() -> None:
    """The directory's id is part of every key, so the same object id elsewhere is another account."""
    other = a_keyring(directory_id="another")
    assert other.account_key(ObjectId("x")) != KEYRING.account_key(ObjectId("x"))
    assert other.name_key("x") != KEYRING.name_key("x")
    assert other.stranger_key("x", "20260302") != KEYRING.stranger_key("x", "20260302")


def test_a_rotation_of_keys_does_not_change_row_keys() -> None:
    """The keys of rows depend on the index key, which does not rotate."""
    assert a_keyring(code_versions=(1, 2)).account_key(ObjectId("x")) == KEYRING.account_key(ObjectId("x"))


async def test_rows_without_a_registration_have_one_constant_version() -> None:
    """The first challenge stores this version in the token, so the token does not tell these rows apart."""
    world = a_world()
    await world.ada()
    await world.account("unregistered")
    versions = {
        world.verification(await world.challenge(await world.start(name))).version
        for name in ("ada", "unregistered", "unknown")
    }
    assert versions == {FIRST_VERSION}
    assert Person(account=AccountKey("nobody")).version == FIRST_VERSION
    assert len(FIRST_VERSION) == len(world.adapters.randomness.token())
