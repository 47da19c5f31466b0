"""Decide about one row of an import, and write it (M17, rule 20).

A row goes through three steps, so that a whole portion can be decided before anything of it is written:

    given      its cells are read, each alone, and its name is resolved
    planned    the row of the person is read, and the verdict is made
    applied    what was planned is written

A step that is repeated after the process was killed gives the same result: the nonce, the versions and the codes are
derived from the import and the row, and a write that bears the nonce is not made again.

Long: one row is told from its cells to its verdict in one place.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared.domain.account import AccountKey, DirectoryEntry, ObjectId
from shared.domain.activation import issued, needs_two
from shared.domain.contact import Contact, masked_name, refuse_own_mailbox
from shared.domain.errors import InvalidInput
from shared.domain.imports import CellVerdict, Import, Row, Settled, Verdict
from shared.domain.language import LANGUAGES
from shared.domain.person import Notice, Offer, Person, Provenance, Sealed
from shared.domain.policy import Policy
from shared.domain.registration import may_be_overwritten, overwritten, prefilled
from shared.methods import ALL, COLUMN_NAMES, SentCodeMethod
from shared.ports.account_register import AccountRegister, NameTaken
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.people import People, Stored
from shared.ports.promised_notices import PromisedNotices
from shared.usecases._activations import Activations
from shared.usecases._due import Scheduling
from shared.usecases._name_binding import NameBinding
from shared.usecases._rows import Rows
from shared.usecases._sealing import Sealing
from shared.validation.cells import is_permitted, language_of
from shared.validation.identifier import canonical_identifier, new_identifier

ORDER: Final = tuple(COLUMN_NAMES)
NONCE: Final = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One row, before anything is decided: what can be taken from it, and for whom."""

    row: Row
    identifier: str = ""
    contacts: tuple[tuple[SentCodeMethod, Contact], ...] = ()
    language: str | None = None
    refused: tuple[CellVerdict, ...] = ()
    entry: DirectoryEntry | None = None
    is_new: bool = False
    """Whether the account is to be created, or was by an earlier delivery of this row."""
    is_bound: bool = False
    """Whether every name leads to the account already."""
    code: str = ""
    """Why nothing can be taken from it."""

    def verdict(self, verdict: str, code: str | None, *cells: CellVerdict, duplicate_of: int | None = None) -> Verdict:
        """Return the verdict on the row, with that on each cell in the order of the columns."""
        ordered = tuple(sorted((*cells, *self.refused), key=lambda cell: ORDER.index(cell.column)))
        return Verdict(
            row=self.row.line,
            identifier=self.identifier,
            verdict=verdict,
            code=code or None,
            cells=ordered,
            duplicate_of=duplicate_of,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One row of one import: everything that a repetition must find again is derived from these."""

    of: Import
    given: Given
    account: AccountKey
    nonce: str
    at: datetime

    @property
    def provenance(self) -> Provenance | None:
        word = self.of.permission
        if word is None:
            return None
        return Provenance(import_id=self.of.id, basis=word.basis, attested_by=word.attested_by)


@dataclass(frozen=True, slots=True)
class Prefilling:
    """Sets contacts and languages, creates accounts, issues activation codes. It confirms nothing (R-65)."""

    people: People
    rows: Rows
    sealing: Sealing
    directory: Directory
    accounts_here: AccountRegister | None
    """The embedded directory. None where accounts are created elsewhere."""
    name_binding: NameBinding
    activations: Activations
    scheduling: Scheduling
    promised: PromisedNotices
    keyring: Keyring
    policy: Policy

    # -- given --

    async def given(self, of: Import, row: Row) -> Given:
        """Read the cells of one row, each alone, and resolve the name. Raises TryAgain."""
        given = self._cells(of, row)
        if given.code:
            return given
        given = await self._with_entry(of, given)
        if given.entry is None:
            return given
        return self._for(given, given.entry)

    def _for(self, given: Given, entry: DirectoryEntry) -> Given:
        """Return the row with what may be taken from it for this account."""
        given = self._without_own_mailboxes(given, entry)
        return replace(given, code="privileged" if entry.is_privileged else "")

    def _cells(self, of: Import, row: Row) -> Given:
        contacts: list[tuple[SentCodeMethod, Contact]] = []
        faults: dict[str, str] = {**row.faults}
        language, permitted = None, True
        for column, text in row.texts.items():
            method = ALL.get(column)
            try:
                if column == "language":
                    language = language_of(text, LANGUAGES)
                elif column == "permission":
                    permitted = is_permitted(text)
                elif isinstance(method, SentCodeMethod):
                    contacts.append((method, method.contact(text, self.policy)))
            except InvalidInput as fault:
                faults[column] = fault.reason
        if "permission" in faults or not permitted:
            faults |= {method.name: "no_permission" for method, _ in contacts}
            contacts = []
        identifier = row.texts.get("identifier", "")
        refused = tuple(CellVerdict(column=column, verdict="refused", reason=faults[column]) for column in faults)
        given = Given(
            row=row, identifier=identifier, contacts=tuple(contacts), language=language, refused=refused, code=row.code
        )
        if row.code:
            return given
        if "identifier" in faults or not identifier:
            return replace(given, code="bad_identifier" if "identifier" in faults else "no_identifier")
        if not (contacts or language or of.wishes.create_accounts or of.wishes.activation):
            return replace(given, code=_code_of(given) or "nothing_given")
        return given

    async def _with_entry(self, of: Import, given: Given) -> Given:
        """Find the account by the name. One of our own directory costs two reads, as a name there never moves."""
        try:
            name = canonical_identifier(given.identifier)
            if self.accounts_here is not None:
                found = await self.name_binding.names.find(self.keyring.name_key(name))
                entry = await self.accounts_here.held(found.account) if found is not None else None
                if entry is not None and name in entry.names:
                    return replace(given, entry=entry, is_bound=True, is_new=entry.object_id == self._new_id(of, given))
                if of.wishes.create_accounts and not of.wishes.dry_run:  # where the name is taken, creating it says so
                    return self._with_new_entry(of, given)
            entry = await self.directory.resolve(name)
        except InvalidInput:
            return replace(given, code="bad_identifier")
        if entry is None:
            wanted = of.wishes.create_accounts
            return self._with_new_entry(of, given) if wanted else replace(given, code="unknown_identifier")
        return replace(given, entry=entry, is_new=entry.object_id == self._new_id(of, given))

    def _with_new_entry(self, of: Import, given: Given) -> Given:
        """Return the row with the entry that will be created. Raises InvalidInput for a name that no account gets."""
        entry = DirectoryEntry(
            object_id=self._new_id(of, given),
            names=(new_identifier(given.identifier),),
            enabled=True,
            roles=frozenset(),
            password_changed_at=of.began_at,
            password_stamp="",
            has_password=False,
            revision="",
        )
        return replace(given, entry=entry, is_new=True)

    def _new_id(self, of: Import, given: Given) -> ObjectId:
        """Return the id of the account that this row creates, a UUID, so that a repetition finds it again."""
        drawn = hashlib.sha256(self.keyring.digest("import-account", of.id, str(given.row.line)).encode()).hexdigest()
        return ObjectId(f"{drawn[:8]}-{drawn[8:12]}-8{drawn[13:16]}-8{drawn[17:20]}-{drawn[20:32]}")

    def _without_own_mailboxes(self, given: Given, entry: DirectoryEntry) -> Given:
        """Return the row without mailboxes that open with the password that would be reset (M4)."""
        taken, refused = [], list(given.refused)
        for method, contact in given.contacts:
            try:
                refuse_own_mailbox(contact, entry.mail_domains)
                taken.append((method, contact))
            except InvalidInput as fault:
                refused.append(CellVerdict(column=method.name, verdict="refused", reason=fault.reason))
        return replace(given, contacts=tuple(taken), refused=tuple(refused))

    # -- planned --

    async def planned(self, of: Import, given: Given, first: int | None, at: datetime) -> tuple[Settled, Stored | None]:
        """Return the verdict on a row, and the person's row that it is about. `first`: the row that has this person."""
        account = self.account_of(given)
        if given.code or given.entry is None:
            return Settled(verdict=given.verdict("refused", given.code), account=account), None
        if first is not None:
            duplicate = given.verdict("refused", "duplicate", duplicate_of=first)
            return Settled(verdict=duplicate, account=account), None
        # Nobody has the key of an account that does not exist yet.
        stored = Stored(Person(account=account), None) if given.is_new and not given.is_bound else None
        stored = stored or await self.people.read(account)
        _, verdict = self._on_row(stored.person, self._work(of, given, at))
        return self._settled(given, verdict), stored

    def account_of(self, given: Given) -> AccountKey:
        """Return the key of the account of a row. Empty where the name is nobody's."""
        return self.keyring.account_key(given.entry.object_id) if given.entry is not None else AccountKey("")

    # -- applied --

    async def applied(self, of: Import, given: Given, planned: Settled, stored: Stored | None, at: datetime) -> Settled:
        """Write what was planned, if it is not written yet, and return the verdict on what was done. Raises TryAgain.

        What the person did meanwhile counts: the verdict is made anew at each read of the row.
        """
        if planned.verdict.verdict not in {"created", "prefilled"}:
            return planned
        if given.entry is None or given.code:  # planned before the process was killed, and not allowed any more
            return await self._not_any_more(of, given, planned)
        try:
            await self._with_account(given, given.entry)
        except NameTaken:  # an account whose name was not bound yet
            given = await self._named_in_the_directory(given)
            planned, stored = await self.planned(of, given, None, at)
            return await self.applied(of, given, planned, stored, at)
        work = self._work(of, given, at)
        row = self.rows.change(work.account, work.nonce, stored=stored)
        while True:
            person = await row.read()
            if person.bears(work.nonce):
                return planned
            after, verdict = self._on_row(person, work)
            owes = after is not None and after.owes(work.nonce)
            if after is not None and owes:
                await row.promise(self.promised.promise)
                after = await self.scheduling.entered(after, before=person)
            if await row.write(after):
                break
        if after is not None and owes:
            await self.scheduling.leave(person.reminder_day, after)
        return planned if verdict.verdict == "unchanged" else self._settled(given, verdict)

    async def _not_any_more(self, of: Import, given: Given, planned: Settled) -> Settled:
        account = AccountKey(planned.account)
        if (await self.people.read(account)).person.bears(self._nonce(of, given)):
            return planned
        return Settled(verdict=given.verdict("refused", given.code), account=account)

    async def _with_account(self, given: Given, entry: DirectoryEntry) -> None:
        """Create the account if it is to be, and bind its names. Raises NameTaken."""
        if given.is_bound:
            return
        if not given.is_new:
            await self.name_binding.bind(entry)
            return
        assert self.accounts_here is not None  # noqa: S101  `begin_import` refuses it elsewhere
        await self.accounts_here.create(entry.names[0], None, roles=entry.roles, object_id=entry.object_id)
        for name in entry.names:
            await self.name_binding.names.bind(self.keyring.name_key(name), self.account_of(given))

    async def _named_in_the_directory(self, given: Given) -> Given:
        entry = await self.directory.resolve(canonical_identifier(given.identifier))
        given = replace(given, entry=entry, is_new=False, code="" if entry is not None else "unknown_identifier")
        return given if entry is None else self._for(given, entry)

    def _work(self, of: Import, given: Given, at: datetime) -> Work:
        return Work(of=of, given=given, account=self.account_of(given), nonce=self._nonce(of, given), at=at)

    def _nonce(self, of: Import, given: Given) -> str:
        return self.keyring.digest("import-row", of.id, str(given.row.line))[:NONCE]

    def _settled(self, given: Given, verdict: Verdict) -> Settled:
        first = given.entry is not None and not given.entry.has_password
        return Settled(verdict=verdict, account=self.account_of(given), takes=True, first_password=first)

    # -- one row of a person: no store, no directory --

    def _on_row(self, person: Person, work: Work) -> tuple[Person | None, Verdict]:
        """Return the row to write (None if nothing changes), and the verdict."""
        given, entry, cells = work.given, work.given.entry, list[CellVerdict]()
        assert entry is not None  # noqa: S101  who calls has an entry
        after = replace(
            person,
            object_id=entry.object_id,
            masked_name=masked_name(entry.names[0]),
            language=given.language or person.language,
        )
        if given.language is not None:
            changed = given.language != person.language
            cells.append(CellVerdict(column="language", verdict="prefilled" if changed else "unchanged"))
        offers: dict[str, Offer] = {}
        for sealed in (self.sealing.contact(work.account, method, contact) for method, contact in given.contacts):
            after, cell = self._contact(after, sealed, work, offers)
            cells.append(cell)
        if offers:
            named = next(iter(offers)) if len(offers) == 1 else ""
            notice = Notice(event=work.nonce, template="contact_overwritten", at=work.at, method=named)
            version, session_version = (self._drawn(work, what) for what in ("version", "session version"))
            after = overwritten(after, offers, notice=notice, version=version, session_version=session_version)
        activation = None
        if work.of.wishes.activation:
            after, activation = self._activated(after, entry, work)
        return self._judged(person, after, cells, activation, work)

    def _contact(
        self, after: Person, sealed: Sealed, work: Work, offers: dict[str, Offer]
    ) -> tuple[Person, CellVerdict]:
        if work.of.wishes.replace_confirmed and may_be_overwritten(after, sealed):
            offers[sealed.method] = Offer(sealed=sealed, at=work.at, provenance=work.provenance)
            return after, CellVerdict(column=sealed.method, verdict="prefilled")
        after, verdict = prefilled(after, sealed, work.at, work.provenance)
        kept = verdict == "confirmed_by_person"
        return after, CellVerdict(
            column=sealed.method, verdict="refused" if kept else verdict, reason=verdict if kept else None
        )

    def _activated(self, person: Person, entry: DirectoryEntry, work: Work) -> tuple[Person, str]:
        """Return the row with an activation code, and `issued`; or why one administrator issues none (rule 27)."""
        for reason, stands in (
            ("disabled", not entry.enabled), ("frozen", person.frozen_at is not None),
            ("needs_second_administrator", needs_two(person, privileged=entry.is_privileged)),
        ):  # fmt: skip
            if stands:
                return person, reason
        serial = self.serial(work.of, work.given.row.line)
        if person.activation is not None and person.activation.serial == serial:
            return person, "issued"
        mac = self.activations.mac(work.account, serial, self.code(work.of, work.account, serial))
        return issued(
            person, serial=serial, mac=mac, approved=False, event=work.nonce, now=work.at, policy=self.policy
        ), "issued"

    def _judged(
        self, person: Person, after: Person, cells: list[CellVerdict], activation: str | None, work: Work
    ) -> tuple[Person | None, Verdict]:
        given = work.given
        blocked = next((cell.reason for cell in cells if cell.reason), None)
        code = blocked or _code_of(given)
        was_issued = activation == "issued" and after.activation != person.activation
        if given.is_new:
            verdict = "created"
        elif was_issued or "prefilled" in {cell.verdict for cell in cells}:
            verdict = "prefilled"
        else:
            verdict = "refused" if code else "unchanged"
        taken = verdict in {"created", "prefilled"}
        return after if taken else None, replace(given.verdict(verdict, code, *cells), activation=activation)

    # -- what is derived --

    def serial(self, of: Import, line: int) -> str:
        """Return the serial of the activation of a row."""
        return self.keyring.digest("import-activation", of.id, str(line))[:NONCE]

    def code(self, of: Import, account: AccountKey, serial: str) -> str:
        """Return the activation code of a row. It is kept nowhere: who has the import's secret derives it again."""
        seed = hmac.digest(bytes.fromhex(of.secret), f"{account}.{serial}".encode(), hashlib.sha256)
        return self.activations.code(seed)

    def _drawn(self, work: Work, what: str) -> str:
        return self.keyring.digest("import-version", what, work.of.id, str(work.given.row.line))[:NONCE]


def _code_of(given: Given) -> str:
    """Return why a cell was not taken, as the code of its row."""
    if not given.refused:
        return ""
    first = given.refused[0]
    return "no_permission" if first.reason == "no_permission" else f"bad_{first.column}"
