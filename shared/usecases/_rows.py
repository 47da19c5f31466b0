"""Change the row of an account: read, decide in memory, write conditionally, and only then answer (D6).

    row = self.rows.change(account, nonce)
    while True:
        person = await row.read()
        ...compute `after` without side effects, because this runs again after each conflict...
        if await row.write(after):
            return outcome

Clock, nonce and version are drawn before the loop, so that a repeated decision gives the same result (rule 4).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.person import Offer, PendingMethod, Person, RegisteredMethod, RemovedContact
from shared.domain.trail import NoticeOrder
from shared.ports.keyring import Keyring
from shared.ports.people import People, Stored
from shared.ports.randomness import Randomness
from shared.ports.store import Conflict, StoreLost

MOST_READS = 12
"""Reads before TryAgain. A wrong answer meets at most `tries_per_code` conflicts before no tries are left."""

JITTER_SECONDS = 0.005
LATER_SECONDS = 0.002
"""The wait after a conflict grows with each read and has a random part, so that writers do not meet again."""

Entry = TypeVar("Entry", RegisteredMethod, PendingMethod, RemovedContact, Offer)


class RowChange:
    """One request's change of one row.

    A conflict has two possible causes: another write came first, or this write was applied and its answer was lost. An
    SDK that sends a request again reports a conflict with itself. The nonce of each write on the row tells which
    (rule 4).
    """

    def __init__(
        self,
        people: People,
        randomness: Randomness,
        keyring: Keyring,
        account: AccountKey,
        nonce: str,
        stored: Stored | None,
    ) -> None:
        self._people = people
        self._keyring = keyring
        self._randomness = randomness
        self._account = account
        self._nonce = nonce
        self._stored = stored
        self._is_current = stored is not None
        self._reads = 0
        self._is_promised = False

    @property
    def stored(self) -> Stored:
        """The row after the change. A next step may start from it without another read."""
        assert self._stored is not None, "nothing was read"  # noqa: S101  a programming error of the caller
        return self._stored

    async def read(self) -> Person:
        """Return the current row. Raises TryAgain after too many conflicts, because no outcome is known then."""
        if self._stored is None or not self._is_current:
            self._stored, self._is_current = await self._people.read(self._account), True
        self._reads += 1
        if self._reads > MOST_READS:
            raise TryAgain
        return self._stored.person

    async def promise(self, promise: Callable[[NoticeOrder], Awaitable[None]]) -> None:
        """Promise the notice whose event is this change, before the write that owes it. Raises StoreLost.

        Once: with an order for each conflict, several deliveries would send the same notice at the same time.
        """
        if not self._is_promised:
            await promise(NoticeOrder(account=self._account, event=self._nonce))
            self._is_promised = True

    async def write(self, after: Person | None) -> bool:
        """Return whether `after` was written. None writes nothing and returns true.

        Every write seals what is on the row under the newest key. Otherwise contacts that were removed, or that nobody
        has confirmed yet, would need an old key longer than the others (R-103).

        False: another write came first, and the caller must read and decide again. Raises TryAgain if it cannot be
        known whether this write was applied.
        """
        if after is None:
            return True
        before, after = self.stored, self._resealed(after)
        ring = before.person.ring
        try:
            self._stored = await self._people.write(after.stamped(self._nonce, ring), before.revision)
        except (Conflict, StoreLost):
            await self._wait()
            self._stored = await self._people.read(self._account)
            if self._stored.person.bears(self._nonce):
                return True
            if not self._stored.person.has_seen_nothing_leave_since(ring):
                raise TryAgain from None
            return False
        return True

    def _resealed(self, person: Person) -> Person:
        return replace(
            person,
            methods=tuple(self._method_resealed(method) for method in person.methods),
            pending=tuple(self._entry_resealed(pending) for pending in person.pending),
            removed=tuple(self._entry_resealed(contact) for contact in person.removed),
        )

    def _method_resealed(self, method: RegisteredMethod) -> RegisteredMethod:
        offer = None if method.offer is None else self._entry_resealed(method.offer)
        return self._entry_resealed(method if offer is method.offer else replace(method, offer=offer))

    def _entry_resealed(self, entry: Entry) -> Entry:
        text = self._keyring.resealed(entry.sealed.text, account=self._account, purpose=entry.sealed.purpose)
        return entry if text == entry.sealed.text else replace(entry, sealed=replace(entry.sealed, text=text))

    async def _wait(self) -> None:
        await asyncio.sleep(LATER_SECONDS * self._reads + JITTER_SECONDS * self._randomness.fraction())


@dataclass(frozen=True, slots=True)
class Rows:
    """The ports for changing a row, for the use-cases that change one."""

    people: People
    randomness: Randomness
    keyring: Keyring

    def change(self, account: AccountKey, nonce: str, *, stored: Stored | None = None) -> RowChange:
        """Begin a change. `nonce` is unique to the request. `stored` is the row if it was just read or written."""
        return RowChange(self.people, self.randomness, self.keyring, account, nonce, stored)
