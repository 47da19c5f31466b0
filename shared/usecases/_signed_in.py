"""Admit signed-in people: token, row, limit, directory, in this order (rules 12 and 24).

    caller = await self.signed_in.for_a_write(token)         the token, then the row
    ...check the request, count limits...
    entry = await self.signed_in.entry_now(caller, trail)    the directory, for a valid session only
    row = self.rows.change(account, nonce, stored=caller.stored)
    ...at each read of the row: caller.session.bound_to(person)...

A session that ends meanwhile is then refused at the row, and a person who is disabled meanwhile at the next write.
"""

import contextlib
from dataclasses import dataclass

from shared.domain.account import DirectoryEntry
from shared.domain.activation import is_enough
from shared.domain.errors import Frozen, SignInRequired
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.people import People, Stored
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._limits import Limits
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose session the row confirms. `stored` is that row."""

    session: Session
    stored: Stored

    def refuse_frozen(self) -> None:
        """Raise Frozen while self-service is stopped (rule 29). An objection ends sessions, so this one came later."""
        if self.person.frozen_at is not None:
            raise Frozen

    @property
    def person(self) -> Person:
        return self.stored.person


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The ports for looking at a session, for the use-cases of signed-in people."""

    people: People
    rows: Rows
    directory: Directory
    limits: Limits
    tokens: Tokens
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def for_a_view(self, token: str) -> Caller:
        """Admit to what changes nothing. Works without the directory.

        Raises SignInRequired, and PasswordChangeRequired.
        """
        caller = await self.to_change_the_password(token)
        caller.session.for_everything()
        return caller

    async def to_change_the_password(self, token: str) -> Caller:
        """Admit also a session that is good for nothing else. Raises SignInRequired."""
        return await self._caller(self.tokens.open(TokenPurpose.SESSION, token, Session))

    async def for_a_write(self, token: str) -> Caller:
        """Admit a recent sign-in, until `entry_now`.

        Raises SignInRequired, SignInAgain when it is too old, and Frozen.
        """
        self.tokens.open(TokenPurpose.SESSION, token, Session).fresh(self.clock.now(), self.policy)
        caller = await self.for_a_view(token)
        caller.refuse_frozen()
        return caller

    async def for_an_activation(self, token: str) -> Caller:
        """Admit what a code of an administrator opened, until `entry_now` (rule 27). Raises SignInRequired, Frozen."""
        caller = await self._caller(self.tokens.open(TokenPurpose.ACTIVATION, token, Session))
        caller.refuse_frozen()
        return caller

    async def for_a_registration(self, token: str) -> Caller:
        """Admit a recent sign-in or an activation, as above."""
        return await (self.for_an_activation(token) if self._is_activation(token) else self.for_a_write(token))

    async def for_the_own_view(self, token: str) -> Caller:
        """Admit a sign-in or an activation to the view of what is registered. Raises SignInRequired."""
        return await (self.for_an_activation(token) if self._is_activation(token) else self.for_a_view(token))

    def _is_activation(self, token: str) -> bool:
        with contextlib.suppress(SignInRequired):
            return bool(self.tokens.open(TokenPurpose.ACTIVATION, token, Session).activation)
        return False

    async def _caller(self, session: Session) -> Caller:
        stored = await self.people.read(session.still_valid(self.clock.now()).account)
        session.bound_to(stored.person)
        return Caller(session, stored)

    async def entry_now(self, caller: Caller, trail: Trail) -> DirectoryEntry:
        """Return the caller's entry as the directory has it now. The roles in the token are not believed.

        Raises SignInRequired if the account is gone or disabled or has another password, and TryAgain if the directory
        does not answer.
        """
        entry = await self.directory.find(caller.session.object_id)
        if entry is None or not entry.enabled:
            self.record_refusal(trail, caller, "disabled")
            raise SignInRequired
        if entry.password_stamp != caller.session.password_stamp:
            await self._see(entry, caller)
            self.record_refusal(trail, caller, "password_changed")
            raise SignInRequired
        if caller.session.activation and not is_enough(caller.person, privileged=entry.is_privileged):
            self.record_refusal(trail, caller, "one_administrator")
            raise SignInRequired
        return entry

    async def _see(self, entry: DirectoryEntry, caller: Caller) -> None:
        """Write the directory's new stamp to the row, so that no other session of the old password may view either."""
        nonce, version, session_version = (self.randomness.token() for _ in range(3))
        row = self.rows.change(caller.session.account, nonce, stored=caller.stored)
        while True:
            person = await row.read()
            seen = person.with_password_seen(entry.password_stamp, version=version, session_version=session_version)
            # Another version: a newer sign-in or reset has seen the stamp since.
            is_news = person.session_version == caller.session.version and seen != person
            if await row.write(seen if is_news else None):
                return

    def record_refusal(self, trail: Trail, caller: Caller, cause: str) -> None:
        """Leave an event of a session that was refused. The cause is for operators."""
        account = caller.session.account
        self.limits.record_refusal(trail, cause, account, tag=Tag.SESSION_REFUSED, account=account)
