"""Registration: what a confirmation, a change, a removal and a prefill do to the row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput, Limited
from shared.domain.person import Failures, MethodState, PendingContact, Person, Source
from shared.domain.registration import NewContact, begun, confirmed, prefilled, reconfirmed, removed
from tests.builders import EMAIL, PHONE, a_method, a_person, a_policy, at
from tests.builders import prefilled as a_prefilled
from tests.fakes.clock import MONDAY_MORNING

KEY = AccountKey("account")
POLICY = a_policy()
NEW = NewContact(name="email", sealed="sealed", destination="new", source=Source.SELF)


def begin(person: Person, contact: NewContact = NEW, *, after: timedelta = timedelta(), name: str = "r") -> Person:
    return begun(person, contact, "email", registration=name, code_key=1, now=MONDAY_MORNING + after, policy=POLICY)


def confirm(person: Person, contact: NewContact = NEW, *, policy: object = POLICY) -> Person:
    pending = PendingContact(
        name=contact.name, channel="email", sealed=contact.sealed, destination=contact.destination,
        source=contact.source, registration="r", code_key=1, send=1, sent_at=MONDAY_MORNING, expires_at=at(minutes=15),
    )  # fmt: skip
    person = replace(person, pending=(pending,))
    return confirmed(person, pending, event="e", version="new version", now=MONDAY_MORNING, policy=policy)


def test_the_same_contact_again_is_a_resend() -> None:
    """It keeps its id and its end, counts up, and waits its turn."""
    first = begin(a_person(), name="first")
    with pytest.raises(Limited) as limited:
        begin(first, after=timedelta(seconds=59))
    assert limited.value.retry_after in {1, 2}
    pending = begin(first, after=timedelta(seconds=60), name="second").pending[0]
    assert (pending.registration, pending.send, pending.expires_at) == ("first", 2, at(minutes=15))


def test_another_contact_starts_over() -> None:
    """At once, under a new id, and in place of the first."""
    after = begin(begin(a_person(), name="first"), replace(NEW, destination="other"), name="second")
    assert [(p.registration, p.send, p.destination) for p in after.pending] == [("second", 1, "other")]


def test_an_expired_attempt_starts_over() -> None:
    """On the second."""
    first = begin(a_person(), name="first")
    assert begin(first, after=timedelta(minutes=15), name="second").pending[0].send == 1


def test_a_first_method_counts_at_once_and_says_that_it_was_added() -> None:
    """There is nothing yet that it could endanger; no version is drawn."""
    after = confirm(a_person())
    method = after.methods[0]
    assert (method.state, method.confirmed_at, method.usable_from) == (MethodState.CONFIRMED, MONDAY_MORNING, None)
    assert after.version == a_person().version
    assert [(n.template, n.event, n.method) for n in after.notices] == [("method_added", "e", "email")]
    assert after.pending == ()


def test_a_new_method_rests_where_the_older_ones_are_enough() -> None:
    """A thief with a session and a phone of their own waits a day, in which the owner is told (R-63)."""
    one_gate = a_policy(gates=1)
    phone = a_person(mobile_phone=PHONE)
    assert confirm(phone, policy=one_gate).method("email").usable_from == at(hours=24)
    assert confirm(phone).method("email").usable_from is None
    no_rest = a_policy(gates=1, new_method_rest_hours=0)
    assert confirm(phone, policy=no_rest).method("email").usable_from is None
    resting = a_person(methods=(a_method("mobile_phone", PHONE, KEY, usable_from=at(hours=1)),))
    assert confirm(resting, policy=one_gate).method("email").usable_from is None


def test_a_changed_method_draws_a_version_and_remembers_the_old_address() -> None:
    """The person is told at both (rule 12, R-50)."""
    after = confirm(a_person(email=EMAIL))
    assert after.version == "new version"
    assert [(gone.name, gone.removed_at) for gone in after.removed] == [("email", MONDAY_MORNING)]
    assert after.notices[0].template == "method_changed"
    assert after.method("email").source is Source.SELF


def test_an_unchanged_method_is_refreshed_in_silence() -> None:
    """Confirmed again: no version, no notice, its rest and its provenance as they were, its failures forgotten."""
    old = a_method("email", EMAIL, KEY, usable_from=at(hours=5), source=Source.ADMINISTRATOR)
    failures = {"reset:1:email": Failures(since=at(), count=9), "reset:1:mobile_phone": Failures(since=at(), count=1)}
    contact = replace(NEW, destination=old.destination)
    after = confirm(a_person(methods=(old,), failures=failures), contact)
    method = after.method("email")
    assert (method.confirmed_at, method.usable_from, method.source) == (
        MONDAY_MORNING, at(hours=5), Source.ADMINISTRATOR,
    )  # fmt: skip
    assert (after.version, after.notices) == (a_person().version, ())
    assert set(after.failures) == {"reset:1:mobile_phone"}


def test_another_contact_than_the_prefilled_one_is_an_addition() -> None:
    """Nobody had confirmed the administrator's datum: nothing changed for anybody, so no version and no farewell."""
    after = confirm(a_person(methods=(a_prefilled("email", EMAIL, KEY),)))
    assert after.version == a_person().version
    assert after.removed == ()
    assert after.notices[0].template == "method_added"
    assert after.method("email").source is Source.SELF


def test_a_removed_method_is_told_of_for_thirty_days() -> None:
    """And then forgotten, when the next one goes."""
    after = removed(a_person(email=EMAIL, mobile_phone=PHONE), "email", event="e", version="v", now=MONDAY_MORNING)
    assert after.method("email") is None
    assert (after.version, after.notices[0].template) == ("v", "method_removed")
    for days, kept in ((29, 2), (30, 1)):
        later = removed(after, "mobile_phone", event="f", version="w", now=at(days=days))
        assert len(later.removed) == kept


def test_what_was_never_confirmed_goes_without_a_word() -> None:
    """A pending contact and a prefilled one: no version, no notice."""
    person = begin(a_person(methods=(a_prefilled("email", EMAIL, KEY),)))
    after = removed(person, "email", event="e", version="v", now=MONDAY_MORNING)
    assert (after.methods, after.pending, after.notices, after.version) == ((), (), (), person.version)
    with pytest.raises(InvalidInput):
        removed(after, "email", event="e", version="v", now=MONDAY_MORNING)


def test_reconfirming_refreshes_what_was_confirmed_and_nothing_else() -> None:
    """A prefilled contact is not confirmed by a general yes."""
    person = a_person(email=EMAIL, methods=(a_method("email", EMAIL, KEY), a_prefilled("mobile_phone", PHONE, KEY)))
    after = reconfirmed(person, MONDAY_MORNING)
    assert [method.confirmed_at for method in after.methods] == [MONDAY_MORNING, None]
    assert after.methods[1].state is MethodState.PREFILLED


@pytest.mark.parametrize(
    ("old", "verdict", "changes"),
    [
        ((), "prefilled", True),
        ((a_prefilled("email", "other@mail.example", KEY),), "prefilled", True),
        ((a_prefilled("email", EMAIL, KEY),), "unchanged", False),
        ((a_method("email", EMAIL, KEY),), "unchanged", False),
        ((a_method("email", "other@mail.example", KEY),), "confirmed_by_person", False),
    ],
)
def test_a_prefill_never_replaces_what_the_person_confirmed(
    old: tuple[object, ...], verdict: str, changes: bool
) -> None:
    """Or the account would belong to whoever holds the administrator's file (R-65)."""
    mine = a_method("email", EMAIL, KEY)
    contact = NewContact(name="email", sealed=mine.sealed, destination=mine.destination, source=Source.ADMINISTRATOR)
    person = a_person(methods=old)
    after, said = prefilled(person, contact, MONDAY_MORNING)
    assert said == verdict
    assert (after != person) is changes
    assert after.version == person.version
