"""Sign in with the name and password of the directory, in order to register (M1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.errors import SignInRequired
from shared.domain.limits import SIGN_IN_BY_CLIENT, SIGN_IN_BY_NAME_AND_CLIENT
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._limits import Limits
from shared.usecases._name_binding import NameBinding


@dataclass(frozen=True, slots=True)
class SignIn:
    """An unknown name costs the same hash and gets the same answer. Limits apply before the directory locks."""

    directory: Directory
    name_binding: NameBinding
    limits: Limits
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(self, identifier: str, password: str, trail: Trail, *, client: str) -> tuple[str, datetime]:
        """Return a session token and its expiry. Raises SignInRequired for every failure, and Limited."""
        now, name_key = self.clock.now(), self.keyring.name_key(identifier)
        # Both are counted before the password is checked and given back on success, so that parallel guesses are
        # counted before any of them is answered (rule 18).
        limits = (SIGN_IN_BY_CLIENT, SIGN_IN_BY_NAME_AND_CLIENT)
        for limit in limits:
            await self.limits.enforce(limit, trail, client=client, name=name_key)
        entry = await self.directory.authenticate(identifier, password)
        if entry is None:
            trail.record(Tag.SESSION_REFUSED, self.clock.now(), client_key=self.keyring.client_key(client))
            raise SignInRequired
        for limit in limits:
            self.limits.forgive(limit, client=client, name=name_key)
        account = await self.name_binding.bind(entry)
        await self.name_binding.know(identifier, client)
        session = Session(
            account=account,
            object_id=entry.object_id,
            name=identifier,
            roles=tuple(sorted(entry.roles)),
            issued_at=now,
            expires_at=now + timedelta(seconds=self.policy.session_seconds),
        )
        trail.record(Tag.SESSION_STARTED, self.clock.now(), client_key=self.keyring.client_key(client), account=account)
        return self.tokens.seal(TokenPurpose.SESSION, session), session.expires_at
