"""Change a known password with the current one (M11)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import Limited, PasswordRefused, Refused
from shared.domain.person import Person
from shared.domain.trail import Trail
from shared.ports.directory import PasswordNotTaken
from shared.ports.rate_limiter import RateLimiter
from shared.ports.tokens import TokenPurpose
from shared.usecases._password import SettingPassword
from shared.usecases._password_rules import PasswordRules
from shared.usecases._standing import Standing


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Ends every other session and every verification under way; the person's own session is renewed."""

    setting: SettingPassword
    rules: PasswordRules
    standing: Standing
    limiter: RateLimiter

    async def __call__(
        self, token: str, current: str, new: str, trail: Trail, *, client: str = ""
    ) -> tuple[str, datetime]:
        """A fresh session token and its expiry.

        Raises Refused when `current` is wrong, PasswordRefused, Limited, SignInRequired and OutcomeUnknown.
        """
        policy, keyring = self.standing.policy, self.standing.keyring
        session = self.standing.session(token)
        # A session that a reset has ended must not go on telling whether a password is right.
        session.bound_to((await self.setting.people.read(session.account)).person)
        counter = keyring.digest("me.password", session.account)
        allowance = await self.limiter.hit(counter, policy.session_name_and_client_rates)
        if not allowance.allowed:
            raise Limited(allowance.retry_after)
        known = await self.setting.directory.find(session.object_id)
        account = await self.setting.directory.authenticate(known.names[0], current) if known else None
        if account is None or account.object_id != session.object_id:
            trail.events.append(
                AuditEvent(tag=Tag.PASSWORD_REFUSED, at=self.standing.clock.now(), account=session.account)
            )
            raise Refused
        self.limiter.forgive(counter)
        if broken := await self.rules.broken(new, context=account.names):
            raise PasswordRefused(broken)

        def allowed(person: Person) -> bool:
            session.bound_to(person)
            return person.object_id is None or person.object_id == session.object_id

        reservation = await self.setting.reserve(session.account, allowed, client=client)
        try:
            await self.setting.write(reservation, account, new, trail)
        except PasswordNotTaken as refused:
            await self.setting.withdraw(reservation)
            raise PasswordRefused(refused.reasons) from refused
        now = self.standing.clock.now()
        renewed = replace(session, issued_at=now, expires_at=now + timedelta(seconds=policy.session_seconds))
        trail.events.append(AuditEvent(tag=Tag.PASSWORD_CHANGED, at=now, account=session.account))
        return self.standing.tokens.seal(TokenPurpose.SESSION, renewed), renewed.expires_at
