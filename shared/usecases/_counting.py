"""Keep the coverage in step with the rows of people.

What is counted is the state of the row, and not that something happened: a message that comes twice changes nothing the
second time, and one that is lost is made good by the next one about the person. Two things lead here: the audit events
of what changes the coverage, and the orders for notices, which are promised before a change (rule 31). So a change is
counted although its process was killed before it left the event.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from shared.domain.account import AccountKey, week_of_stranger
from shared.domain.account import DirectoryEntry as Entry
from shared.domain.coverage import Standing, as_of, standing_of
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.trail import AuditEvent, Tag
from shared.ports.account_register import AccountRegister
from shared.ports.clock import Clock
from shared.ports.coverage import CoverageStore
from shared.ports.directory import Capability, Directory, DirectoryLost
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.store import Conflict, StoreLost

CHANGES: Final = frozenset({
    Tag.METHOD_CONFIRMED, Tag.METHOD_REMOVED, Tag.METHOD_TAKEN, Tag.METHOD_USED_UP, Tag.CHANGE_STOPPED,
    Tag.REGISTRATION_RECONFIRMED, Tag.PREFILLED, Tag.ERASED, Tag.UNBLOCKED, Tag.FROZEN, Tag.THAWED, Tag.REREGISTRATION,
    Tag.METHODS_COMPROMISED, Tag.ACCOUNT_CREATED,
})  # fmt: skip
"""The events of what changes the coverage of a person. Whoever causes one has signed in or proved who they are, so the
directory may be asked (rule 24)."""

TRIES: Final = 30
LATER_SECONDS: Final = 0.02
"""The wait after a conflict grows with each try and is random: a sum is written for everybody in its shard."""

AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Counting:
    """The ports for counting a person."""

    coverage: CoverageStore
    people: People
    directory: Directory
    accounts_here: AccountRegister | None
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def events(self, events: Collection[AuditEvent]) -> None:
        """Count those about whom these events are. Raises StoreLost."""
        accounts = dict.fromkeys(event.account for event in events if event.tag in CHANGES and event.account)
        shards: dict[str, list[str]] = defaultdict(list)
        for account in accounts:
            shards[account[0]].append(account)
        places = asyncio.Semaphore(AT_ONCE)

        async def count(shard: list[str]) -> None:
            async with places:
                for account in shard:  # one after the other: each changes the sum of the shard
                    await self.count(AccountKey(account))

        await asyncio.gather(*map(count, shards.values()))

    async def count(self, account: AccountKey, *, ask: bool = True) -> bool:
        """Count the person as the row is now, and return whether that changed anything. Raises StoreLost.

        `ask`: whether the directory is asked too. Otherwise it is asked only about somebody who has registered and was
        never counted, so that no stranger causes a question (rule 24).
        """
        if week_of_stranger(account):
            return False
        for turn in range(TRIES):
            # In this order: what is counted then is at least as new as what was counted last.
            before = await self.coverage.read(account)
            person = (await self.people.read(account)).person
            after = await self.standing(account, person, before.standing, ask=ask)
            today = self.clock.now().date()
            if as_of(after, today) == as_of(before.standing, today):
                return False
            try:
                await self.coverage.settle(account, before, after, today)
            except Conflict:
                await asyncio.sleep(LATER_SECONDS * turn * self.randomness.fraction())
            else:
                return True
        raise StoreLost

    async def standing(
        self,
        account: AccountKey,
        person: Person,
        before: Standing | None,
        *,
        ask: bool = True,
        entry: Entry | None = None,
    ) -> Standing | None:
        """Return what to count of the person. None for somebody whom the service does not know (any more).

        `entry`: that of the directory, where it was read already. Raises StoreLost.
        """
        said = await self._said(account, person, before, ask=ask, entry=entry)
        return standing_of(person, self.policy, self.clock.now(), **said) if said is not None else None

    async def _said(
        self, account: AccountKey, person: Person, before: Standing | None, *, ask: bool, entry: Entry | None
    ) -> dict[str, Any] | None:
        """Return what the directory says, or said last."""
        if person.object_id is None and self.accounts_here is None:
            return None
        if ask or (before is None and person.confirmed):
            with suppress(DirectoryLost):
                found = entry or await self._entry(account, person)
                if found is not None:
                    said = {"object_id": found.object_id, "enabled": found.enabled, "privileged": found.is_privileged}
                    return {**said, "groups": await self._groups(found)}
                if person.object_id is None:
                    return None
                return {"object_id": person.object_id, "enabled": False, "privileged": person.privileged}
        if before is None:
            return None
        return {name: getattr(before, name) for name in ("object_id", "enabled", "privileged", "groups")}

    async def _entry(self, account: AccountKey, person: Person) -> Entry | None:
        if self.accounts_here is not None:  # all of its accounts count, registered or not
            return await self.accounts_here.held(account)
        return await self.directory.find(person.object_id) if person.object_id else None

    async def _groups(self, entry: Entry) -> tuple[str, ...]:
        if Capability.ATTRIBUTES not in self.directory.capabilities:
            return ()
        return (await self.directory.attributes(entry)).groups
