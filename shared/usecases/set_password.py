"""Set a new password with a reset token, or end a lock, at the end of a reset.

Long: a repeat, a withdrawal and both outcomes are decided on the same reservation.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.access_pass import PassBy, lacks_for_access_pass
from shared.domain.account import DirectoryEntry, ManagedBy
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.daily_events import Event
from shared.domain.errors import (
    AccountDisabled,
    Frozen,
    InvalidInput,
    ManagedByAdministrators,
    ManagedElsewhere,
    ManagedOnPremises,
    NotLocked,
    OutcomeUnknown,
    Overtaken,
    PasswordRefused,
    ProofNotEnough,
    Refused,
    SesameError,
    TooLate,
    TryAgain,
    UnderWay,
)
from shared.domain.gates import Proof, independent, needed_for_reset, on_row, proofs_of
from shared.domain.person import CompletionState, Person
from shared.domain.policy import Policy
from shared.domain.repeated_completion import (
    Ending,
    Request,
    is_same,
    newest,
    repeated,
    request_of,
    state_of,
    with_completion,
)
from shared.domain.trail import Tag, Trail
from shared.domain.verification import ResetGrant
from shared.ports.clock import Clock
from shared.ports.directory import Capability, DirectoryLost, PasswordNotTaken
from shared.ports.keyring import Keyring
from shared.ports.names import KNOWN_ALREADY, Names
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._limits import Limits
from shared.usecases._password import PasswordSet, Reservation, SettingPassword
from shared.usecases._password_rules import PasswordRules
from shared.usecases._rows import RowChange, Rows

ELSEWHERE: Final[Mapping[ManagedBy, type[Refused]]] = {
    ManagedBy.ON_PREMISES: ManagedOnPremises,
    ManagedBy.ANOTHER_ORGANISATION: ManagedElsewhere,
    ManagedBy.ADMINISTRATORS: ManagedByAdministrators,
}
"""Who manages a password that this service cannot set. The person may know after the whole proof."""

TEMPLATES: Final = {
    Ending.PASSWORD: "password_changed",
    Ending.UNLOCK: "account_unlocked",
    Ending.ACCESS_PASS: "access_pass_issued",
}
TAGS: Final = {
    Ending.PASSWORD: Tag.PASSWORD_RESET,
    Ending.UNLOCK: Tag.ACCOUNT_UNLOCKED,
    Ending.ACCESS_PASS: Tag.ACCESS_PASS_ISSUED,
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the person chose."""

    ends_in: Ending
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetPassword:
    """The only use-case of a reset that calls the directory. It finds the entry by its immutable id (D7)."""

    setting: SettingPassword
    rules: PasswordRules
    rows: Rows
    limits: Limits
    keyring: Keyring
    tokens: Tokens
    names: Names
    clock: Clock
    policy: Policy

    async def __call__(
        self, token: str, password: str | None, trail: Trail, *, client: str, ends_in: Ending = Ending.PASSWORD
    ) -> str | None:
        """Set the password. The same request again gets the same outcome, within `reset_tries` (rule 30).

        Other endings keep the password, and raise InvalidInput where they are not offered. `UNLOCK` raises NotLocked
        with a token for another try. `ACCESS_PASS` returns a Temporary Access Pass, the only time that anybody sees it.
        The same request again cannot get it, so its outcome is unknown then.

        Raises PasswordRefused or TryAgain with a token for another try, TooLate for an expired token, Refused for one
        that is used or that the row does not confirm, Overtaken, AccountDisabled, ProofNotEnough, UnderWay while the
        same request is carried out, Limited after too many passwords in a day, and OutcomeUnknown if the directory did
        not answer.
        """
        grant = self.tokens.open(TokenPurpose.RESET, token, ResetGrant)
        try:
            done = await self._set(grant, token, _Wish(ends_in, password or ""), trail, client)
        except SesameError as no:
            self._record_refusal(trail, grant, client, no)
            raise
        self._record(trail, TAGS[ends_in], grant, client, "" if done else "repeated")
        return (done.access_pass if done else "") or None

    async def _set(self, grant: ResetGrant, token: str, wish: "_Wish", trail: Trail, client: str) -> PasswordSet | None:
        """Return what was set. None for a repeat."""
        now = self.clock.now()
        if now >= grant.expires_at:
            raise TooLate
        if grant.attempt > self.policy.reset_tries:
            raise Refused
        await self._refuse_at_once(wish, token)
        reserved = await self._reserved(request_of(grant, wish.ends_in, wish.password), trail, client)
        if reserved is None:
            return None
        reservation, grant = reserved
        again = self._again(reservation, grant)
        try:
            entry = await self._entry_as_it_stands_now(reservation, grant, wish.ends_in)
            await self._refuse_for(entry, wish, again)
        except TryAgain as lost:
            await self.setting.withdraw(reservation)
            raise TryAgain(lost.retry_after, reset_token=again) from lost
        except (Refused, PasswordRefused) as no:
            # The directory has just said what the account is. The next reset asks for what it needs from the start.
            has_role = isinstance(no, ManagedByAdministrators) or (isinstance(no, ProofNotEnough) and no.privileged)
            await self.setting.withdraw(reservation, privileged=has_role)
            raise
        client_key = self.keyring.client_key(client)
        life = timedelta(minutes=self.policy.temporary_access_pass_minutes)
        try:
            done = await self.setting.write(
                reservation,
                entry,
                wish.password or None,
                client_key=client_key,
                pass_life=life if wish.ends_in is Ending.ACCESS_PASS else None,
            )
        except PasswordNotTaken as refused:
            raise PasswordRefused(refused.reasons, again) from refused
        except DirectoryLost as lost:
            raise TryAgain(lost.retry_after, reset_token=again) from lost
        await self._know(grant, client_key)
        return done

    async def _refuse_at_once(self, wish: "_Wish", token: str) -> None:
        """Raise for what needs neither row nor directory. It comes first, because it costs the person no attempt."""
        if wish.ends_in is Ending.PASSWORD:
            if broken := await self.rules.broken(wish.password):
                raise PasswordRefused(broken, token)
            return
        is_off = wish.ends_in is Ending.ACCESS_PASS and self.policy.temporary_access_pass == PassBy.OFF
        if is_off or Capability(wish.ends_in) not in self.setting.directory.capabilities:
            raise InvalidInput(wish.ends_in, "not_offered")

    async def _refuse_for(self, entry: DirectoryEntry, wish: "_Wish", again: str) -> None:
        """Raise for what only the entry tells. `again` keeps the proof."""
        if wish.ends_in is Ending.UNLOCK and not entry.locked:
            raise NotLocked(again)
        if wish.ends_in is Ending.PASSWORD and (broken := await self.rules.broken(wish.password, context=entry.names)):
            raise PasswordRefused(broken, again)

    async def _reserved(self, request: Request, trail: Trail, client: str) -> tuple[Reservation, ResetGrant] | None:
        """Invalidate every token, also this one. None for a repeat of a completion that set the password.

        Raises Refused if row and token do not agree (rule 5), and the outcome of the same request before.
        """
        reserving = self.setting.reserving(
            Event.RESET,
            client,
            verification=request.grant.verification,
            template=TEMPLATES[request.ends_in],
        )
        row = self.rows.change(request.grant.account, reserving.notice.event)
        while True:
            person = (await row.read()).speaking(trail.language)
            current = newest(person, request)
            grant = current.grant
            agree = self._row_and_token_agree(person, grant, reserving.at)
            if person.version != grant.version:
                if not person.completion_of(grant.version) and agree:
                    raise Frozen if person.frozen_at else Overtaken  # after the proof, the person may know
                if await self._is_repeat(row, person, current, reserving.at):
                    return None
                continue
            if grant.attempt > self.policy.reset_tries or not agree:
                raise Refused
            after = with_completion(reserving.on(person), current, version=reserving.version, now=reserving.at)
            if reservation := await self.setting.reserve(row, person, reserving, after, trail):
                return reservation, grant

    async def _is_repeat(self, row: RowChange, person: Person, request: Request, now: datetime) -> bool:
        """Return whether the same request has set the password. False: another write came first, look again.

        A repeat is counted before its outcome is told: whoever has only the token must not guess the password.
        """
        earlier = person.completion_of(request.grant.version)
        if earlier is None or request.grant.attempt + earlier.repeats >= self.policy.reset_tries:
            raise Refused
        same, state = is_same(request, earlier), state_of(earlier, now)
        if same and state is CompletionState.UNDER_WAY:
            raise UnderWay
        if not await row.write(repeated(person, earlier)):
            return False
        if not same or state is CompletionState.WITHDRAWN:
            raise Refused
        if state is CompletionState.UNKNOWN or request.ends_in is Ending.ACCESS_PASS:  # nobody has the pass any more
            raise OutcomeUnknown
        return True

    async def _entry_as_it_stands_now(
        self, reservation: Reservation, grant: ResetGrant, ends_in: Ending
    ) -> DirectoryEntry:
        """Return the entry, if the account and the policy still allow the reset (rule 11, A-46).

        Raises AccountDisabled, Overtaken and ProofNotEnough: row and token have agreed on every gate, so the person may
        know.
        """
        object_id = reservation.person.object_id
        entry = await self.setting.directory.find(object_id) if object_id else None
        if entry is None or not entry.enabled:
            raise AccountDisabled
        if self._was_changed_meanwhile(reservation.person, entry, grant):
            raise Overtaken
        needed = needed_for_reset(self.policy, privileged=entry.is_privileged)
        proofs = self._proofs(reservation.person, grant, reservation.of.at)
        if lacks := needed.lacks(proofs):
            raise ProofNotEnough(lacks, privileged=entry.is_privileged)
        if ends_in is Ending.ACCESS_PASS:
            missing = lacks_for_access_pass(self.policy, proofs, privileged=entry.is_privileged)
            if missing is None:
                raise ManagedByAdministrators
            if missing:
                raise ProofNotEnough(missing)
            # A pass signs in beside the password, wherever in the organisation that one is.
            if entry.managed_by is ManagedBy.ON_PREMISES:
                return entry
        if entry.managed_by in ELSEWHERE:
            raise ELSEWHERE[entry.managed_by]
        return entry

    async def _know(self, grant: ResetGrant, client_key: str) -> None:
        """Give the client the reserve of starts (rule 10). The password is set, so that a failure refuses nothing."""
        if grant.name and grant.slot != KNOWN_ALREADY:
            with contextlib.suppress(Exception):
                await self.names.know(grant.name, grant.slot, client_key)

    def _was_changed_meanwhile(self, person: Person, entry: DirectoryEntry, grant: ResetGrant) -> bool:
        """Whether the directory's password may have been set since this verification began (A-46).

        The stamp on the row is from before: another one would have changed the account version. Only where it differs
        are the times of two machines compared, and a change that may be too late is refused (rule 32).
        """
        if entry.password_stamp == person.password_stamp:
            return False
        return entry.password_changed_at > grant.started_at - CLOCK_MARGIN

    def _row_and_token_agree(self, person: Person, grant: ResetGrant, now: datetime) -> bool:
        """Whether the row has every gate of the token (rule 5), by methods that are still offered.

        Fewer gates than everybody needs are no proof. Whether these are enough for this account is told later.
        """
        proofs = self._proofs(person, grant, now)
        there = independent(proof.evidence for proof in proofs)
        return len(proofs) == len(grant.passed) and there >= self.policy.gates

    def _proofs(self, person: Person, grant: ResetGrant, now: datetime) -> tuple[Proof, ...]:
        """Return the passed gates, by methods that the policy still offers, as the row has them."""
        still_offered = tuple(gate for gate in grant.passed if gate.method in self.policy.methods)
        return proofs_of(person, on_row(person, grant.verification, still_offered), self.policy, now)

    def _again(self, reservation: Reservation, grant: ResetGrant) -> str:
        """Return a token for another try: the new version, one more attempt, the same expiry."""
        again = replace(grant, version=reservation.version, attempt=grant.attempt + 1)
        return self.tokens.seal(TokenPurpose.RESET, again)

    def _record_refusal(self, trail: Trail, grant: ResetGrant, client: str, no: SesameError) -> None:
        """Record it. A token that is used or expired can be sent again without end: those events are counted."""
        if isinstance(no, OutcomeUnknown):
            self._record(trail, Tag.PASSWORD_UNKNOWN, grant, client, no.code)
        else:
            self.limits.record_refusal(
                trail,
                no.code,
                f"{grant.verification}.{grant.attempt}",
                tag=Tag.PASSWORD_REFUSED,
                client_key=self.keyring.client_key(client),
                account=grant.account,
                verification=grant.verification,
            )

    def _record(self, trail: Trail, tag: Tag, grant: ResetGrant, client: str, cause: str) -> None:
        trail.record(
            tag,
            self.clock.now(),
            client_key=self.keyring.client_key(client),
            account=grant.account,
            verification=grant.verification,
            cause=cause,
        )
