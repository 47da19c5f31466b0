"""Ask people, for an administrator, to confirm what they registered again (rule 20).

What was confirmed opens no gate of a reset until it has answered again, at once or after some days. It keeps the power
to prove a change: otherwise whoever knows the password could register methods of their own as soon as an administrator
asks for new ones.

What is declared compromised loses that power too. Then the answer of a thief looks like the owner's, so it cannot be
confirmed again by itself: a code that two administrators issued takes its place (rule 27).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.person import NEVER_FIRST, MethodState, Notice, Person, RegisteredMethod, Renewal


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewals:
    """What is to be confirmed again: by default everything, and at once."""

    method: str = ""
    """Only methods of this name."""
    before: datetime | None = None
    """Only what was registered before."""
    days: int = 0
    """For how long it still opens gates."""
    compromised: bool = False
    """Whether somebody else may have it, so that it must prove nothing any more."""

    def include(self, method: RegisteredMethod) -> bool:
        """Whether it is asked for. What never stands alone is left: it proves no change."""
        if self.compromised:
            return method.state is not MethodState.PREFILLED and self.method in {"", method.name}
        return (
            method.state is MethodState.CONFIRMED
            and method.sealed.evidence.kind not in NEVER_FIRST
            and self.method in {"", method.name}
            and (self.before is None or method.set_at < self.before)
        )


def asked_for(person: Person, wanted: Renewals, *, notice: Notice, version: str, session_version: str) -> Person:
    """Return the row with these methods to be confirmed again. The same row if there is none that is not asked for yet.

    Without days both versions move: every reset and every session that is under way ends.
    """
    if wanted.compromised:
        return _compromised(person, wanted, notice=notice, version=version, session_version=session_version)
    renewal = Renewal(at=notice.at, days=wanted.days)
    methods = tuple(
        replace(m, renewal=renewal) if wanted.include(m) and _is_sooner(renewal, m.renewal) else m
        for m in person.methods
    )
    if methods == person.methods:
        return person
    after = replace(person, methods=methods)
    if not wanted.days:
        after = replace(after, version=version, session_version=session_version)
    return after.with_notice(notice, alone=True)


def answered(person: Person, destination: str) -> Person:
    """Return the row after a right answer by the method at this destination, which so is confirmed again."""
    methods = tuple(
        replace(method, renewal=None) if method.destination == destination and not method.is_compromised else method
        for method in person.methods
    )
    return replace(person, methods=methods)


def _compromised(person: Person, wanted: Renewals, *, notice: Notice, version: str, session_version: str) -> Person:
    """Return the row after these methods were declared compromised, with whatever else is at the same destination.

    What a thief may have begun or got with them ends: what is pending, a wait for loss, an activation. What was removed
    lately stops no change and comes back by no objection, because it may be the thief's too.
    """
    at = {method.destination for method in person.methods if wanted.include(method)}
    methods = tuple(
        replace(method, renewal=Renewal(at=notice.at, compromised=True))
        if method.destination in at and method.state is not MethodState.PREFILLED and not method.is_compromised
        else method
        for method in person.methods
    )
    if methods == person.methods:
        return person
    after = replace(
        person,
        methods=methods,
        pending=(),
        removed=tuple(
            replace(gone, since=None) if gone.destination in at or wanted.method in {"", gone.sealed.method} else gone
            for gone in person.removed
        ),
        had_method=True,
        lost_at=None,
        activation_request=None,
        activation=None,
        version=version,
        session_version=session_version,
    )
    return after.with_notice(notice, alone=True)


def _is_sooner(renewal: Renewal, earlier: Renewal | None) -> bool:
    return earlier is None or (renewal.closes_at < earlier.closes_at and not earlier.compromised)
