"""Give a session to somebody who has signed in, with a password here or at Microsoft (rules 10 and 12)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.account import DirectoryEntry
from shared.domain.completion import seconds_under_way
from shared.domain.errors import TryAgain
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.sign_in import signed_in
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.randomness import Randomness
from shared.usecases._directory_prefill import DirectoryPrefill
from shared.usecases._expiry_dates import ExpiryDates
from shared.usecases._name_binding import NameBinding
from shared.usecases._rows import RowChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A sign-in that was right."""

    entry: DirectoryEntry
    name: str
    """With which the person signed in."""
    client: str
    at: datetime
    signed_in_at: datetime
    """When the person proved who they are. Later than this by the policy's time, the session changes nothing (R-62)."""
    app_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issuing:
    """The session carries the session version that the row had before the directory was asked (rule 12)."""

    name_binding: NameBinding
    directory_prefill: DirectoryPrefill
    expiry_dates: ExpiryDates
    keyring: Keyring
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(
        self,
        arrival: Arrival,
        row: RowChange,
        before: Person,
        trail: Trail,
        admit: Callable[[Person], Awaitable[None]] | None = None,
    ) -> Session | None:
        """Return the session, or None if the sign-in must begin again. `admit` raises for a row that lets nobody in.

        Raises TryAgain while a new password is being set, or when the store does not answer.
        """
        entry, client_key = arrival.entry, self.keyring.client_key(arrival.client)
        version, session_version = self.randomness.token(), self.randomness.token()
        account = await self.name_binding.bind(entry)
        if account != before.account:
            return None
        found = await self.directory_prefill.found(account, entry, before)
        while True:
            person = await row.read()
            if admit is not None:
                await admit(person)
            if person.session_version != before.session_version:
                return None
            if seconds := seconds_under_way(person, arrival.at):
                raise TryAgain(seconds)
            after = signed_in(
                person.speaking(trail.language),
                client_key=client_key,
                stamp=entry.password_stamp,
                version=version,
                session_version=session_version,
            )
            if entry.is_privileged or arrival.app_roles:
                after = replace(after, object_id=entry.object_id)  # the audit log names staff who registered nothing
            bare, after = after, self.directory_prefill.on(after, found)
            after = await self.expiry_dates.noted(after, entry)
            if await row.write(None if after == person else after):
                break
        await self.expiry_dates.leave(bare, after)
        if found is not None and (found.refused or after.methods != bare.methods):
            trail.record(Tag.PREFILLED, self.clock.now(), account=account, cause=found.cause)
        await self.name_binding.know(arrival.name, arrival.client)
        return Session(
            account=account,
            object_id=entry.object_id,
            name=arrival.name,
            roles=tuple(sorted(entry.roles)),
            version=after.session_version,
            password_stamp=entry.password_stamp,
            issued_at=arrival.signed_in_at,
            expires_at=arrival.at + timedelta(seconds=self.policy.session_seconds),
            password_state=entry.password_state,
            app_roles=arrival.app_roles,
        )
