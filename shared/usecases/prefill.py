"""Prefill contacts that an administrator supplies and that people confirm later (M17)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared.domain.account import DirectoryEntry
from shared.domain.contact import Contact, masked_name, refuse_own_mailbox
from shared.domain.errors import InvalidInput
from shared.domain.language import LANGUAGES
from shared.domain.person import Person, Sealed
from shared.domain.policy import Policy
from shared.domain.registration import prefilled
from shared.domain.trail import Tag, Trail
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
from shared.validation.cells import Row, language_of
from shared.validation.identifier import canonical_identifier

AT_ONCE = 8
"""Rows at the same time: enough to hide the store's latency, few enough to keep the instance responsive."""

COLUMNS: Final = (
    "identifier",
    "language",
    *(name for name, method in ALL.items() if isinstance(method, SentCodeMethod)),
)
"""The columns of a batch: who it is, the language of messages, and one for each method that has a contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellVerdict:
    """The result of a cell: `prefilled`, `unchanged` or `refused`, with what is wrong with it."""

    column: str
    verdict: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of a row (counted from 1): `prefilled`, `unchanged` or `refused`. `code` says what was not taken."""

    row: int
    identifier: str
    verdict: str
    code: str | None
    cells: tuple[CellVerdict, ...] = ()
    duplicate_of: int | None = None
    """The row that has the same person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """One row, before anything is written: what can be taken from it, and for whom."""

    number: int
    identifier: str = ""
    contacts: tuple[tuple[SentCodeMethod, Contact], ...] = ()
    language: str | None = None
    refused: tuple[CellVerdict, ...] = ()
    entry: DirectoryEntry | None = None
    code: str | None = None
    """Why nothing can be taken from it."""

    def verdict(self, verdict: str, code: str | None, *cells: CellVerdict, duplicate_of: int | None = None) -> Verdict:
        """Return the verdict on the row, with that on each cell in the order of the columns."""
        ordered = tuple(sorted((*cells, *self.refused), key=lambda cell: COLUMNS.index(cell.column)))
        return Verdict(
            row=self.number,
            identifier=self.identifier,
            verdict=verdict,
            code=code,
            cells=ordered,
            duplicate_of=duplicate_of,
        )


@dataclass(frozen=True, slots=True)
class Prefill:
    """Sets contacts and language only. A contact is unconfirmed and never replaces a confirmed one (R-65).

    Cells and rows are judged apart: one that is refused costs no other. A person whom a batch has twice is taken from
    the first row that has anything for them, whatever the spelling of the name, in a dry run too.
    """

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
        self, token: str, batch_rows: Sequence[Row], trail: Trail, *, dry_run: bool
    ) -> tuple[Verdict, ...]:
        """Return a verdict for each row.

        Raises SignInRequired, SignInAgain and NotAllowed.
        """
        caller = await self.signed_in.for_a_write(token)
        await self.signed_in.entry_now(caller, trail, administrator=True)
        places = asyncio.Semaphore(AT_ONCE)

        async def given(number: int, row: Row) -> _Given:
            async with places:
                return await self._given(number, row)

        async def judged(of: _Given, first: int | None) -> Verdict:
            if of.code or of.entry is None:
                verdict = of.verdict("refused", of.code)
            elif first is not None:
                verdict = of.verdict("refused", "duplicate", duplicate_of=first)
            else:
                async with places:
                    verdict = await self._judge(of, of.entry, dry_run=dry_run)
            if not dry_run:
                trail.record(
                    Tag.PREFILLED,
                    self.clock.now(),
                    account=self.keyring.account_key(of.entry.object_id) if of.entry else "",
                    actor=caller.session.account,
                    cause=verdict.code or verdict.verdict,
                )
            return verdict

        all_given = await asyncio.gather(*(given(number, row) for number, row in enumerate(batch_rows, start=1)))
        first: dict[str, int] = {}
        for of in all_given:
            if of.entry is not None and of.code is None:
                first.setdefault(of.entry.object_id, of.number)
        earlier = [first.get(of.entry.object_id) if of.entry else None for of in all_given]
        return tuple(
            await asyncio.gather(
                *(judged(of, one if one != of.number else None) for of, one in zip(all_given, earlier, strict=True))
            )
        )

    async def _given(self, number: int, row: Row) -> _Given:
        """Read the cells of one row, each alone, and resolve the name."""
        if not row.is_row:
            return _Given(number=number, code="not_a_row")
        contacts: list[tuple[SentCodeMethod, Contact]] = []
        faults: dict[str, str] = {**row.faults}
        language = None
        for column, text in row.texts.items():
            method = ALL.get(column)
            try:
                if column == "language":
                    language = language_of(text, LANGUAGES)
                elif isinstance(method, SentCodeMethod):
                    contacts.append((method, method.contact(text, self.policy)))
            except InvalidInput as fault:
                faults[column] = fault.reason
        identifier = row.texts.get("identifier", "")
        of = _Given(
            number=number,
            identifier=identifier,
            contacts=tuple(contacts),
            language=language,
            refused=tuple(CellVerdict(column=c, verdict="refused", reason=reason) for c, reason in faults.items()),
        )
        if "identifier" in faults or not identifier:
            return replace(of, code="bad_identifier" if "identifier" in faults else "no_identifier")
        if not contacts and language is None:
            return replace(of, code=f"bad_{next(iter(faults))}" if faults else "nothing_given")
        try:
            entry = await self.directory.resolve(canonical_identifier(identifier))
        except InvalidInput:
            return replace(of, code="bad_identifier")
        if entry is None:
            return replace(of, code="unknown_identifier")
        of = self._without_own_mailboxes(replace(of, entry=entry), entry)
        return replace(of, code="privileged" if entry.is_privileged else None)

    def _without_own_mailboxes(self, of: _Given, entry: DirectoryEntry) -> _Given:
        """Return the row without mailboxes that open with the password that would be reset (M4)."""
        taken, refused = [], list(of.refused)
        for method, contact in of.contacts:
            try:
                refuse_own_mailbox(contact, entry.mail_domains)
                taken.append((method, contact))
            except InvalidInput as fault:
                refused.append(CellVerdict(column=method.name, verdict="refused", reason=fault.reason))
        return replace(of, contacts=tuple(taken), refused=tuple(refused))

    async def _judge(self, of: _Given, entry: DirectoryEntry, *, dry_run: bool) -> Verdict:
        account, now = self.keyring.account_key(entry.object_id), self.clock.now()
        new = [self.sealing.contact(account, method, contact) for method, contact in of.contacts]
        if dry_run:
            person = (await self.people.read(account)).person
            return self._on_row(person, of, entry, new, now)[1]
        await self.name_binding.bind(entry)
        row = self.rows.change(account, self.randomness.token())
        while True:
            after, verdict = self._on_row(await row.read(), of, entry, new, now)
            if await row.write(after):
                return verdict

    def _on_row(
        self, person: Person, of: _Given, entry: DirectoryEntry, new: list[Sealed], now: datetime
    ) -> tuple[Person | None, Verdict]:
        """Return the row to write (None if nothing changes), and the verdict."""
        cells = []
        after = replace(
            person,
            object_id=entry.object_id,
            masked_name=masked_name(entry.names[0]),
            language=of.language or person.language,
        )
        if of.language is not None:
            changed = of.language != person.language
            cells.append(CellVerdict(column="language", verdict="prefilled" if changed else "unchanged"))
        for sealed in new:
            after, verdict = prefilled(after, sealed, now)
            kept = verdict == "confirmed_by_person"
            cells.append(
                CellVerdict(
                    column=sealed.method, verdict="refused" if kept else verdict, reason=verdict if kept else None
                )
            )
        verdicts = {cell.verdict for cell in cells}
        blocked = next((cell.reason for cell in cells if cell.reason), None)
        code = blocked or (f"bad_{of.refused[0].column}" if of.refused else None)
        if "prefilled" not in verdicts:
            return None, of.verdict("refused" if code else "unchanged", code, *cells)
        return after, of.verdict("prefilled", code, *cells)
