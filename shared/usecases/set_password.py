"""Set a new password against a reset token: the end of a reset."""

from dataclasses import dataclass, replace

from shared.domain.account import DirectoryEntry
from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import OutcomeUnknown, PasswordRefused, Refused, SesameError, TryAgain
from shared.domain.gates import gates_needed, proved
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.trail import Trail
from shared.domain.verification import ResetGrant
from shared.ports.clock import Clock
from shared.ports.directory import PasswordNotTaken
from shared.ports.keyring import Keyring
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._password import Reservation, SettingPassword
from shared.usecases._password_rules import PasswordRules


@dataclass(frozen=True, slots=True)
class SetPassword:
    """The only use-case of a reset that meets the directory, by immutable id (D7)."""

    setting: SettingPassword
    rules: PasswordRules
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, password: str, trail: Trail, *, client: str) -> None:
        """Set it.

        Raises PasswordRefused with a token that keeps the proof, Refused for a token that is over, spent or overtaken,
        OutcomeUnknown when the directory did not say.
        """
        grant = self.tokens.open(TokenPurpose.RESET, token, ResetGrant)
        try:
            await self._set(grant, token, password, trail, client)
        except SesameError as no:
            tag = Tag.PASSWORD_UNKNOWN if isinstance(no, OutcomeUnknown) else Tag.PASSWORD_REFUSED
            self._record(trail, tag, grant, client, no.code)
            raise
        self._record(trail, Tag.PASSWORD_RESET, grant, client, "")

    async def _set(self, grant: ResetGrant, token: str, password: str, trail: Trail, client: str) -> None:
        now = self.clock.now()
        if now >= grant.expires_at or grant.attempt > self.policy.reset_tries:
            raise Refused
        # What needs neither row nor directory is refused first: it costs the person no attempt.
        if broken := await self.rules.broken(password):
            raise PasswordRefused(broken, token)

        def allowed(person: Person) -> bool:
            """The row agrees with the token in every point, today (rule 5)."""
            needed = max(len(grant.passed), self.policy.gates)
            return person.version == grant.version and self._proved(person, grant) >= needed

        reservation = await self.setting.reserve(grant.account, allowed, client=client)
        again = self._again(reservation, grant)
        try:
            account = await self._account_as_it_stands_now(reservation, grant)
            if account is None:
                await self.setting.withdraw(reservation)
                raise Refused
            if broken := await self.rules.broken(password, context=account.names):
                raise PasswordNotTaken(broken)
            await self.setting.write(
                reservation, account, password, trail, client=self.keyring.digest("client", client)
            )
        except PasswordNotTaken as refused:
            await self.setting.withdraw(reservation)
            raise PasswordRefused(refused.reasons, again) from refused
        except TryAgain as lost:
            await self.setting.withdraw(reservation)
            raise TryAgain(lost.retry_after, reset_token=again) from lost

    async def _account_as_it_stands_now(self, reservation: Reservation, grant: ResetGrant) -> DirectoryEntry | None:
        """The account, if the policy of today still lets these gates open it; None refuses (rule 11, A-46)."""
        object_id = reservation.person.object_id
        account = await self.setting.directory.find(object_id) if object_id else None
        if account is None or not account.enabled or account.password_changed_at > grant.started_at:
            return None
        needed = gates_needed(self.policy, privileged=account.is_privileged)
        return account if self._proved(reservation.person, grant) >= needed else None

    def _proved(self, person: Person, grant: ResetGrant) -> int:
        """The gates that count today: a method that the policy no longer offers proves nothing any more."""
        still_offered = tuple(gate for gate in grant.passed if gate.method in self.policy.methods)
        return proved(person, grant.verification, still_offered)

    def _again(self, reservation: Reservation, grant: ResetGrant) -> str:
        """A token on the new version that keeps the proof: one attempt more, the original expiry."""
        again = replace(grant, version=reservation.person.version, attempt=grant.attempt + 1)
        return self.tokens.seal(TokenPurpose.RESET, again)

    def _record(self, trail: Trail, tag: Tag, grant: ResetGrant, client: str, cause: str) -> None:
        trail.events.append(
            AuditEvent(
                tag=tag,
                at=self.clock.now(),
                account=grant.account,
                verification=grant.verification,
                client=self.keyring.digest("client", client),
                cause=cause,
            )
        )
