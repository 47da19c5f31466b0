"""Draw and compare activation codes, and look at whose account an administrator means (rule 27)."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.activation import LENGTH
from shared.domain.errors import InvalidInput, NotFound
from shared.domain.objection import code_of
from shared.domain.person import Person
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.keyring import Keyring
from shared.usecases._named_person import NamedPeople
from shared.usecases._staff import Actor, Staff


@dataclass(frozen=True, slots=True)
class Target:
    """The account that an administrator named, and the administrator."""

    account: AccountKey
    entry: DirectoryEntry
    actor: Actor


@dataclass(frozen=True, slots=True)
class Activations:
    """The ports for activation codes, for the use-cases of administrators and of the person."""

    staff: Staff
    named_people: NamedPeople
    keyring: Keyring

    async def target(self, token: str, identifier: str, trail: Trail, reason: str = "") -> Target:
        """Admit whoever may issue codes, and return the account.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, and NotFound for a name that nobody has now.
        """
        not_issued = Tag.ACTIVATION_NOT_ISSUED
        named = await self.named_people.named(token, Right.ACTIVATE, identifier, trail, not_issued, reason)
        if named.entry is None:
            self.staff.record(trail, not_issued, named.actor, named.account, cause="unknown_identifier")
            raise NotFound
        return Target(named.account, named.entry, named.actor)

    def refuse_closed(self, person: Person, target: Target, trail: Trail) -> None:
        """Raise InvalidInput for an account that no code could open: disabled, or frozen (rule 29)."""
        for reason, closed in (("disabled", not target.entry.enabled), ("frozen", person.frozen_at is not None)):
            if closed:
                self.refuse(trail, target, reason)
                raise InvalidInput("identifier", "disabled" if reason == "disabled" else "frozen")

    def refuse(self, trail: Trail, target: Target, cause: str) -> None:
        """Record that nothing was issued, and why."""
        self.staff.record(trail, Tag.ACTIVATION_NOT_ISSUED, target.actor, target.account, cause=cause)

    def code(self, seed: bytes) -> str:
        """Return the code that is made of these random bytes."""
        return code_of(base64.b32encode(seed).decode().lower(), LENGTH)

    def mac(self, account: AccountKey, serial: str, code: str) -> str:
        """Return what is kept of a code. Under the index key, which never rotates: a code must be good for weeks."""
        return self.keyring.digest("activation", account, serial, code)

    def is_right(self, person: Person, code: str, now: datetime) -> bool:
        """Whether this is the code of the person now. The same work is done where there is none (rule 9)."""
        there = person.activation
        mac = self.mac(person.account, there.serial if there else "", code)
        kept = there.mac if there is not None and now < there.expires_at else ""
        return hmac.compare_digest(mac, kept or "-" * len(mac))
