"""Prefill: an administrator supplies contacts, row by row, for people to confirm (M17)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import InvalidInput
from shared.domain.person import Person, Source
from shared.domain.registration import NewContact, prefilled
from shared.domain.session import Session
from shared.domain.trail import Trail
from shared.methods import ALL
from shared.ports.directory import Directory
from shared.ports.names import Names
from shared.ports.people import People
from shared.usecases._conditional import Decision, decide
from shared.usecases._standing import Standing
from shared.validation.identifier import canonical_identifier

AT_ONCE = 8
"""Rows in flight: enough to hide the store's latency, few enough to leave the instance to people who wait."""

LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefillRow:
    """One row as it came, already of the right types and sizes."""

    identifier: str
    contacts: dict[str, str]
    """By method name."""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a row, numbered from 1: `prefilled`, `unchanged` or `refused`, and why not (all of it) taken."""

    row: int
    identifier: str
    verdict: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Prefill:
    """Sets contacts and language, nothing else; unconfirmed, and never over what the person confirmed (R-65)."""

    people: People
    names: Names
    directory: Directory
    standing: Standing

    def admit(self, token: str) -> Session:
        """The administrator's session. Raises SignInRequired or NotAllowed."""
        session = self.standing.session(token)
        session.as_administrator()
        return session

    async def __call__(
        self, token: str, rows: Sequence[PrefillRow], trail: Trail, *, dry_run: bool
    ) -> tuple[Verdict, ...]:
        """A verdict for each row; one bad row stops no other. Raises SignInRequired or NotAllowed."""
        session = self.admit(token)
        session.bound_to((await self.people.read(session.account)).person)
        places = asyncio.Semaphore(AT_ONCE)

        async def judged(number: int, row: PrefillRow) -> Verdict:
            async with places:
                verdict, code, account = await self._row(row, dry_run=dry_run)
            if not dry_run:
                trail.events.append(
                    AuditEvent(
                        tag=Tag.PREFILLED,
                        at=self.standing.clock.now(),
                        account=account or "",
                        client=session.account,
                        cause=code or verdict,
                    )
                )
            return Verdict(row=number, identifier=row.identifier, verdict=verdict, code=code)

        return tuple(await asyncio.gather(*(judged(number, row) for number, row in enumerate(rows, start=1))))

    async def _row(self, row: PrefillRow, *, dry_run: bool) -> tuple[str, str | None, AccountKey | None]:
        policy = self.standing.policy
        if not row.contacts and row.language is None:
            return "refused", "nothing_given", None
        if row.language is not None and row.language not in LANGUAGES:
            return "refused", "bad_language", None
        contacts = {}
        for name, text in row.contacts.items():
            try:
                contacts[name] = ALL[name].contact(text, policy)
            except InvalidInput:
                return "refused", f"bad_{name}", None
        try:
            account = await self.directory.resolve(canonical_identifier(row.identifier))
        except InvalidInput:
            return "refused", "bad_identifier", None
        if account is None:
            return "refused", "unknown_identifier", None
        if account.is_privileged:
            return "refused", "privileged", None
        keyring = self.standing.keyring
        key = keyring.account_key(account.object_id)
        new = [
            NewContact(
                name=name,
                sealed=keyring.seal(contact.text, account=key, purpose=name),
                destination=keyring.digest("destination", contact.canonical),
                source=Source.ADMINISTRATOR,
            )
            for name, contact in contacts.items()
        ]

        if dry_run:
            verdict, code = self._on_row((await self.people.read(key)).person, account, new, row.language).outcome
        else:
            await self._bind_names(account, key)
            verdict, code = await self._write(key, account, new, row.language)
        return verdict, code, key

    async def _write(
        self, key: AccountKey, account: DirectoryEntry, new: list[NewContact], language: str | None
    ) -> tuple[str, str | None]:
        wanted: Person | None = None

        def decision_on(person: Person) -> Decision[tuple[str, str | None]]:
            nonlocal wanted
            decision = self._on_row(person, account, new, language)
            wanted = decision.person
            return decision

        def landed(person: Person) -> bool:
            return wanted is not None and (person.methods, person.language) == (wanted.methods, wanted.language)

        return (await decide(self.people, key, decision_on, landed=landed)).outcome

    def _on_row(
        self, person: Person, account: DirectoryEntry, new: list[NewContact], language: str | None
    ) -> Decision[tuple[str, str | None]]:
        verdicts = []
        after = replace(person, object_id=account.object_id, language=language or person.language)
        for contact in new:
            after, verdict = prefilled(after, contact, self.standing.clock.now())
            verdicts.append(verdict)
        blocked = "confirmed_by_person" if "confirmed_by_person" in verdicts else None
        if after == person or ("prefilled" not in verdicts and blocked):
            return Decision(("refused" if blocked else "unchanged", blocked))
        return Decision(("prefilled", blocked), after)

    async def _bind_names(self, account: DirectoryEntry, key: AccountKey) -> None:
        for name in account.names:
            name_key = self.standing.keyring.name_key(name)
            if await self.names.find(name_key) != key:
                await self.names.bind(name_key, key)
