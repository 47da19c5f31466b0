"""Rule 7: rows are named by keyed hashes with a label each; strangers' rows are on the one constant version."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import AccountKey, ObjectId
from shared.domain.person import FIRST_VERSION, Person
from tests.builders import a_world
from tests.fakes.keys import a_keyring

KEYRING = a_keyring()
TEXTS = st.text(min_size=1, max_size=40)


@given(TEXTS)
def test_no_name_can_be_typed_whose_key_is_an_accounts(text: str) -> None:
    """Labels keep immutable ids, names and strangers apart, whatever the text."""
    keys = {KEYRING.account_key(ObjectId(text)), KEYRING.stranger_key(text), KEYRING.name_key(text)}
    assert len(keys) == 3


@given(TEXTS)
def test_a_key_is_one_length_of_letters_and_digits(text: str) -> None:
    """No user text in a key: 52 characters of base32, whatever was typed (R-90)."""
    for key in (KEYRING.account_key(ObjectId(text)), KEYRING.stranger_key(text), KEYRING.name_key(text)):
        assert len(key) == 52
        assert base64.b32decode(key.upper() + "====")


def test_two_directories_never_share_a_row() -> None:
    """The directory's id is part of every key: the same object id elsewhere is another account."""
    other = a_keyring(directory_id="another")
    assert other.account_key(ObjectId("x")) != KEYRING.account_key(ObjectId("x"))
    assert other.name_key("x") != KEYRING.name_key("x")
    assert other.stranger_key("x") != KEYRING.stranger_key("x")


def test_the_index_key_does_not_rotate_with_the_others() -> None:
    """New code keys leave every row where it is."""
    assert a_keyring(code_versions=(1, 2)).account_key(ObjectId("x")) == KEYRING.account_key(ObjectId("x"))


async def test_strangers_absent_and_untouched_rows_share_one_version() -> None:
    """What the first challenge pins is the same for all of them, so a token tells nothing apart."""
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
