"""Gates: how many proofs are needed, and which of them are different ones."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import AccountKey
from shared.domain.gates import distinct, due_at, gates_needed, left_for_next_gate, satisfied_by, usable
from shared.domain.verification import PassedGate
from tests.builders import EMAIL, PHONE, a_method, a_person, a_policy, at, prefilled
from tests.fakes.clock import MONDAY_MORNING

KEY = AccountKey("account")
POLICY = a_policy()
PROOFS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=6)


@pytest.mark.parametrize(("gates", "privileged", "needed"), [(1, False, 1), (1, True, 2), (2, False, 2), (2, True, 2)])
def test_a_role_always_needs_two(gates: int, privileged: bool, needed: int) -> None:
    """Whatever the policy for everybody says (R-28)."""
    assert gates_needed(a_policy(gates=gates), privileged=privileged) == needed


@given(PROOFS)
def test_distinct_proofs_are_never_more_than_methods_or_destinations(proofs: list[tuple[str, str]]) -> None:
    """Two codes by one method, or to one place, are one proof however they are combined."""
    count = distinct(proofs)
    assert count <= min(len({method for method, _ in proofs}), len({place for _, place in proofs}))
    assert (count >= 1) is bool(proofs)


@given(PROOFS, PROOFS)
def test_another_proof_never_takes_one_away(proofs: list[tuple[str, str]], more: list[tuple[str, str]]) -> None:
    """What was proved stays proved."""
    assert distinct(proofs + more) >= distinct(proofs)


def test_usable_is_confirmed_offered_and_rested() -> None:
    """Prefilled data proves nothing, nor does a method that is not offered or still rests."""
    resting = a_method("mobile_phone", PHONE, KEY, usable_from=at(hours=1))
    person = a_person(methods=(prefilled("email", EMAIL, KEY), resting, a_method("office_phone", PHONE, KEY)))
    assert usable(person, POLICY, MONDAY_MORNING) == ()
    assert usable(person, POLICY, at(hours=1)) == (resting,)
    assert usable(person, a_policy(gates=1, methods=("email",)), at(hours=1)) == ()


def test_the_next_gate_shares_nothing_with_the_ones_behind() -> None:
    """Neither method nor destination (R-26)."""
    person = a_person(email=EMAIL, mobile_phone=PHONE)
    email, phone = person.methods
    assert left_for_next_gate(person, (), POLICY, MONDAY_MORNING) == (email, phone)
    behind = (PassedGate(gate=1, method="email", destination=email.destination),)
    assert left_for_next_gate(person, behind, POLICY, MONDAY_MORNING) == (phone,)
    elsewhere = (PassedGate(gate=1, method="other", destination=phone.destination),)
    assert left_for_next_gate(person, elsewhere, POLICY, MONDAY_MORNING) == (email,)


def test_enough_is_what_opens_every_gate() -> None:
    """Two methods with one destination are not enough for two gates."""
    person = a_person(email=EMAIL, mobile_phone=PHONE)
    assert satisfied_by(person.methods, 2)
    assert not satisfied_by(person.methods[:1], 2)
    same = (person.methods[0], a_method("mobile_phone", PHONE, KEY, destination=person.methods[0].destination))
    assert not satisfied_by(same, 2)


def test_a_registration_is_due_when_its_oldest_confirmation_is() -> None:
    """180 days after it; never without one, nor when the policy never asks."""
    person = a_person(email=EMAIL, methods=(a_method("email", EMAIL, KEY, confirmed_at=at(days=-10)),))
    assert due_at(person, POLICY) == at(days=170)
    assert due_at(person, a_policy(reconfirm_days=0)) is None
    assert due_at(a_person(methods=(prefilled("email", EMAIL, KEY),)), POLICY) is None
    both = (*person.methods, a_method("mobile_phone", PHONE, KEY, confirmed_at=at(days=-20)))
    assert due_at(a_person(methods=both), POLICY) == at(days=160)
    assert due_at(person, a_policy(reconfirm_days=1)) == MONDAY_MORNING + timedelta(days=-9)
