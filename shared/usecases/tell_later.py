"""Try a notice again for a day, after the queue gave it up."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.trail import NoticeOrder
from shared.ports.clock import Clock
from shared.ports.people import People
from shared.ports.promised_notices import PromisedNotices

AGAIN_AFTER = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(days=1)
"""After this time a notice is tried again only together with the next notice of the account."""


@dataclass(frozen=True, slots=True)
class TellLater:
    """Notices may be sent again, because the row records what is still to be sent. Codes may not."""

    people: People
    promised: PromisedNotices
    clock: Clock

    async def __call__(self, order: NoticeOrder) -> bool:
        """Promise the notices again, and return whether there were any. Raises StoreLost."""
        account = AccountKey(order.account)
        person = (await self.people.read(account)).person
        young = [notice for notice in person.notices if self.clock.now() < notice.at + GIVEN_UP_AFTER]
        if young:
            await self.promised.promise(account, delay=AGAIN_AFTER)
        return bool(young)
