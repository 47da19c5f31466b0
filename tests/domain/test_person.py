"""Person: what a row tells about the last writes, and the small changes that all rules use."""

from dataclasses import replace

from shared.domain.account import AccountKey
from shared.domain.person import (
    RING,
    Evidence,
    EvidenceClass,
    MethodState,
    Notice,
    Person,
    RegisteredMethod,
    Sealed,
    Source,
)
from tests.builders import a_person
from tests.fakes.clock import MONDAY_MORNING

EARLIER = tuple(f"write {n}" for n in range(RING))


def an_app(credential: str, text: str = "a secret", label: str = "") -> RegisteredMethod:
    evidence = Evidence(kind=EvidenceClass.DEVICE, destination=f"digest of {credential}")
    sealed = Sealed(method="authenticator_app", text=text, evidence=evidence, credential=credential)
    return RegisteredMethod(
        sealed=sealed, state=MethodState.CONFIRMED, source=Source.SELF, set_at=MONDAY_MORNING, label=label
    )


def test_a_write_keeps_the_ring_even_if_it_replaces_the_whole_row() -> None:
    """An erasure, for example, writes a new row. Parallel writers must still find their nonces."""
    assert Person(account=AccountKey("account")).stamped("mine", EARLIER[:2]).ring == (*EARLIER[:2], "mine")


def test_a_new_text_replaces_that_of_its_own_credential_only() -> None:
    """Of several apps, only the one that was used changes."""
    one, two = an_app("one"), an_app("two", label="spare")
    after = a_person(methods=(one, two)).with_sealed(an_app("two", "a secret that was used").sealed)
    assert after.methods == (one, replace(two, sealed=an_app("two", "a secret that was used").sealed))


def test_credentials_of_a_method_are_found_by_their_ids() -> None:
    """A contact has none."""
    person = a_person(email="ada@mail.example", methods=(*a_person(email="x@mail.example").methods, an_app("one")))
    assert person.method("authenticator_app", "one") == an_app("one")
    assert person.method("authenticator_app") is None
    assert person.method("authenticator_app", "two") is None
    assert person.method("email") == person.methods[0]


def test_a_notice_is_owed_until_it_is_removed() -> None:
    """It is found by its event."""
    person = a_person().with_notice(Notice(event="e", template="method_added", at=MONDAY_MORNING))
    assert person.owes("e")
    assert not person.owes("f")
    assert not replace(person, notices=()).owes("e")


def test_a_row_that_only_strangers_touched_is_empty() -> None:
    """It has nonces and attempts only, so it may be purged once it is idle."""
    assert Person(account=AccountKey("account"), ring=EARLIER).is_empty
    assert not a_person().is_empty
