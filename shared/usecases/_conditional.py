"""The one way to change an account's row: read, decide in memory, write if nobody else did, tell only then (D6).

A decision is recognised again on the row by its nonce. That is what makes a lost answer harmless: the store (or an SDK
that resent a request) may report a conflict for a write that was applied (rule 4).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.person import Person
from shared.ports.people import People, Stored
from shared.ports.store import Conflict, StoreLost

T = TypeVar("T")

ATTEMPTS = 12
"""Re-reads before giving up. A wrong answer can lose at most `tries_per_code` races before it finds the tries spent."""


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """What may now be told, and the row as it stands: the next step starts from it without reading it again."""

    outcome: T
    stored: Stored


@dataclass(frozen=True, slots=True)
class Decision(Generic[T]):
    """What to tell, and the row that must be written first; None when there is nothing to write."""

    outcome: T
    person: Person | None = None


async def decide(
    people: People,
    account: AccountKey,
    decision_on: Callable[[Person], Decision[T]],
    *,
    landed: Callable[[Person], bool],
    before_write: Callable[[T], Awaitable[None]] | None = None,
    stored: Stored | None = None,
) -> Told[T]:
    """Return the outcome of the decision whose write won, or that needed none.

    Args:
        people: the store.
        account: whose row.
        decision_on: pure; called again with what stands on the row after each lost race.
        landed: whether this request's own nonce stands on the row.
        before_write: awaited before each write; after a lost race the row may need another promise than before.
        stored: the row, where the caller has just read or written it.

    Raises:
        TryAgain: no outcome is known, so none is told.
    """
    stored = stored or await people.read(account)
    for attempt in range(ATTEMPTS):
        decision = decision_on(stored.person)
        if decision.person is None:
            return Told(decision.outcome, stored)
        if before_write is not None:
            await before_write(decision.outcome)
        try:
            return Told(decision.outcome, await people.write(decision.person, stored.revision))
        except (Conflict, StoreLost):
            stored = await _read_again(people, account, attempt)
            if landed(stored.person):
                return Told(decision.outcome, stored)
    raise TryAgain


async def _read_again(people: People, account: AccountKey, attempt: int) -> Stored:
    # Spread over instances by the account's own hash and the attempt: losers of one race should not all meet again.
    await asyncio.sleep(0.002 * attempt + (hash((account, attempt)) % 5) / 1000)
    return await people.read(account)
