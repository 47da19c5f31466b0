"""Decide how many proofs a reset needs, and which proofs are independent of each other."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.domain.person import AttemptId, Evidence, EvidenceClass, Person, Purpose, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.verification import PassedGate

PRIVILEGED_GATES = 2
"""Accounts with a role need two gates, even if the policy asks for one (R-28)."""


def gates_needed(policy: Policy, *, privileged: bool) -> int:
    """Return how many gates a reset of the account needs."""
    return max(policy.gates, PRIVILEGED_GATES) if privileged else policy.gates


def independent(proofs: Iterable[Evidence]) -> int:
    """Count the proofs that differ from every earlier one in class *and* in destination (R-26)."""
    kinds: set[EvidenceClass] = set()
    destinations: set[str] = set()
    count = 0
    for proof in proofs:
        count += proof.kind not in kinds and proof.destination not in destinations
        kinds.add(proof.kind)
        destinations.add(proof.destination)
    return count


def satisfied_by(methods: Iterable[RegisteredMethod], needed: int) -> bool:
    """Whether these methods alone are enough to pass `needed` gates."""
    return independent(method.sealed.evidence for method in methods) >= needed


def left_for_next_gate(
    person: Person, passed: tuple[PassedGate, ...], policy: Policy, now: datetime
) -> tuple[RegisteredMethod, ...]:
    """Return the usable methods that share neither class nor destination with a gate already passed."""
    kinds = {gate.evidence.kind for gate in passed}
    destinations = {gate.evidence.destination for gate in passed}
    return tuple(
        method
        for method in person.usable(policy.methods, now)
        if method.sealed.evidence.kind not in kinds and method.destination not in destinations
    )


def proved(person: Person, verification: str, passed: Iterable[PassedGate]) -> int:
    """Count the independent gates that both the token and the *row* record as passed (rule 5).

    A token alone proves nothing, not even one that was sealed with a stolen key: each of its gates needs a passed
    attempt on the row with the same evidence.
    """
    on_row = (passed_on_row(person, Purpose.RESET, verification, gate) for gate in passed)
    return independent(evidence for evidence in on_row if evidence is not None)


def passed_on_row(person: Person, purpose: Purpose, verification: str, gate: PassedGate) -> Evidence | None:
    """Return what the row says that this gate proved. None if it does not say the same as the token (rule 5)."""
    attempt = person.attempt(AttemptId(purpose=purpose, verification=verification, gate=gate.gate, method=gate.method))
    return attempt.passed if attempt is not None and attempt.passed == gate.evidence else None


def due_at(person: Person, policy: Policy) -> datetime | None:
    """Return when the registration must be reconfirmed, in UTC. None if it never must be."""
    confirmed = [method.confirmed_at for method in person.confirmed if method.confirmed_at]
    if not confirmed or not policy.reconfirm_days:
        return None
    return min(confirmed) + timedelta(days=policy.reconfirm_days)
