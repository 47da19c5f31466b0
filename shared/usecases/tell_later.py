"""Tell later: a notice that no provider would take is tried again for a day."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.message import NoticeOrder
from shared.ports.clock import Clock
from shared.ports.people import People
from shared.ports.promised_notices import PromisedNotices

AGAIN_AFTER = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(days=1)
"""What nobody could be told for a day stays in the audit log; the next notice of the account takes it along."""


@dataclass(frozen=True, slots=True)
class TellLater:
    """Codes are never resent; a notice may be, since what is still to be told stands on the row."""

    people: People
    promised: PromisedNotices
    clock: Clock

    async def __call__(self, order: NoticeOrder) -> bool:
        """Promise it again, and say whether there was something to promise. Raises StoreLost."""
        account = AccountKey(order.account)
        person = (await self.people.read(account)).person
        young = [notice for notice in person.notices if self.clock.now() < notice.at + GIVEN_UP_AFTER]
        if young:
            await self.promised.promise(account, delay=AGAIN_AFTER)
        return bool(young)
