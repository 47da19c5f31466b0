"""Set the first password of an account that never had one, with an activation (M26, rule 27)."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.activation import spent
from shared.domain.daily_events import Event
from shared.domain.errors import NotAllowed, PasswordRefused
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import PasswordNotTaken
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._password import Reservation, SettingPassword
from shared.usecases._password_rules import PasswordRules
from shared.usecases._rows import Rows
from shared.usecases._signed_in import Caller, SignedIn


@dataclass(frozen=True, slots=True)
class SetFirstPassword:
    """Never replaces a password: the directory's entry is written only as it was read, without one."""

    signed_in: SignedIn
    rows: Rows
    setting: SettingPassword
    rules: PasswordRules
    tokens: Tokens
    clock: Clock

    async def __call__(self, token: str, password: str, trail: Trail, *, client: str = "") -> tuple[str, datetime, int]:
        """Set the password, and return the token with which the activation goes on, its expiry and its life in seconds.

        Raises SignInRequired, NotAllowed where the account has or had a password, PasswordRefused, Limited, Frozen,
        Overtaken, TryAgain and OutcomeUnknown.
        """
        caller = await self.signed_in.for_an_activation(token)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        if entry.has_password:
            trail.record(Tag.PASSWORD_REFUSED, self.clock.now(), account=session.account, cause="has_one")
            raise NotAllowed
        if broken := await self.rules.broken(password, context=entry.names):
            raise PasswordRefused(broken)
        reservation, spends = await self._reserved(caller, client, trail)
        try:
            password_set = await self.setting.write(reservation, entry, password)
        except PasswordNotTaken as refused:
            raise PasswordRefused(refused.reasons) from refused
        renewed = replace(session, version=password_set.session_version, password_stamp=password_set.password_stamp)
        if spends:
            trail.record(
                Tag.ACTIVATION_USED, self.clock.now(), account=session.account, verification=session.activation
            )
        trail.record(Tag.PASSWORD_CHANGED, self.clock.now(), account=session.account, cause="first")
        left = int((renewed.expires_at - self.clock.now()).total_seconds())
        return self.tokens.seal(TokenPurpose.ACTIVATION, renewed), renewed.expires_at, max(0, left)

    async def _reserved(self, caller: Caller, client: str, trail: Trail) -> tuple[Reservation, bool]:
        """Spend the code in the write that reserves, so that no second opening sets another password."""
        session, reserving = caller.session, self.setting.reserving(Event.PASSWORD, client)
        row = self.rows.change(session.account, reserving.notice.event, stored=caller.stored)
        while True:
            person = (await row.read()).speaking(trail.language)
            session.bound_to(person)
            after = spent(person, session.opening)
            if reservation := await self.setting.reserve(row, person, reserving, reserving.on(after), trail):
                return reservation, after != person
