"""Gates: how many proofs, and which of them count as different ones."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.domain.person import Person, Purpose, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.verification import PassedGate

PRIVILEGED_GATES = 2
"""Accounts with a role need two gates whatever the policy for everybody says (R-28)."""


def gates_needed(policy: Policy, *, privileged: bool) -> int:
    return max(policy.gates, PRIVILEGED_GATES) if privileged else policy.gates


def usable(person: Person, policy: Policy, now: datetime) -> tuple[RegisteredMethod, ...]:
    """What can prove something now: confirmed, offered by the policy, and no longer resting (R-63)."""
    return tuple(
        method
        for method in person.confirmed
        if method.name in policy.methods and (method.usable_from is None or method.usable_from <= now)
    )


def distinct(proofs: Iterable[tuple[str, str]]) -> int:
    """How many (method, destination) pairs are independent: another method *and* another destination (R-26)."""
    methods: set[str] = set()
    destinations: set[str] = set()
    count = 0
    for method, destination in proofs:
        if method not in methods and destination not in destinations:
            count += 1
        methods.add(method)
        destinations.add(destination)
    return count


def satisfied_by(methods: Iterable[RegisteredMethod], needed: int) -> bool:
    """Whether these methods alone would open every gate."""
    return distinct((method.name, method.destination) for method in methods) >= needed


def left_for_next_gate(
    person: Person, passed: tuple[PassedGate, ...], policy: Policy, now: datetime
) -> tuple[RegisteredMethod, ...]:
    """What may open the next gate: nothing that shares a method or a destination with a gate already behind."""
    methods = {gate.method for gate in passed}
    destinations = {gate.destination for gate in passed}
    return tuple(m for m in usable(person, policy, now) if m.name not in methods and m.destination not in destinations)


def proved(person: Person, verification: str, passed: tuple[PassedGate, ...]) -> int:
    """How many independent gates the *row* says were passed, among those the token carries (rule 5).

    A token alone, even one sealed with a stolen key, proves nothing: each of its gates needs a used claim on the row.
    """
    on_row = [
        (gate.method, gate.destination)
        for gate in passed
        if any(
            claim.purpose is Purpose.RESET
            and claim.verification == verification
            and claim.gate == gate.gate
            and claim.method == gate.method
            and claim.destination == gate.destination
            and claim.used
            for claim in person.claims
        )
    ]
    return distinct(on_row)


def due_at(person: Person, policy: Policy) -> datetime | None:
    """When the registration is to be confirmed again; None when nothing is confirmed or the policy never asks."""
    confirmed = [method.confirmed_at for method in person.confirmed if method.confirmed_at]
    if not confirmed or not policy.reconfirm_days:
        return None
    return min(confirmed) + timedelta(days=policy.reconfirm_days)
