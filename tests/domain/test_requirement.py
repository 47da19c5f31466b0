"""Requirement: which proofs are enough for a reset, and what is missing from those that are not."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.gates import Lack, Overdue, Proof, Requirement, may_follow
from shared.domain.person import Evidence, EvidenceClass

KINDS = {
    "email": EvidenceClass.MAILBOX,
    "phone": EvidenceClass.PHONE_LINE,
    "app": EvidenceClass.DEVICE,
    "passkey": EvidenceClass.DEVICE,
    "paper": EvidenceClass.PAPER,
}


def a_proof(name: str, where: str = "", *, stale: bool = False) -> Proof:
    evidence = Evidence(kind=KINDS[name], destination=where or name, phishing_resistant=name == "passkey")
    return Proof(method=name, evidence=evidence, is_stale=stale)


def a_requirement(gates: int, *, strong: bool = False, factors: str = "") -> Requirement:
    return Requirement(gates=gates, phishing_resistant=strong, sign_in_factors=frozenset(factors.split()))


@st.composite
def a_drawn_proof(draw: st.DrawFn) -> Proof:
    """Return a proof by any method, at one of few places, so that some meet."""
    return a_proof(draw(st.sampled_from([*KINDS])), draw(st.sampled_from("xyz")), stale=draw(st.booleans()))


PROOFS = st.lists(a_drawn_proof(), max_size=5)
REQUIREMENTS = st.builds(
    Requirement,
    gates=st.integers(1, 3),
    phishing_resistant=st.booleans(),
    sign_in_factors=st.frozensets(st.sampled_from([*KINDS])),
    overdue=st.sampled_from(Overdue),
)


STRONG, ONE, TWO = a_requirement(2, strong=True), a_requirement(1), a_requirement(2)
ALLOWING, MORE = replace(ONE, overdue=Overdue.ALLOW), replace(TWO, overdue=Overdue.ONE_MORE_GATE)
BLOCKING, BLOCKING_ONE = replace(TWO, overdue=Overdue.BLOCK), replace(ONE, overdue=Overdue.BLOCK)
FACTORS, STRONG_FACTORS = a_requirement(2, factors="app phone"), a_requirement(2, strong=True, factors="passkey")


@pytest.mark.parametrize(
    ("requirement", "names", "lacks"),
    [
        pytest.param(ONE, "", (Lack.ANOTHER,), id="nothing"),
        pytest.param(ONE, "email", (), id="one"),
        pytest.param(ONE, "email!", (Lack.RECENT,), id="a stale one alone"),
        pytest.param(ONE, "email! phone!", (), id="two stale ones"),
        pytest.param(TWO, "email! phone", (), id="a stale one beside another"),
        pytest.param(ALLOWING, "email!", (), id="a stale one alone, where that is allowed"),
        pytest.param(MORE, "email! phone", (Lack.RECENT,), id="two, one of them stale, where one more is needed"),
        pytest.param(MORE, "email! phone! app", (), id="three, where one more is needed"),
        pytest.param(MORE, "email phone", (), id="two where one more is needed for a stale one"),
        pytest.param(MORE, "email!", (Lack.ANOTHER,), id="one where three are needed"),
        pytest.param(BLOCKING, "email! phone app", (), id="a stale one that counts for nothing"),
        pytest.param(BLOCKING, "email! phone", (Lack.RECENT,), id="a fresh one and one that counts for nothing"),
        pytest.param(BLOCKING_ONE, "email! phone!", (Lack.RECENT,), id="two that count for nothing"),
        pytest.param(TWO, "app passkey", (Lack.ANOTHER,), id="two of one class"),
        pytest.param(STRONG, "email phone", (Lack.PHISHING_RESISTANT,), id="two codes where one must resist phishing"),
        pytest.param(STRONG, "passkey", (Lack.ANOTHER,), id="a passkey alone"),
        pytest.param(STRONG, "app passkey", (Lack.ANOTHER,), id="a passkey and another device"),
        pytest.param(STRONG, "app email passkey", (), id="a passkey that came last"),
        pytest.param(STRONG, "", (Lack.ANOTHER, Lack.PHISHING_RESISTANT), id="nothing where one must resist phishing"),
        pytest.param(FACTORS, "app phone", (Lack.OUTSIDE_SIGN_IN,), id="two factors of the sign-in on one phone"),
        pytest.param(FACTORS, "app email", (), id="a factor beside what is none"),
        pytest.param(FACTORS, "app", (Lack.ANOTHER, Lack.OUTSIDE_SIGN_IN), id="a factor alone"),
        pytest.param(a_requirement(1, factors="app"), "app", (Lack.OUTSIDE_SIGN_IN,), id="a factor for one gate"),
        pytest.param(a_requirement(1, strong=True, factors="passkey"), "passkey", (Lack.OUTSIDE_SIGN_IN,), id="both"),
        pytest.param(
            a_requirement(2, strong=True, factors="passkey"),
            "passkey app",
            (Lack.ANOTHER,),
            id="the other in its class",
        ),
    ],
)
def test_proofs_are_enough_or_lack_something(requirement: Requirement, names: str, lacks: tuple[Lack, ...]) -> None:
    """In any order. A name with `!` is overdue for reconfirmation."""
    proofs = [a_proof(name.rstrip("!"), stale=name.endswith("!")) for name in names.split()]
    for order in permutations(proofs):
        assert requirement.lacks(order) == lacks
        assert requirement.is_met_by(order) is (not lacks)


@given(REQUIREMENTS, PROOFS, PROOFS)
def test_a_further_proof_never_does_harm(requirement: Requirement, proofs: list[Proof], more: list[Proof]) -> None:
    """Who proves more than was needed has still proved enough."""
    assert requirement.is_met_by(proofs + more) >= requirement.is_met_by(proofs)


@given(REQUIREMENTS, PROOFS)
def test_enough_proofs_include_independent_ones_for_every_condition(
    requirement: Requirement, proofs: list[Proof]
) -> None:
    """What must never be enough is stated here in other words than in the code."""
    if not requirement.is_met_by(proofs):
        return
    assert len({proof.evidence.kind for proof in proofs}) >= requirement.gates
    assert len({proof.evidence.destination for proof in proofs}) >= requirement.gates
    assert not requirement.phishing_resistant or any(proof.method == "passkey" for proof in proofs)
    assert {proof.method for proof in proofs} - requirement.sign_in_factors
    fresh = len({proof.evidence.kind for proof in proofs if not proof.is_stale})
    least = {Overdue.ALLOW: 0, Overdue.NOT_ALONE: 2, Overdue.ONE_MORE_GATE: requirement.gates + 1, Overdue.BLOCK: 99}
    assert fresh >= requirement.gates or len({p.evidence.kind for p in proofs}) >= least[requirement.overdue]


@pytest.mark.parametrize(
    ("requirement", "names", "helpful"),
    [
        pytest.param(TWO, "email", "phone app passkey paper", id="another class"),
        pytest.param(STRONG, "email phone", "passkey", id="only what resists phishing"),
        pytest.param(FACTORS, "app phone", "email passkey paper", id="only what is no factor"),
        pytest.param(ONE, "email!", "phone app passkey paper", id="beside a stale one"),
        pytest.param(ONE, "email", "", id="nothing where it is enough"),
    ],
)
def test_the_methods_that_help_supply_what_is_lacking(requirement: Requirement, names: str, helpful: str) -> None:
    """The page names them, and no other."""
    proofs = [a_proof(name.rstrip("!"), stale=name.endswith("!")) for name in names.split()]
    assert [name for name in KINDS if requirement.is_helped_by(a_proof(name, "new"), proofs)] == helpful.split()


def test_a_proof_may_follow_at_another_place_if_it_is_of_another_class_or_the_first_that_resists_phishing() -> None:
    """Otherwise an answer with an app would close the way to the passkey, which is a device too."""
    app, passkey = a_proof("app").evidence, a_proof("passkey").evidence
    assert may_follow(passkey, [app])
    assert not may_follow(app, [passkey])
    assert not may_follow(a_proof("passkey", "another").evidence, [passkey])
    assert not may_follow(a_proof("email", "app").evidence, [app])
