"""Exchange an access token of Microsoft Entra ID for a session of this service (docs/decisions/0030)."""

from dataclasses import dataclass
from typing import NoReturn

from shared.domain.account import AccountKey
from shared.domain.errors import SignInRequired, TryAgain
from shared.domain.limits import SIGN_INS, TOKEN_EXCHANGES
from shared.domain.session import Session
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.outbox import Outbox
from shared.ports.randomness import Randomness
from shared.ports.sign_in_tokens import SignedInThere, SignInTokens, TokenRefused
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._issuing import Arrival, Issuing
from shared.usecases._limits import Limits
from shared.usecases._rows import Rows

ROUNDS = 3
"""How often one request asks the directory: again when the session version has moved since the row was read."""


@dataclass(frozen=True, slots=True)
class SignInWithToken:
    """A token that proves nothing costs no call. One that is right is good for one session, and asks the directory.

    The row is read before the directory, so that a password set meanwhile ends the session (rule 12). What the token
    says about the person is used for one thing only, to find the account by its immutable id (R-61).
    """

    directory: Directory
    sign_in_tokens: SignInTokens
    rows: Rows
    issuing: Issuing
    limits: Limits
    outbox: Outbox
    keyring: Keyring
    tokens: Tokens
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, trail: Trail, *, client: str) -> tuple[str, Session]:
        """Return a session token and what is in it.

        Raises SignInRequired for every token that is not good for a session, Limited, and TryAgain while a new password
        is being set, or when the directory, a store or, at first, the sign-in service does not answer.
        """
        try:
            there = await self.sign_in_tokens.verified(token)
        except TokenRefused as refused:
            self._refuse(trail, client, refused.cause)
        account = self.keyring.account_key(there.object_id)
        await self.limits.enforce(SIGN_INS, trail, client=client, name=account)
        # Used up before anything is read: of parallel exchanges of a stolen token, one passes.
        spent = {"verification": self.keyring.digest("entra-token", there.token_id)}
        hit = await self.limits.hit(TOKEN_EXCHANGES, **spent)
        if not hit.allowed:
            self._refuse(trail, client, "used", account)
        try:
            session = await self._session(there, account, trail, client)
        except TryAgain:  # nothing was decided, so the token is good for another try
            self.limits.forgive(TOKEN_EXCHANGES, hit, **spent)
            raise
        client_key = self.keyring.client_key(client)
        trail.record(Tag.SESSION_STARTED, self.clock.now(), client_key=client_key, account=account, cause="entra")
        self.outbox.wake()
        return self.tokens.seal(TokenPurpose.SESSION, session), session

    async def _session(self, there: SignedInThere, account: AccountKey, trail: Trail, client: str) -> Session:
        for _ in range(ROUNDS):
            row = self.rows.change(account, self.randomness.token())
            before = await row.read()
            entry = await self.directory.find(there.object_id)
            if entry is None or not entry.enabled:
                self._refuse(trail, client, "disabled", account)
            # Without a margin: both times are Microsoft's, and a sign-in with the old password must not outlive it.
            if there.signed_in_at < entry.password_changed_at:
                self._refuse(trail, client, "password_changed", account)
            arrival = Arrival(
                entry=entry,
                name=entry.names[0],
                client=client,
                at=self.clock.now(),
                signed_in_at=there.signed_in_at,
                app_roles=there.app_roles,
            )
            if session := await self.issuing(arrival, row, before, trail):
                return session
        raise TryAgain

    def _refuse(self, trail: Trail, client: str, cause: str, account: str = "") -> NoReturn:
        client_key = self.keyring.client_key(client)
        facts = {"account": account} if account else {}
        self.limits.record_refusal(trail, cause, client_key, tag=Tag.SESSION_REFUSED, client_key=client_key, **facts)
        raise SignInRequired
