"""Decide which proofs are enough for a reset, what is missing, and which methods may pass the next gate (rule 22).

`Requirement` looks at evidence alone, so one decision holds for gates that were passed, for methods that are registered
and for methods that a policy offers. The functions below it apply it to an account.

Long: one decision, and everything that applies it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

from shared.domain.person import NEVER_FIRST, AttemptId, Evidence, EvidenceClass, Person, Purpose, RegisteredMethod

if TYPE_CHECKING:  # both use this module: a policy whose gates nobody could pass is refused
    from shared.domain.policy import Policy
    from shared.domain.verification import PassedGate, Verification

PRIVILEGED_GATES = 2
"""Accounts with a role need two gates, even if the policy asks for one (R-28)."""

PAIR = 2
"""Two proofs are enough for every condition below, if they are the right ones."""


class Lack(StrEnum):
    """What is missing, so that a page can say what to add."""

    ANOTHER = "another"
    """A method of another class, at another destination."""
    PHISHING_RESISTANT = "phishing_resistant"
    """A method whose answer is of no use on a false page."""
    OUTSIDE_SIGN_IN = "outside_sign_in"
    """A method that is not a factor at sign-in. Who stole that one device must not reset the password with it too."""
    RECENT = "recent"
    """What was confirmed too long ago is not enough: the number may belong to somebody else by now (A-52)."""


class Overdue(StrEnum):
    """What a method that is overdue for reconfirmation is worth at a gate, the setting `overdue_methods`."""

    ALLOW = "allow"
    """As much as every other one."""
    NOT_ALONE = "not_alone"
    """A gate, beside another one."""
    ONE_MORE_GATE = "one_more_gate"
    """A gate, where one more is passed than otherwise."""
    BLOCK = "block"
    """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One proof, or a method that could give one."""

    method: str
    evidence: Evidence
    is_stale: bool = False
    """Whether its method is overdue for reconfirmation."""


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


def may_follow(evidence: Evidence, passed: Sequence[Evidence]) -> bool:
    """Whether a proof may be given after these: another class and destination, or the first that resists phishing.

    The latter may be of a class that was proved already. Otherwise who answers with an authenticator app first could
    not use a passkey, which is a device too, and would have to start again.
    """
    if evidence.destination and any(evidence.destination == one.destination for one in passed):
        return False
    adds_resistance = evidence.phishing_resistant and not any(one.phishing_resistant for one in passed)
    return adds_resistance or all(evidence.kind is not one.kind for one in passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What the proofs of an account must be."""

    gates: int
    """How many of them, each of another class and at another destination than the others."""
    phishing_resistant: bool = False
    """Whether one of them must resist phishing."""
    one_of: frozenset[EvidenceClass] = frozenset()
    """The classes of which one of them must be. Empty: any."""
    sign_in_factors: frozenset[str] = frozenset()
    """The methods that must not be the only ones."""
    overdue: Overdue = Overdue.NOT_ALONE
    worthless: frozenset[EvidenceClass] = frozenset()
    """What proves nothing for this account."""

    def is_met_by(self, proofs: Iterable[Proof]) -> bool:
        """Whether some of these proofs meet it. Their order does not matter, and a further proof never does harm."""
        given = self._counted(proofs)
        sizes = range(self.gates, max(self.gates + (self.overdue is Overdue.ONE_MORE_GATE), PAIR) + 1)
        return any(self._is_met(some) for size in sizes for some in combinations(given, size))

    def lacks(self, proofs: Iterable[Proof]) -> tuple[Lack, ...]:
        """Return what these proofs lack. Empty if they are enough."""
        given = self._counted(proofs)
        if self.is_met_by(given):
            return ()
        lacks = {
            Lack.ANOTHER: independent(one.evidence for one in given) < self.gates,
            Lack.PHISHING_RESISTANT: (self.phishing_resistant and not _resists(given)) or not self._has_one(given),
            Lack.OUTSIDE_SIGN_IN: bool(given) and self._are_factors(given),
            Lack.RECENT: any(one.is_stale for one in given)
            and self.is_met_by(replace(one, is_stale=False) for one in given),
        }
        return tuple(lack for lack, applies in lacks.items() if applies) or (Lack.ANOTHER,)

    def is_helped_by(self, more: Proof, proofs: Iterable[Proof]) -> bool:
        """Whether a further method would supply something that these lack."""
        given = self._counted(proofs)
        if more.evidence.kind in self.worthless:
            return False
        lacks = self.lacks(given)
        is_another = independent((*(one.evidence for one in given), more.evidence)) > independent(
            one.evidence for one in given
        )
        return (
            (is_another and bool({Lack.ANOTHER, Lack.RECENT} & {*lacks}))
            or (Lack.PHISHING_RESISTANT in lacks and more.evidence.phishing_resistant)
            or (Lack.OUTSIDE_SIGN_IN in lacks and more.method not in self.sign_in_factors)
        )

    def _counted(self, proofs: Iterable[Proof]) -> tuple[Proof, ...]:
        return tuple(one for one in proofs if one.evidence.kind not in self.worthless)

    def _is_met(self, some: Sequence[Proof]) -> bool:
        return (
            independent(one.evidence for one in some) == len(some)
            and (not self.phishing_resistant or _resists(some))
            and self._has_one(some)
            and not self._are_factors(some)
            and (self._is_enough_overdue(len(some)) or not any(one.is_stale for one in some))
        )

    def _is_enough_overdue(self, count: int) -> bool:
        """Whether so many proofs are enough where one of them is overdue."""
        match self.overdue:
            case Overdue.ALLOW:
                return True
            case Overdue.NOT_ALONE:
                return count > 1
            case Overdue.ONE_MORE_GATE:
                return count > self.gates
            case Overdue.BLOCK:
                return False

    def _has_one(self, some: Iterable[Proof]) -> bool:
        return not self.one_of or any(one.evidence.kind in self.one_of for one in some)

    def _are_factors(self, some: Sequence[Proof]) -> bool:
        return all(one.method in self.sign_in_factors for one in some)


def _resists(some: Iterable[Proof]) -> bool:
    return any(one.evidence.phishing_resistant for one in some)


def needed_for_reset(policy: "Policy", *, privileged: bool) -> Requirement:
    """Return what a reset of the account needs."""
    return Requirement(
        gates=max(policy.gates, PRIVILEGED_GATES) if privileged else policy.gates,
        phishing_resistant=policy.require_strong_gate in ({"privileged", "all"} if privileged else {"all"}),
        sign_in_factors=frozenset(policy.sign_in_factors),
        overdue=Overdue(policy.overdue_methods),
        worthless=NEVER_FIRST if privileged else frozenset(),
    )


def asked_at_registration(policy: "Policy", *, privileged: bool) -> Requirement:
    """Return what a registration asks for: what a reset needs, by as many independent methods as the policy wants."""
    needed = needed_for_reset(policy, privileged=privileged)
    return replace(needed, gates=max(needed.gates, policy.methods_to_register))


def proof_by(method: RegisteredMethod, policy: "Policy", now: datetime) -> Proof:
    """Return the proof that a right answer by this method would be now."""
    return Proof(method=method.name, evidence=method.sealed.evidence, is_stale=_is_overdue(method, policy, now))


def proofs_by(methods: Iterable[RegisteredMethod], policy: "Policy", now: datetime) -> tuple[Proof, ...]:
    """Return the proofs that right answers by these methods would be now."""
    return tuple(proof_by(method, policy, now) for method in methods)


def proofs_of(person: Person, passed: "Iterable[PassedGate]", policy: "Policy", now: datetime) -> tuple[Proof, ...]:
    """Return these gates as proofs. The row knows which of their methods are stale."""
    stale = {m.destination for m in (*person.confirmed, *person.used_up) if _is_overdue(m, policy, now)}
    return tuple(
        Proof(method=gate.method, evidence=gate.evidence, is_stale=gate.evidence.destination in stale)
        for gate in passed
    )


def left_for_next_gate(
    person: Person, passed: "tuple[PassedGate, ...]", policy: "Policy", now: datetime
) -> tuple[RegisteredMethod, ...]:
    """Return the usable methods that lead on after these gates.

    Those that pass the last gate, if there are any; otherwise those that do so together with another one. At the first
    gate all that prove something alone, because nothing is said about an account there (rule 9).
    """
    usable = person.opening_gates(policy.methods, now)
    if not passed:
        return tuple(method for method in usable if method.sealed.evidence.kind not in NEVER_FIRST)
    needed = needed_for_reset(policy, privileged=person.privileged)
    given, evidence = proofs_of(person, passed, policy, now), [gate.evidence for gate in passed]
    left = {method: proof_by(method, policy, now) for method in usable if may_follow(method.sealed.evidence, evidence)}
    last = tuple(method for method, proof in left.items() if needed.is_met_by((*given, proof)))
    return last or tuple(
        method
        for method, proof in left.items()
        if any(needed.is_met_by((*given, proof, other)) for other in left.values() if other is not proof)
    )


def on_row(person: Person, verification: str, passed: "Iterable[PassedGate]") -> "tuple[PassedGate, ...]":
    """Return the gates that both the token and the *row* record as passed (rule 5).

    A token alone proves nothing, not even one that was sealed with a stolen key: each of its gates needs a passed
    attempt on the row with the same evidence.
    """
    return tuple(gate for gate in passed if passed_on_row(person, Purpose.RESET, verification, gate) is not None)


def is_behind_gates(person: Person, verification: "Verification") -> bool:
    """Whether the account is unchanged, and the row says that every gate of the token was passed, one at least.

    Asked before anything is shown that depends on the account: a token alone proves nothing (rule 5).
    """
    stands = len(on_row(person, verification.id, verification.passed)) == len(verification.passed) > 0
    return stands and person.version == verification.version


def passed_on_row(person: Person, purpose: Purpose, verification: str, gate: "PassedGate") -> Evidence | None:
    """Return what the row says that this gate proved. None if it does not say the same as the token (rule 5)."""
    attempt = person.attempt(AttemptId(purpose=purpose, verification=verification, gate=gate.gate, method=gate.method))
    return attempt.passed if attempt is not None and attempt.passed == gate.evidence else None


def stale_at(method: RegisteredMethod, policy: "Policy") -> datetime | None:
    """Return when a confirmed method becomes stale. None if it never does."""
    if method.confirmed_at is None or not policy.reconfirm_days:
        return None
    return method.confirmed_at + timedelta(days=policy.reconfirm_days)


def is_stale(method: RegisteredMethod, policy: "Policy", now: datetime) -> bool:
    """Whether a method is overdue for reconfirmation."""
    at = stale_at(method, policy)
    return at is not None and at <= now


def _is_overdue(method: RegisteredMethod, policy: "Policy", now: datetime) -> bool:
    """Whether it has been stale for so long that a gate takes notice of it."""
    return is_stale(method, policy, now - timedelta(days=policy.overdue_grace_days))


def due_at(person: Person, policy: "Policy") -> datetime | None:
    """Return when the registration must be reconfirmed, in UTC. None if it never must be."""
    lasting = (method for method in person.confirmed if not method.is_compromised)
    return min((at for method in lasting if (at := stale_at(method, policy)) is not None), default=None)
