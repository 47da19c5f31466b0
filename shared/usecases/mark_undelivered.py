"""Record a provider's delivery report on the row of the person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain.clocks import believable
from shared.domain.reachability import FOR_GOOD, DeliveryReport, Outcome, at_destination, reached, suspected
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.opt_outs import OptOuts
from shared.ports.people import People, Stored
from shared.ports.randomness import Randomness
from shared.usecases._due import Scheduling
from shared.usecases._outgoing import Fault, note_failed
from shared.usecases._rows import Rows
from shared.usecases._sealing import Sealing


@dataclass(frozen=True, slots=True)
class MarkUndelivered:
    """Needs one range query, and writes only if something changes. Repeated or older reports change nothing.

    Who has a suspect method is reminded to look at it sooner than by its age (M13).
    """

    clock: Clock
    people: People
    rows: Rows
    scheduling: Scheduling
    sealing: Sealing
    randomness: Randomness
    opt_outs: OptOuts

    async def __call__(self, report: DeliveryReport, trail: Trail) -> None:
        """Record the report. Raises TryAgain if the write failed; the queue repeats the report."""
        # A report from the far future would keep a method suspect for ever (rule 32).
        report = replace(report, at=believable(report.at, self.clock.now()))
        if report.outcome is not Outcome.DELIVERED:
            channel = "email" if report.contact.kind == "email" else "sms"
            note_failed(channel, report.contact, _fault(report.outcome), cause=report.outcome.value, code=report.code)
        destination = self.sealing.destination(report.contact.canonical)
        rows = await self.people.beginning_with(report.account) if report.account else ()
        if report.outcome is Outcome.OPTED_OUT:
            await self._opted_out(report, destination, rows, trail)
            return
        # If two account keys have the same first characters, only the right row has this destination.
        for stored in rows:
            if methods := at_destination(stored.person, destination):
                if await self._mark(stored, report, destination):
                    tag = Tag.METHOD_REACHED if report.outcome is Outcome.DELIVERED else Tag.METHOD_SUSPECTED
                    self._record(trail, tag, report, stored.person.account, methods[0].name)
                elif report.outcome not in FOR_GOOD:
                    self._note(trail, report, stored.person.account, methods[0].name)
                return
        self._note(trail, report, rows[0].person.account if rows else "", "")

    async def _opted_out(self, report: DeliveryReport, destination: str, rows: Sequence[Stored], trail: Trail) -> None:
        """Record that the owner refuses texts. The row stays as it is: START ends it, and a reply names no account."""
        if await self.opt_outs.note(destination, opted_out=True, at=report.at):
            mine = next((each.person for each in rows if at_destination(each.person, destination)), None)
            methods = at_destination(mine, destination) if mine else ()
            account, method = (mine.account, methods[0].name) if mine else ("", "")
            self._record(trail, Tag.NUMBER_OPTED_OUT, report, account, method)

    async def _mark(self, stored: Stored, report: DeliveryReport, destination: str) -> bool:
        """Return whether the row was changed."""
        row = self.rows.change(stored.person.account, self.randomness.token(), stored=stored)
        while True:
            person = await row.read()
            if report.outcome is Outcome.DELIVERED:
                after = reached(person, destination, at=report.at)
            elif report.outcome in FOR_GOOD:
                after = suspected(person, destination, reason=report.outcome.value, at=report.at)
            else:
                after = person
            if after == person:
                return False
            after = await self.scheduling.entered(after, before=person)
            if await row.write(after):
                await self.scheduling.leave(person.reminder_day, after)
                return True

    def _note(self, trail: Trail, report: DeliveryReport, account: str, method: str) -> None:
        """Record an event for a failed delivery that does not change the row."""
        if report.outcome is not Outcome.DELIVERED:
            self._record(trail, Tag.DELIVERY_REPORTED, report, account, method)

    def _record(self, trail: Trail, tag: Tag, report: DeliveryReport, account: str, method: str) -> None:
        trail.record(tag, self.clock.now(), account=account, method=method, cause=report.outcome.value)


def _fault(outcome: Outcome) -> Fault:
    if outcome is Outcome.SENDER_REFUSED:
        return Fault.INSTALLATION
    return Fault.ADDRESS if outcome in FOR_GOOD or outcome is Outcome.OPTED_OUT else Fault.PROVIDER
