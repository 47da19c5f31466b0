"""The embedded directory: accounts in Table Storage, passwords as Argon2id hashes."""

import contextlib
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final

from shared.adapters.argon2_hasher import Argon2Hasher
from shared.adapters.azure_tables import ACCOUNTS
from shared.adapters.azure_tables._table import Row, Table
from shared.adapters.directories import Parts
from shared.domain.account import AccountKey, DirectoryEntry, ObjectId
from shared.domain.errors import InvalidInput, TryAgain
from shared.domain.password_rules import normalised_for_embedded
from shared.ports.account_register import NameTaken
from shared.ports.clock import Clock
from shared.ports.directory import (
    AccountChanged,
    Attributes,
    Capability,
    DirectoryUnknown,
    NotSupported,
    WrongPassword,
)
from shared.ports.keyring import Keyring
from shared.ports.store import Conflict, StoreLost
from shared.validation.identifier import canonical_identifier

ACCOUNT_ROW: Final = "account"
NAME_ROW: Final = "name"

NOBODY: Final = ObjectId(str(uuid.UUID(int=0)))
"""The nil UUID (RFC 9562, section 5.9), which `create` never draws."""


def directory(parts: Parts) -> "EmbeddedDirectory":
    """Made when the wiring needs it."""
    return EmbeddedDirectory(parts.table(ACCOUNTS), parts.hasher, parts.keyring, parts.clock)


@dataclass(frozen=True, slots=True)
class EmbeddedDirectory:
    """Keeps two kinds of rows: the account under its key, and each of its names under a key derived from the name."""

    table: Table
    hasher: Argon2Hasher
    keyring: Keyring
    clock: Clock
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CHECK_PASSWORD, Capability.CHANGE_PASSWORD})

    async def lockout(self) -> None:
        """Never: `shared/domain/sign_in.py` counts failures instead."""

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:
        row = await self._by_name(identifier)
        entry = entry_of(row)
        # Two reads and one hash for a known name, an unknown name and a disabled entry, so that timing reveals
        # nothing.
        stored = (row.values["password"] or None) if row else None  # none yet: the same hash of nobody
        right = await self.hasher.verify(stored, normalised_for_embedded(password))
        if not right or row is None or entry is None or not entry.enabled:
            return None
        entry = replace(entry, is_authenticated=True)
        if not self.hasher.is_outdated(row.values["password"]):
            return entry
        return await self._rehashed(entry, row, password)

    async def resolve(self, identifier: str) -> DirectoryEntry | None:
        return entry_of(await self._by_name(identifier))

    async def find(self, object_id: ObjectId) -> DirectoryEntry | None:
        return entry_of(await self.table.read(self.keyring.account_key(object_id), ACCOUNT_ROW))

    async def set_password(self, entry: DirectoryEntry, password: str) -> str:
        hashed = await self.hasher.hash(normalised_for_embedded(password))
        key = self.keyring.account_key(entry.object_id)
        changed = replace(entry, password_changed_at=self.clock.now(), password_stamp=_new_stamp(), has_password=True)
        try:
            await self.table.replace(key, ACCOUNT_ROW, _values(changed, hashed), entry.revision)
        except (Conflict, StoreLost) as error:
            await self._judge_lost_write(key, hashed, error)
        return changed.password_stamp

    async def change_password(self, entry: DirectoryEntry, current: str, password: str) -> str:
        if not entry.is_authenticated:  # else the write is refused if there is another password by now
            row = await self.table.read(self.keyring.account_key(entry.object_id), ACCOUNT_ROW)
            if not await self.hasher.verify(row.values["password"] if row else None, normalised_for_embedded(current)):
                raise WrongPassword
        return await self.set_password(entry, password)

    async def unlock(self, entry: DirectoryEntry) -> None:  # noqa: ARG002  the port names it
        raise NotSupported

    async def issue_temporary_access_pass(self, entry: DirectoryEntry, life: timedelta) -> str:  # noqa: ARG002  the port
        raise NotSupported

    async def attributes(self, entry: DirectoryEntry) -> Attributes:  # noqa: ARG002  the port names it
        raise NotSupported

    async def _judge_lost_write(self, key: str, hashed: str, error: Exception) -> None:
        """Handle a conflict or a lost response: if the row has our new hash, the write was applied (rule 4)."""
        try:
            row = await self.table.read(key, ACCOUNT_ROW)
        except StoreLost:
            raise DirectoryUnknown from error
        if row is not None and secrets.compare_digest(row.values["password"], hashed):
            return
        if isinstance(error, Conflict):
            raise AccountChanged from error
        # The hash is not there now, but the unanswered write may still arrive, so the outcome is unknown (rule 11).
        raise DirectoryUnknown from error

    async def create(
        self, identifier: str, password: str | None, *, roles: frozenset[str], object_id: ObjectId | None = None
    ) -> DirectoryEntry:
        """Create an enabled entry. Raises NameTaken."""
        entry = DirectoryEntry(
            object_id=object_id or ObjectId(str(uuid.uuid4())),
            names=(canonical_identifier(identifier),),
            enabled=True,
            roles=roles,
            password_changed_at=self.clock.now(),
            password_stamp=_new_stamp(),
            has_password=password is not None,
            revision="",
        )
        key = self.keyring.account_key(entry.object_id)
        hashed = "" if password is None else await self.hasher.hash(normalised_for_embedded(password))
        await self._have_nobody(entry)
        # The entry is written first, so that a name never points to a missing entry. An entry without a name is
        # harmless.
        with contextlib.suppress(*([Conflict] if object_id else [])):  # made by an earlier run of the same work
            await self.table.insert(key, ACCOUNT_ROW, _values(entry, hashed))
        name_key = self._name_key(entry.names[0])
        try:
            await self.table.insert(name_key, NAME_ROW, {"account": key})
        except Conflict:
            leads = await self.table.read(name_key, NAME_ROW) if object_id else None
            if leads is not None and leads.values["account"] == key:
                return await self.held(key) or entry
            await self.table.delete(key, ACCOUNT_ROW)
            raise NameTaken from None
        return entry

    async def held(self, account: AccountKey) -> DirectoryEntry | None:
        return entry_of(await self.table.read(account, ACCOUNT_ROW))

    async def following(self, account: str, most: int) -> list[tuple[AccountKey, DirectoryEntry]]:
        found, after = list[tuple[AccountKey, DirectoryEntry]](), {"after": account, "row": ACCOUNT_ROW}
        # One more, because the entry of nobody is left out.
        async for row in self.table.query("PartitionKey gt @after and RowKey eq @row", after, page=most + 1):
            entry = entry_of(row)
            if entry is not None and entry.object_id != NOBODY:
                found.append((AccountKey(row.values["PartitionKey"]), entry))
            if len(found) == most:
                break
        return found

    async def set_enabled(self, identifier: str, *, enabled: bool) -> None:
        """Disable or enable the entry. Raises AccountChanged if it does not exist or changed meanwhile."""
        row = await self._by_name(identifier)
        if row is None:
            raise AccountChanged
        values = {k: v for k, v in row.values.items() if k not in {"PartitionKey", "RowKey"}}
        try:
            await self.table.replace(row.values["PartitionKey"], ACCOUNT_ROW, {**values, "enabled": enabled}, row.etag)
        except Conflict as conflict:
            raise AccountChanged from conflict

    async def _rehashed(self, entry: DirectoryEntry, row: Row, password: str) -> DirectoryEntry:
        """Rehash the password with the current pepper and parameters, and return the entry.

        This is not a password change: date and stamp stay, and so do verifications and sessions. If the write
        conflicts or the store does not answer, the sign-in succeeds anyway and the next one tries again.
        """
        try:
            hashed = await self.hasher.hash(normalised_for_embedded(password))
            values = _values(entry, hashed)
            etag = await self.table.replace(row.values["PartitionKey"], ACCOUNT_ROW, values, row.etag)
        except (Conflict, TryAgain):
            return entry
        return replace(entry, revision=etag)

    async def _by_name(self, identifier: str) -> Row | None:
        try:
            name = str(canonical_identifier(identifier))
        except InvalidInput:
            name = ""
        leads = await self.table.read(self._name_key(name), NAME_ROW)
        # An unknown name reads the entry of nobody. A read that finds nothing is 0.1 ms shorter, which can be measured.
        key = leads.values["account"] if leads else self.keyring.account_key(NOBODY)
        row = await self.table.read(key, ACCOUNT_ROW)
        return row if leads else None

    async def _have_nobody(self, like: DirectoryEntry) -> None:
        """Have the entry that unknown names read: about as long as another one, disabled, and no name leads to it."""
        key = self.keyring.account_key(NOBODY)
        if await self.table.read(key, ACCOUNT_ROW):
            return
        nobody = replace(like, object_id=NOBODY, names=(canonical_identifier("nobody"),), enabled=False)
        hashed = await self.hasher.hash(secrets.token_urlsafe())
        with contextlib.suppress(Conflict):
            await self.table.insert(key, ACCOUNT_ROW, _values(nobody, hashed))

    def _name_key(self, name: str) -> str:
        return self.keyring.digest("embedded-name", name)


def entry_of(row: Row | None) -> DirectoryEntry | None:
    """Return the entry of a row. Raises KeyError if the service cannot have written it."""
    if row is None:
        return None
    return DirectoryEntry(
        object_id=ObjectId(row.values["object_id"]),
        names=tuple(row.values["names"].split("\n")),
        enabled=row.values["enabled"],
        roles=frozenset(row.values["roles"].split()),
        password_changed_at=row.values["password_changed_at"],
        password_stamp=row.values["password_stamp"],
        has_password=row.values["password"] != "",
        revision=row.etag,
    )


def _new_stamp() -> str:
    return secrets.token_urlsafe(16)


def _values(entry: DirectoryEntry, hashed: str) -> dict[str, object]:
    return {
        "object_id": entry.object_id,
        "names": "\n".join(entry.names),
        "enabled": entry.enabled,
        "roles": " ".join(sorted(entry.roles)),
        "password": hashed,
        "password_changed_at": entry.password_changed_at,
        "password_stamp": entry.password_stamp,
    }
