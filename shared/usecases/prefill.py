"""Prefill contacts that an administrator supplies and that people confirm later (M17)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.contact import Contact
from shared.domain.errors import InvalidInput
from shared.domain.person import Person, Sealed
from shared.domain.policy import Policy
from shared.domain.registration import prefilled
from shared.domain.trail import Tag, Trail
from shared.messages.catalogue import LANGUAGES
from shared.methods import ALL, SentCodeMethod
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.usecases._name_binding import NameBinding
from shared.usecases._rows import Rows
from shared.usecases._sealing import Sealing
from shared.usecases._signed_in import SignedIn
from shared.validation.identifier import canonical_identifier

AT_ONCE = 8
"""Rows at the same time: enough to hide the store's latency, few enough to keep the instance responsive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefillRow:
    """One row of the request. Its types and sizes are already checked."""

    identifier: str
    contacts: dict[str, str]
    """By method name."""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of a row (counted from 1): `prefilled`, `unchanged` or `refused`. `code` says what was not taken."""

    row: int
    identifier: str
    verdict: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Prefill:
    """Sets contacts and language only. A contact is unconfirmed and never replaces a confirmed one (R-65)."""

    people: People
    rows: Rows
    signed_in: SignedIn
    sealing: Sealing
    directory: Directory
    name_binding: NameBinding
    keyring: Keyring
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(
        self, token: str, prefill_rows: Sequence[PrefillRow], trail: Trail, *, dry_run: bool
    ) -> tuple[Verdict, ...]:
        """Return a verdict for each row. A refused row stops no other.

        Raises SignInRequired, SignInAgain and NotAllowed.
        """
        caller = await self.signed_in.for_a_write(token)
        await self.signed_in.entry_now(caller, trail, administrator=True)
        actor = caller.session.account
        places = asyncio.Semaphore(AT_ONCE)

        async def judged(number: int, given: PrefillRow) -> Verdict:
            async with places:
                verdict, code, account = await self._row(given, dry_run=dry_run)
            if not dry_run:
                trail.record(
                    Tag.PREFILLED,
                    self.clock.now(),
                    account=account,
                    actor=actor,
                    cause=code or verdict,
                )
            return Verdict(row=number, identifier=given.identifier, verdict=verdict, code=code)

        return tuple(await asyncio.gather(*(judged(number, row) for number, row in enumerate(prefill_rows, start=1))))

    async def _row(self, given: PrefillRow, *, dry_run: bool) -> tuple[str, str | None, str]:
        """Return the verdict, the reason, and the account key (empty if no account was found)."""
        if not given.contacts and given.language is None:
            return "refused", "nothing_given", ""
        if given.language is not None and given.language not in LANGUAGES:
            return "refused", "bad_language", ""
        contacts: list[tuple[SentCodeMethod, Contact]] = []
        for name, text in given.contacts.items():
            method = ALL.get(name)
            if not isinstance(method, SentCodeMethod):
                return "refused", f"bad_{name}", ""
            try:
                contacts.append((method, method.contact(text, self.policy)))
            except InvalidInput:
                return "refused", f"bad_{name}", ""
        try:
            entry = await self.directory.resolve(canonical_identifier(given.identifier))
        except InvalidInput:
            return "refused", "bad_identifier", ""
        if entry is None:
            return "refused", "unknown_identifier", ""
        if entry.is_privileged:
            return "refused", "privileged", ""
        account = self.keyring.account_key(entry.object_id)
        new = [self.sealing.contact(account, method, contact) for method, contact in contacts]
        if dry_run:
            person = (await self.people.read(account)).person
            _, verdict, code = self._on_row(person, entry, new, given.language, self.clock.now())
        else:
            await self.name_binding.bind(entry)
            verdict, code = await self._write(account, entry, new, given.language)
        return verdict, code, account

    async def _write(
        self, account: AccountKey, entry: DirectoryEntry, new: list[Sealed], language: str | None
    ) -> tuple[str, str | None]:
        now = self.clock.now()
        row = self.rows.change(account, self.randomness.token())
        while True:
            after, verdict, code = self._on_row(await row.read(), entry, new, language, now)
            if await row.write(after):
                return verdict, code

    def _on_row(
        self, person: Person, entry: DirectoryEntry, new: list[Sealed], language: str | None, now: datetime
    ) -> tuple[Person | None, str, str | None]:
        """Return the row to write (None if nothing changes), the verdict, and why a contact was not taken."""
        verdicts = []
        after = replace(person, object_id=entry.object_id, language=language or person.language)
        for sealed in new:
            after, verdict = prefilled(after, sealed, now)
            verdicts.append(verdict)
        blocked = "confirmed_by_person" if "confirmed_by_person" in verdicts else None
        if after == person or ("prefilled" not in verdicts and blocked):
            return None, "refused" if blocked else "unchanged", blocked
        return after, "prefilled", blocked
