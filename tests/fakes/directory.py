"""A Directory (and its AccountRegister) in memory, whose answers to writes can be scripted."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta

from shared.domain.account import AccountKey, DirectoryEntry, ManagedBy, ObjectId, PasswordState
from shared.domain.limits import Rate
from shared.ports.account_register import NameTaken
from shared.ports.clock import Clock
from shared.ports.directory import AccountChanged, Attributes, Capability, WrongPassword
from tests.fakes.keys import a_keyring


class MemoryDirectory:
    capabilities = frozenset(Capability)

    def __init__(self, clock: Clock) -> None:
        self.accounts: dict[ObjectId, tuple[DirectoryEntry, str]] = {}
        self.answers: list[Exception] = []
        """Raised by the next writes, in order. Such a write changes nothing."""
        self.reads_fail: Exception | None = None
        """Raised where attributes are asked for."""
        self.hashes = 0
        self.calls: list[str] = []
        self.asked_about: list[str] = []
        """The names whose passwords were checked, in order."""
        self.locks_at: Rate | None = None
        self.states: dict[str, PasswordState] = {}
        """By name, what a right password is good for."""
        self.known: dict[str, Attributes] = {}
        self.passes: dict[str, timedelta] = {}
        """By name, for how long the pass is good that was issued last."""
        self._clock = clock
        self._stamps = itertools.count(1)

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:
        self.calls.append("authenticate")
        self.asked_about.append(identifier)
        account = self._named(identifier)
        self.hashes += 1
        right = account is not None and account.enabled and self.accounts[account.object_id][1] == password != ""
        if account is None or not right or account.locked:
            return None
        state = self.states.get(account.names[0], PasswordState.FINE)
        return replace(account, password_state=state, is_authenticated=True)

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
        self._unchanged(account)
        return self.changed(account.names[0], password).password_stamp

    async def change_password(self, account: DirectoryEntry, current: str, password: str) -> str:
        self.calls.append("change_password")
        self.hashes += not account.is_authenticated
        if self.accounts.get(account.object_id, (None, ""))[1] != current:
            raise WrongPassword
        stamp = await self.set_password(account, password)
        self.states.pop(account.names[0], None)
        return stamp

    async def unlock(self, account: DirectoryEntry) -> None:
        self.calls.append("unlock")
        if self.answers:
            raise self.answers.pop(0)
        found = self._unchanged(account)
        self._put(replace(found, locked=False), self.accounts[account.object_id][1])

    async def issue_temporary_access_pass(self, account: DirectoryEntry, life: timedelta) -> str:
        self.calls.append("issue_temporary_access_pass")
        if self.answers:
            raise self.answers.pop(0)
        self.passes[self._unchanged(account).names[0]] = life
        return f"pass-{next(self._stamps)}"

    async def attributes(self, account: DirectoryEntry) -> Attributes:
        self.calls.append("attributes")
        if self.reads_fail:
            raise self.reads_fail
        return self.known.get(account.names[0], Attributes())

    def lock(self, name: str) -> None:
        """Lock the account, as failed sign-ins elsewhere do."""
        account = self._named(name)
        assert account is not None
        self._put(replace(account, locked=True), self.accounts[account.object_id][1])

    async def lockout(self) -> Rate | None:
        return self.locks_at

    async def create(
        self, identifier: str, password: str | None, *, roles: frozenset[str], object_id: ObjectId | None = None
    ) -> DirectoryEntry:
        name = identifier.strip().lower()
        if (there := self._named(name)) is not None:
            if there.object_id == object_id:
                return there
            raise NameTaken
        account = DirectoryEntry(
            object_id=object_id or ObjectId(f"{len(self.accounts) + 1:08}-0000-4000-8000-000000000000"),
            names=(name,),
            enabled=True,
            roles=roles,
            password_changed_at=self._clock.now(),
            password_stamp=self._stamp(),
            has_password=password is not None,
            revision="0",
        )
        return self._put(account, password or "")

    def changed(self, name: str, password: str) -> DirectoryEntry:
        """Set the password as an administrator of the directory does."""
        account = self._named(name)
        assert account is not None
        stamped = replace(
            account,
            password_changed_at=self._clock.now(),
            password_stamp=self._stamp(),
            has_password=True,
            locked=False,
        )
        return self._put(stamped, password)

    def granted(self, name: str, *roles: str) -> DirectoryEntry:
        """Give the account these roles and no others."""
        account = self._named(name)
        assert account is not None
        return self._put(replace(account, roles=frozenset(roles)), self.accounts[account.object_id][1])

    async def held(self, account: AccountKey) -> DirectoryEntry | None:
        return dict(await self.following("", len(self.accounts))).get(account)

    async def following(self, account: str, most: int) -> list[tuple[AccountKey, DirectoryEntry]]:
        found = ((a_keyring().account_key(object_id), entry) for object_id, (entry, _) in self.accounts.items())
        keyed = sorted(found, key=lambda one: one[0])
        return [(key, entry) for key, entry in keyed if key > account][:most]

    def managed_by(self, name: str, whom: ManagedBy) -> None:
        """Let somebody else manage the password."""
        account = self._named(name)
        assert account is not None
        self._put(replace(account, managed_by=whom), self.accounts[account.object_id][1])

    async def set_enabled(self, identifier: str, *, enabled: bool) -> None:
        account = self._named(identifier)
        if account is None:
            raise AccountChanged
        self._put(replace(account, enabled=enabled), self.accounts[account.object_id][1])

    def _unchanged(self, account: DirectoryEntry) -> DirectoryEntry:
        found, _ = self.accounts.get(account.object_id, (None, ""))
        if found is None or found.revision != account.revision:
            raise AccountChanged
        return found

    def _stamp(self) -> str:
        return f"stamp {next(self._stamps)}"

    def _put(self, account: DirectoryEntry, password: str) -> DirectoryEntry:
        stored = replace(account, revision=str(int(account.revision) + 1))
        self.accounts[account.object_id] = (stored, password)
        return stored

    def _named(self, identifier: str) -> DirectoryEntry | None:
        wanted = identifier.strip().lower()
        return next((account for account, _ in self.accounts.values() if wanted in account.names), None)
