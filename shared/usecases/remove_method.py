"""Remove a method: one way less to prove who one is, and everybody who should know is told (R-64)."""

from dataclasses import dataclass

from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import NotFound
from shared.domain.message import NoticeOrder
from shared.domain.person import Person
from shared.domain.registration import removed
from shared.domain.trail import Trail
from shared.methods import ALL
from shared.ports.people import People
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._conditional import Decision, decide
from shared.usecases._due import Scheduling
from shared.usecases._standing import RegistrationView, Standing
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class RemoveMethod:
    """A confirmed method bumps the account version and is remembered for 30 days; a pending one just goes."""

    people: People
    scheduling: Scheduling
    standing: Standing
    promised: PromisedNotices
    randomness: Randomness

    async def __call__(self, token: str, method: str, trail: Trail, *, client: str = "") -> RegistrationView:
        """Take a method out; the removed address is told as well (R-64). Raises InvalidInput when there is none."""
        now = self.standing.clock.now()
        session = self.standing.fresh_session(token)
        if method not in ALL:
            raise NotFound
        event, version = self.randomness.token(), self.randomness.token()
        earlier_day = ""

        def decision_on(person: Person) -> Decision[Person]:
            nonlocal earlier_day
            session.bound_to(person)
            earlier_day = person.reminder_day
            after = self.scheduling.scheduled(
                removed(person, method, event=event, version=version, now=now, origin=coarse_network(client))
            )
            return Decision(after, after)

        def landed(row: Person) -> bool:
            # What was never confirmed leaves no notice to be known by; that it is gone is what was wanted.
            gone = row.method(method) is None and row.pending_for(method) is None
            return gone or any(notice.event == event for notice in row.notices)

        async def before_write(after: Person) -> None:
            if any(notice.event == event for notice in after.notices):
                await self.promised.promise(after.account)
            await self.scheduling.enter(after)

        told = await decide(
            self.people,
            session.account,
            decision_on,
            landed=landed,
            before_write=before_write,
        )
        person = told.outcome
        await self.scheduling.leave(earlier_day, person)
        if any(notice.event == event for notice in person.notices):
            trail.orders.append(NoticeOrder(account=session.account))
        trail.events.append(AuditEvent(tag=Tag.METHOD_REMOVED, at=now, account=session.account, method=method))
        return self.standing.view(person, session)
