"""Sign in with the name and password of the directory, in order to register (M1)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.errors import BotCheckRequired, NotFound, SignInRequired, TryAgain
from shared.domain.limits import SIGN_IN_BY_CLIENT, SIGN_IN_BY_NAME, SIGN_INS, Allowance, Limit
from shared.domain.periods import week_of
from shared.domain.person import Lane, Person
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.sign_in import failed, may_try
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Capability, Directory
from shared.ports.keyring import Keyring
from shared.ports.names import KNOWN_ALREADY, Names
from shared.ports.outbox import Outbox
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._bot_check import BotCheck
from shared.usecases._issuing import Arrival, Issuing
from shared.usecases._limits import Limits
from shared.usecases._password_check import PasswordCheck
from shared.usecases._rows import RowChange, Rows
from shared.usecases._turns import Turns
from shared.validation.client_address import coarse_network

ROUNDS = 3
"""How often one request asks the directory. Again when the session version has moved since the row was read, or the
name belongs to another account by then."""

STEP = "session"

FAILURES = (SIGN_IN_BY_CLIENT, SIGN_IN_BY_NAME)
"""Counted before the password is checked and given back on success, so that parallel guesses are counted before any of
them is answered (rule 18)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One request."""

    identifier: str
    password: str
    name_key: str
    client: str
    client_key: str
    at: datetime
    checked: bool
    hits: dict[Limit, Allowance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignIn:
    """An unknown name costs the same and gets the same answer. It has a row too, on which failures are counted.

    The row is read before the password is checked, and the session carries the session version that it had then. So a
    password that is set at the same time ends the session, whichever comes first (rule 12).
    """

    directory: Directory
    names: Names
    rows: Rows
    password_check: PasswordCheck
    issuing: Issuing
    turns: Turns
    limits: Limits
    bot_check: BotCheck
    promised: PromisedNotices
    outbox: Outbox
    keyring: Keyring
    tokens: Tokens
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(
        self, identifier: str, password: str, trail: Trail, *, client: str, solution: str = ""
    ) -> tuple[str, Session]:
        """Return a session token and what is in it. `solution` is that of a bot check, if one was asked for.

        Any other text in `solution` asks for a check. Whose account strangers have closed can then try, and to offer it
        only to them would tell who exists.

        Raises NotFound where the directory checks no passwords, SignInRequired for every failure, BotCheckRequired,
        Limited, and TryAgain while a new password is being set, while too many sign-ins of that name are under way, or
        when a store does not answer.
        """
        if Capability.CHECK_PASSWORD not in self.directory.capabilities:
            raise NotFound
        name_key = self.keyring.name_key(identifier)
        checked = await self.bot_check.spent(solution, step=STEP, name=name_key)
        if solution and not checked:
            raise BotCheckRequired(await self.bot_check.challenge(step=STEP, name=name_key))
        attempt = _Attempt(
            identifier=identifier,
            password=password,
            name_key=name_key,
            client=client,
            client_key=self.keyring.client_key(client),
            at=self.clock.now(),
            checked=checked,
        )
        await self._count(attempt, trail)
        for _ in range(ROUNDS):
            if session := await self._session(attempt, trail):
                self._forgive(attempt)
                trail.record(
                    Tag.SESSION_STARTED, self.clock.now(), client_key=attempt.client_key, account=session.account
                )
                self.outbox.wake()
                return self.tokens.seal(TokenPurpose.SESSION, session), session
        raise TryAgain

    async def _count(self, attempt: _Attempt, trail: Trail) -> None:
        """Count the try, before anything about an account is read. Raises BotCheckRequired and Limited."""
        found = await self.names.find(attempt.name_key)
        is_known = found is not None and found.slot_for(attempt.client_key) == KNOWN_ALREADY
        known = (Lane.KNOWN,) if is_known else ()
        lanes = (*known, Lane.CHECKED) if attempt.checked else known
        try:
            for limit in (*FAILURES, SIGN_INS):
                attempt.hits[limit] = await self.limits.enforce(
                    limit, trail, lanes=lanes, client=attempt.client, name=attempt.name_key
                )
        except BotCheckRequired as asked:
            asked.bot_check = await self.bot_check.challenge(step=STEP, name=attempt.name_key)
            raise

    async def _session(self, attempt: _Attempt, trail: Trail) -> Session | None:
        """Return the session, or None if the sign-in must begin again."""
        account = await self._account(attempt)
        event = self.randomness.token()
        row = self.rows.change(account, event)
        before = await row.read()
        entry = await self._authenticated(attempt, before)
        if entry is None:
            await self._refuse(attempt, row, event, trail)

        async def admit(person: Person) -> None:
            if not self._may_try(person, attempt):
                await self._refuse(attempt, row, event, trail)

        arrival = Arrival(
            entry=entry, name=attempt.identifier, client=attempt.client, at=attempt.at, signed_in_at=attempt.at
        )
        try:
            return await self.issuing(arrival, row, before, trail, admit)
        except TryAgain:  # the password was right
            self._forgive(attempt)
            raise

    async def _account(self, attempt: _Attempt) -> AccountKey:
        """Return the account on which failures count. The directory knows its names, also those not bound yet."""
        entry = await self.directory.resolve(attempt.identifier)
        if entry is None:
            return self.keyring.stranger_key(attempt.identifier, week_of(attempt.at))
        return self.keyring.account_key(entry.object_id)

    async def _authenticated(self, attempt: _Attempt, person: Person) -> DirectoryEntry | None:
        """Return the entry if the password is right and this client may try, otherwise None, for the same work."""
        if attempt.client_key in person.known_clients:  # strangers must not take the places of the owner
            return await self.password_check(person, attempt.identifier, attempt.password)
        with self.turns.taken(attempt.name_key):
            if self._may_try(person, attempt):
                return await self.password_check(person, attempt.identifier, attempt.password)
            await self.password_check.of_nobody(attempt.password)
        return None

    async def _refuse(self, attempt: _Attempt, row: RowChange, event: str, trail: Trail) -> NoReturn:
        """Count the failure on the row and raise. Of parallel guesses no more are answered than were counted."""
        while True:
            person = await row.read()
            is_open = self._may_try(person, attempt)
            after = person
            if is_open:
                origin = coarse_network(attempt.client)
                after = failed(person, event=event, now=attempt.at, origin=origin, policy=self.policy)
            if after.owes(event):
                await row.promise(self.promised.promise_or_enter)
            if await row.write(after):
                break
        trail.record(
            Tag.SESSION_REFUSED,
            self.clock.now(),
            client_key=attempt.client_key,
            account=person.account,
            cause="" if is_open else "closed",
        )
        raise SignInRequired

    def _may_try(self, person: Person, attempt: _Attempt) -> bool:
        return may_try(person, attempt.client_key, self.policy, checked=attempt.checked)

    def _forgive(self, attempt: _Attempt) -> None:
        for limit in FAILURES:
            self.limits.forgive(limit, attempt.hits[limit], client=attempt.client, name=attempt.name_key)
