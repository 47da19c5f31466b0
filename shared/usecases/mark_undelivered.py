"""Mark undelivered: what a provider reports about a message, on the row of the person it was for."""

from dataclasses import dataclass

from shared.domain.audit import AuditEvent, Tag
from shared.domain.person import Person
from shared.domain.reachability import FOR_GOOD, DeliveryReport, Outcome, at_destination, reached, suspected
from shared.domain.trail import Trail
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.people import People, Stored
from shared.usecases._conditional import Decision, decide


@dataclass(frozen=True, slots=True)
class MarkUndelivered:
    """One range query, and a write only where something changes; a repeated or older report changes nothing."""

    people: People
    keyring: Keyring
    clock: Clock

    async def __call__(self, report: DeliveryReport, trail: Trail) -> None:
        """Raises TryAgain while nothing was written: the queue brings the report back."""
        destination = self.keyring.digest("destination", report.contact.canonical)
        rows = await self.people.beginning_with(report.account) if report.account else ()
        # A destination is a keyed digest: even of two rows whose keys begin alike, only the right one has it.
        for stored in rows:
            if methods := at_destination(stored.person, destination):
                if await self._mark(stored, report, destination):
                    tag = Tag.METHOD_REACHED if report.outcome is Outcome.DELIVERED else Tag.METHOD_SUSPECTED
                    self._record(trail, tag, report, stored.person.account, methods[0].name)
                elif report.outcome not in FOR_GOOD:
                    self._note(trail, report, stored.person.account, methods[0].name)
                return
        self._note(trail, report, rows[0].person.account if rows else "", "")

    async def _mark(self, stored: Stored, report: DeliveryReport, destination: str) -> bool:
        """Whether the row was changed."""

        def decision_on(person: Person) -> Decision[bool]:
            if report.outcome is Outcome.DELIVERED:
                after = reached(person, destination, at=report.at)
            elif report.outcome in FOR_GOOD:
                after = suspected(person, destination, reason=report.outcome.value, at=report.at)
            else:
                after = person
            changed = after != person
            return Decision(changed, after if changed else None)

        def landed(person: Person) -> bool:
            marks = {(method.suspect_at, method.reached_at) for method in at_destination(person, destination)}
            return any(report.at in mark for mark in marks)

        told = await decide(self.people, stored.person.account, decision_on, landed=landed, stored=stored)
        return told.outcome

    def _note(self, trail: Trail, report: DeliveryReport, account: str, method: str) -> None:
        """What leaves no mark is still worth a line, unless it says that all is well."""
        if report.outcome is not Outcome.DELIVERED:
            self._record(trail, Tag.DELIVERY_REPORTED, report, account, method)

    def _record(self, trail: Trail, tag: Tag, report: DeliveryReport, account: str, method: str) -> None:
        trail.events.append(
            AuditEvent(tag=tag, at=self.clock.now(), account=account, method=method, cause=report.outcome.value)
        )
