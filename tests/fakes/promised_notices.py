"""PromisedNotices in memory. Each becomes visible after its delay."""

from datetime import datetime, timedelta

from shared.domain.account import AccountKey
from shared.ports.clock import Clock
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost


class MemoryPromisedNotices:
    def __init__(self, clock: Clock) -> None:
        self.promises: list[tuple[datetime, AccountKey]] = []
        self.is_lost = False
        self._clock = clock

    async def promise(self, account: AccountKey, *, delay: timedelta = SOON) -> None:
        if self.is_lost:
            raise StoreLost
        self.promises.append((self._clock.now() + delay, account))

    def appeared(self) -> list[AccountKey]:
        """Remove and return the accounts whose delay has passed."""
        now = self._clock.now()
        visible = [account for at, account in self.promises if at <= now]
        self.promises = [(at, account) for at, account in self.promises if at > now]
        return visible
