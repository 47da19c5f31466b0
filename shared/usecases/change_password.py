"""Change a known password with the current one (M11)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.account import DirectoryEntry, PasswordState
from shared.domain.daily_events import Event
from shared.domain.errors import NotFound, PasswordRefused, Refused
from shared.domain.limits import CHANGE_PASSWORD
from shared.domain.policy import Policy
from shared.domain.sign_in import failed, may_try
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Capability, PasswordNotTaken
from shared.ports.keyring import Keyring
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._limits import Limits
from shared.usecases._password import Reservation, SettingPassword
from shared.usecases._password_check import PasswordCheck
from shared.usecases._password_rules import PasswordRules
from shared.usecases._rows import Rows
from shared.usecases._signed_in import Caller, SignedIn
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Ends every other session and every verification under way, and renews the person's own session."""

    signed_in: SignedIn
    rows: Rows
    setting: SettingPassword
    password_check: PasswordCheck
    rules: PasswordRules
    limits: Limits
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(
        self, token: str, current: str, new: str, trail: Trail, *, client: str = ""
    ) -> tuple[str, datetime]:
        """Change the password, and return a new session token and its expiry.

        Raises NotFound where the directory lets nobody change a password here, Refused when `current` is wrong,
        PasswordRefused, Limited, SignInRequired, Frozen, TryAgain and OutcomeUnknown.
        """
        if Capability.CHANGE_PASSWORD not in self.setting.directory.capabilities:
            raise NotFound
        # A session that a reset has ended must not tell an attacker whether a password is right.
        caller = await self.signed_in.to_change_the_password(token)
        caller.refuse_frozen()
        session = caller.session
        hit = await self.limits.enforce(CHANGE_PASSWORD, trail, account=session.account)
        known = await self.signed_in.entry_now(caller, trail)
        is_open = may_try(caller.person, self.keyring.client_key(client), self.policy)
        entry = await self._opened_by(known, caller, current) if is_open else None
        if entry is None:
            if is_open:
                await self._count_failure(caller, client)
            trail.record(Tag.PASSWORD_REFUSED, self.clock.now(), account=session.account)
            raise Refused
        self.limits.forgive(CHANGE_PASSWORD, hit, account=session.account)
        if broken := await self.rules.broken(new, context=entry.names):
            raise PasswordRefused(broken)
        reservation = await self._reserved(caller, client, trail)
        try:
            password_set = await self.setting.write(reservation, entry, new, current=current)
        except PasswordNotTaken as refused:
            raise PasswordRefused(refused.reasons) from refused
        now = self.clock.now()
        renewed = replace(
            session,
            roles=tuple(sorted(entry.roles)),
            version=password_set.session_version,
            password_stamp=password_set.password_stamp,
            issued_at=now,
            expires_at=now + timedelta(seconds=self.policy.session_seconds),
            password_state=PasswordState.FINE,
        )
        trail.record(Tag.PASSWORD_CHANGED, self.clock.now(), account=session.account)
        return self.tokens.seal(TokenPurpose.SESSION, renewed), renewed.expires_at

    async def _opened_by(self, known: DirectoryEntry, caller: Caller, current: str) -> DirectoryEntry | None:
        """Return the person's own entry if the current password is right, otherwise None."""
        entry = await self.password_check(caller.person, known.names[0], current)
        if entry is None or (entry.object_id, entry.password_stamp) != (known.object_id, known.password_stamp):
            return None
        return entry

    async def _count_failure(self, caller: Caller, client: str) -> None:
        """Count a wrong password in the run of failed sign-ins: a stolen session gives no more guesses (rule 18)."""
        event, now = self.setting.randomness.token(), self.clock.now()
        row = self.rows.change(caller.session.account, event, stored=caller.stored)
        while True:
            after = failed(await row.read(), event=event, now=now, origin=coarse_network(client), policy=self.policy)
            if after.owes(event):
                await row.promise(self.setting.promised.promise_or_enter)
            if await row.write(after):
                return

    async def _reserved(self, caller: Caller, client: str, trail: Trail) -> Reservation:
        session, reserving = caller.session, self.setting.reserving(Event.PASSWORD, client)
        row = self.rows.change(session.account, reserving.notice.event, stored=caller.stored)
        while True:
            person = (await row.read()).speaking(trail.language)
            session.bound_to(person)
            if person.object_id is not None and person.object_id != session.object_id:
                raise Refused
            if reservation := await self.setting.reserve(row, person, reserving, reserving.on(person), trail):
                return reservation
