"""Take contacts and the language from the directory, for a person who has confirmed nothing yet (M6)."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.contact import masked_name, refuse_own_mailbox
from shared.domain.errors import InvalidInput
from shared.domain.language import LANGUAGES
from shared.domain.person import Person, Sealed
from shared.domain.policy import LANGUAGE, Policy
from shared.domain.registration import prefilled_by_directory
from shared.methods import ALL, SentCodeMethod
from shared.ports.clock import Clock
from shared.ports.directory import Attributes, Capability, Directory, DirectoryLost
from shared.usecases._sealing import Sealing
from shared.validation.cells import language_of

_LOG: Final = logging.getLogger("sesame.directory")


@dataclass(frozen=True, slots=True)
class Found:
    """What the directory has that can be taken. `refused`: what cannot, as the audit event says it."""

    entry: DirectoryEntry
    contacts: tuple[Sealed, ...]
    language: str
    refused: tuple[str, ...]

    @property
    def cause(self) -> str:
        """The cause of the audit event, without a value."""
        return " ".join(("directory", *self.refused))


@dataclass(frozen=True, slots=True)
class DirectoryPrefill:
    """The ports for it, for the sign-in. What is taken is to be confirmed and proves nothing before that (R-65).

    Only until the first method is confirmed: afterwards what is missing may have been removed on purpose. Not for
    accounts with a role, as at a prefill by an administrator.
    """

    directory: Directory
    sealing: Sealing
    clock: Clock
    policy: Policy

    async def found(self, account: AccountKey, entry: DirectoryEntry, person: Person) -> Found | None:
        """Return what the directory has. None if it is not asked or does not answer: the sign-in goes on without it."""
        wanted = self.policy.prefill_from_directory
        if not wanted or entry.is_privileged or person.ever_had_method:
            return None
        if Capability.ATTRIBUTES not in self.directory.capabilities:
            return None
        try:
            known = await self.directory.attributes(entry)
        except DirectoryLost:
            _LOG.warning("the directory did not tell contacts for a prefill")
            return None
        contacts, refused = [], []
        for name in self.policy.methods:
            method, text = ALL[name], getattr(known, name, "")
            if name not in wanted or not isinstance(method, SentCodeMethod) or not text:
                continue
            try:
                contact = method.contact(text, self.policy)
                refuse_own_mailbox(contact, entry.mail_domains)
                contacts.append(self.sealing.contact(account, method, contact))
            except InvalidInput as fault:
                refused.append(f"{name}:{fault.reason}")
        language = next(_languages(known), "") if LANGUAGE in wanted else ""
        return Found(entry, tuple(contacts), language, tuple(refused))

    def on(self, person: Person, found: Found | None) -> Person:
        """Return the row with what was found. What a person has confirmed meanwhile stays as it is."""
        if found is None or person.ever_had_method:
            return person
        after = prefilled_by_directory(person, found.contacts, self.clock.now())
        after = replace(after, wanted_language=person.wanted_language or found.language)
        if after == person:
            return person
        return replace(after, object_id=found.entry.object_id, masked_name=masked_name(found.entry.names[0]))


def _languages(known: Attributes) -> Iterator[str]:
    """Yield the languages that have words. The attribute is written like Accept-Language (RFC 2798, 2.7)."""
    for part in known.language.split(","):
        try:
            yield language_of(part.partition(";")[0], LANGUAGES)
        except InvalidInput:
            continue
