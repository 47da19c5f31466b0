"""Gates: how many proofs a reset needs, and which methods may pass the next gate."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.account import AccountKey
from shared.domain.gates import asked_at_registration, due_at, left_for_next_gate, needed_for_reset, on_row, proofs_by
from shared.domain.person import Evidence, EvidenceClass, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.verification import PassedGate
from tests.builders import EMAIL, PHONE, a_method, a_person, a_policy, an_attempt, an_attempt_id, at, prefilled
from tests.fakes.clock import MONDAY_MORNING

KEY = AccountKey("account")
POLICY = a_policy()
MAILBOX = Evidence(kind=EvidenceClass.MAILBOX, destination="a mailbox")
LINE = Evidence(kind=EvidenceClass.PHONE_LINE, destination="a line")


def gate(evidence: Evidence, number: int = 1, method: str = "email") -> PassedGate:
    return PassedGate(gate=number, method=method, evidence=evidence)


def at_the_place_of(method: RegisteredMethod, other: RegisteredMethod) -> RegisteredMethod:
    """Return the method with the destination of the other one."""
    evidence = replace(method.sealed.evidence, destination=other.destination)
    return replace(method, sealed=replace(method.sealed, evidence=evidence))


@pytest.mark.parametrize(("gates", "privileged", "needed"), [(1, False, 1), (1, True, 2), (2, False, 2), (2, True, 2)])
def test_an_account_with_a_role_always_needs_two_gates(gates: int, privileged: bool, needed: int) -> None:
    """Even if the policy asks for one (R-28)."""
    assert needed_for_reset(a_policy(gates=gates), privileged=privileged).gates == needed


def test_a_method_is_usable_if_confirmed_offered_and_not_resting() -> None:
    """A prefilled, resting or no longer offered method proves nothing."""
    resting = a_method("mobile_phone", PHONE, KEY, usable_from=at(hours=1))
    person = a_person(methods=(prefilled("email", EMAIL, KEY), resting, a_method("office_phone", PHONE, KEY)))
    assert person.usable(POLICY.methods, MONDAY_MORNING) == ()
    assert person.usable(POLICY.methods, at(hours=1)) == (resting,)
    assert person.usable(("email",), at(hours=1)) == ()


def test_the_next_gate_needs_another_class_and_destination() -> None:
    """Neither is accepted twice (R-26)."""
    person = a_person(email=EMAIL, mobile_phone=PHONE)
    email, phone = person.methods
    assert left_for_next_gate(person, (), POLICY, MONDAY_MORNING) == (email, phone)
    passed = (gate(email.sealed.evidence),)
    assert left_for_next_gate(person, passed, POLICY, MONDAY_MORNING) == (phone,)
    elsewhere = (gate(Evidence(kind=EvidenceClass.DEVICE, destination=phone.destination), method="other"),)
    assert left_for_next_gate(person, elsewhere, POLICY, MONDAY_MORNING) == (email,)


def test_a_second_telephone_does_not_pass_the_next_gate() -> None:
    """Two numbers are one class of evidence, whatever the methods are called."""
    policy = replace(POLICY, methods=("email", "mobile_phone", "office_phone"))
    person = a_person(email=EMAIL, mobile_phone=PHONE)
    email, mobile = person.methods
    person = replace(person, methods=(email, mobile, a_method("office_phone", "+33155501234", KEY)))
    left = left_for_next_gate(person, (gate(mobile.sealed.evidence),), policy, MONDAY_MORNING)
    assert left == (email,)


def test_methods_satisfy_two_gates_only_if_they_are_independent() -> None:
    """Not one method, nor two with one destination or of one class."""
    person = a_person(email=EMAIL, mobile_phone=PHONE)
    email, phone = person.methods
    for methods, enough in (
        (person.methods, True),
        (person.methods[:1], False),
        ((email, at_the_place_of(phone, email)), False),
        ((phone, a_method("office_phone", "+33155501234", KEY)), False),
    ):
        needed = needed_for_reset(POLICY, privileged=False)
        assert needed.is_met_by(proofs_by(methods, POLICY, MONDAY_MORNING)) is enough


ON_ROW = a_person(
    attempts=(
        an_attempt(passed=MAILBOX, nonce="first"),
        an_attempt(id=an_attempt_id(gate=2, method="mobile_phone"), passed=LINE, nonce="second"),
        an_attempt(id=an_attempt_id(verification="another", method="mobile_phone"), passed=LINE, nonce="third"),
        an_attempt(id=an_attempt_id(method="authenticator_app"), tries=1),
    )
)


@pytest.mark.parametrize(
    ("verification", "passed", "count"),
    [
        pytest.param("v", (), 0, id="no gate in the token"),
        pytest.param("v", (gate(MAILBOX),), 1, id="one"),
        pytest.param("v", (gate(MAILBOX), gate(LINE, 2, "mobile_phone")), 2, id="both"),
        pytest.param("v", (gate(LINE),), 0, id="other evidence than on the row"),
        pytest.param("v", (gate(replace(MAILBOX, phishing_resistant=True)),), 0, id="better evidence than on the row"),
        pytest.param("v", (gate(LINE, 1, "mobile_phone"),), 0, id="passed in another verification"),
        pytest.param("v", (gate(MAILBOX, 1, "authenticator_app"),), 0, id="tried but not passed"),
        pytest.param("w", (gate(MAILBOX),), 0, id="no such verification"),
    ],
)
def test_a_gate_of_the_token_counts_only_if_the_row_has_the_same(
    verification: str, passed: tuple[PassedGate, ...], count: int
) -> None:
    """A token alone proves nothing, even one that was sealed with a stolen key (rule 5)."""
    assert len(on_row(ON_ROW, verification, passed)) == count


PASSKEY = Evidence(kind=EvidenceClass.DEVICE, destination="a passkey", phishing_resistant=True)
APP = Evidence(kind=EvidenceClass.DEVICE, destination="an app")


@pytest.mark.parametrize(
    ("knobs", "passed", "left"),
    [
        pytest.param({}, ["app"], "email phone", id="another class"),
        pytest.param({"require_strong_gate": "all"}, ["email"], "passkey", id="only what resists phishing"),
        pytest.param({"require_strong_gate": "all"}, ["app"], "email phone passkey", id="two more, of a class each"),
        pytest.param({"require_strong_gate": "all"}, ["app", "email"], "passkey", id="a passkey after an app"),
        pytest.param({"require_strong_gate": "all"}, ["app", "passkey"], "email phone", id="another class after both"),
        pytest.param({"require_strong_gate": "privileged"}, ["email"], "phone app passkey", id="no role"),
        pytest.param({"sign_in_factors": ("app", "phone")}, ["app"], "email", id="what is no factor"),
        pytest.param({"sign_in_factors": ("app",), "gates": 1}, ["app"], "email phone passkey", id="one more gate"),
    ],
)
def test_after_a_gate_those_methods_are_left_that_lead_to_the_end(
    knobs: dict[str, Any], passed: list[str], left: str
) -> None:
    """At once where that is possible, so that nobody proves something that does not help."""
    policy = Policy(**{"methods": ("email", "phone", "app", "passkey"), **knobs})
    evidence = {"email": MAILBOX, "phone": LINE, "app": APP, "passkey": PASSKEY}
    one = a_method("email", EMAIL, KEY)
    methods = [replace(one, sealed=replace(one.sealed, method=n, evidence=e)) for n, e in evidence.items()]
    gates = tuple(gate(evidence[name], number, name) for number, name in enumerate(passed, start=1))
    found = left_for_next_gate(a_person(methods=tuple(methods)), gates, policy, MONDAY_MORNING)
    assert " ".join(method.name for method in found) == left


def test_a_registration_asks_for_at_least_what_a_reset_needs() -> None:
    """Where the policy asks for one, accounts with a role register two (R-28)."""
    for knobs, asked in (({}, 2), ({"methods_to_register": 3}, 3), ({"gates": 1, "methods_to_register": 1}, 2)):
        assert asked_at_registration(a_policy(**knobs), privileged=True).gates == asked


def test_a_registration_is_due_180_days_after_its_oldest_confirmation() -> None:
    """Never without a confirmed method, nor if the policy never asks."""
    person = a_person(email=EMAIL, methods=(a_method("email", EMAIL, KEY, confirmed_at=at(days=-10)),))
    assert due_at(person, POLICY) == at(days=170)
    assert due_at(person, a_policy(reconfirm_days=0)) is None
    assert due_at(a_person(methods=(prefilled("email", EMAIL, KEY),)), POLICY) is None
    both = (*person.methods, a_method("mobile_phone", PHONE, KEY, confirmed_at=at(days=-20)))
    assert due_at(a_person(methods=both), POLICY) == at(days=160)
    assert due_at(person, a_policy(reconfirm_days=1)) == MONDAY_MORNING + timedelta(days=-9)
