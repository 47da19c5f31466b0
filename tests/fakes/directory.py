"""A Directory (and its AccountRegister) in memory, whose answers to writes can be scripted."""

import asyncio
import itertools
from dataclasses import replace

from shared.domain.account import DirectoryEntry, ObjectId
from shared.domain.limits import Rate
from shared.ports.account_register import NameTaken
from shared.ports.clock import Clock
from shared.ports.directory import AccountChanged


class MemoryDirectory:
    def __init__(self, clock: Clock) -> None:
        self.accounts: dict[ObjectId, tuple[DirectoryEntry, str]] = {}
        self.answers: list[Exception] = []
        """Raised by the next writes, in order. Such a write changes nothing."""
        self.hashes = 0
        self.calls: list[str] = []
        self.asked_about: list[str] = []
        """The names whose passwords were checked, in order."""
        self.lockout: Rate | None = None
        self._clock = clock
        self._stamps = itertools.count(1)

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:
        self.calls.append("authenticate")
        self.asked_about.append(identifier)
        account = self._named(identifier)
        self.hashes += 1
        right = account is not None and account.enabled and self.accounts[account.object_id][1] == password
        return account if right else None

    async def resolve(self, identifier: str) -> DirectoryEntry | None:
        self.calls.append("resolve")
        return self._named(identifier)

    async def find(self, object_id: ObjectId) -> DirectoryEntry | None:
        self.calls.append("find")
        found = self.accounts.get(object_id)
        return found[0] if found else None

    async def set_password(self, account: DirectoryEntry, password: str) -> str:
        self.calls.append("set_password")
        await asyncio.sleep(0)
        if self.answers:
            raise self.answers.pop(0)
        if self.accounts.get(account.object_id, (None, ""))[0] != account:
            raise AccountChanged
        return self.changed(account.names[0], password).password_stamp

    async def create(self, identifier: str, password: str, *, roles: frozenset[str]) -> DirectoryEntry:
        name = identifier.strip().lower()
        if self._named(name) is not None:
            raise NameTaken
        account = DirectoryEntry(
            object_id=ObjectId(f"object {len(self.accounts) + 1}"),
            names=(name,),
            enabled=True,
            roles=roles,
            password_changed_at=self._clock.now(),
            password_stamp=self._stamp(),
            revision="0",
        )
        return self._put(account, password)

    def changed(self, name: str, password: str) -> DirectoryEntry:
        """Set the password as an administrator of the directory does."""
        account = self._named(name)
        assert account is not None
        stamped = replace(account, password_changed_at=self._clock.now(), password_stamp=self._stamp())
        return self._put(stamped, password)

    def granted(self, name: str, *roles: str) -> DirectoryEntry:
        """Give the account these roles and no others."""
        account = self._named(name)
        assert account is not None
        return self._put(replace(account, roles=frozenset(roles)), self.accounts[account.object_id][1])

    async def set_enabled(self, identifier: str, *, enabled: bool) -> None:
        account = self._named(identifier)
        if account is None:
            raise AccountChanged
        self._put(replace(account, enabled=enabled), self.accounts[account.object_id][1])

    def _stamp(self) -> str:
        return f"stamp {next(self._stamps)}"

    def _put(self, account: DirectoryEntry, password: str) -> DirectoryEntry:
        stored = replace(account, revision=str(int(account.revision) + 1))
        self.accounts[account.object_id] = (stored, password)
        return stored

    def _named(self, identifier: str) -> DirectoryEntry | None:
        wanted = identifier.strip().lower()
        return next((account for account, _ in self.accounts.values() if wanted in account.names), None)
