"""Open an activation with the code that an administrator issued (M26, rule 27)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.account import DirectoryEntry
from shared.domain.activation import is_enough
from shared.domain.completion import seconds_under_way
from shared.domain.errors import Refused, TryAgain
from shared.domain.limits import ACTIVATION_BY_CLIENT, ACTIVATION_BY_NAME
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._activations import Activations
from shared.usecases._typed_name import Admitted, TypedName
from shared.validation.typed_code import typed_activation

STEP = "activation"

LIMITS = (ACTIVATION_BY_CLIENT, ACTIVATION_BY_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A token with which methods can be registered, and the first password can be set where there never was one."""

    token: str
    expires_at: datetime
    expires_in: int
    """In seconds."""
    first_password: bool


@dataclass(frozen=True, slots=True)
class OpenActivation:
    """Reads one row, of nobody's name too, and writes none: opening spends nothing, and a wrong code ends nothing.

    Past a limit of the name the bot check opens more, without end: strangers must not keep the person from using the
    code (rule 10), which has 80 bits. The directory is asked only for the right code (rule 24).
    """

    typed_name: TypedName
    activations: Activations
    people: People
    directory: Directory
    tokens: Tokens
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(self, identifier: str, text: str, client: str, trail: Trail, *, solution: str = "") -> Opened:
        """Return the token.

        Raises Refused for every cause, InvalidInput for what no code is, BotCheckRequired and Limited. TryAgain while a
        new password is being set: only the holder of the right code learns it.
        """
        code = typed_activation(text)
        admitted = await self.typed_name.admitted(
            identifier, client, trail, step=STEP, limits=LIMITS, solution=solution
        )
        now, opening = self.clock.now(), self.randomness.token()
        person = (await self.people.read(admitted.account)).person
        activation, object_id = person.activation, person.object_id
        if not self.activations.is_right(person, code, now) or activation is None or object_id is None:
            self._record(trail, Tag.ACTIVATION_REFUSED, admitted)
            raise Refused
        entry = await self.directory.find(object_id)
        cause = _closed(person, entry)
        if cause or entry is None:
            self._record(trail, Tag.ACTIVATION_REFUSED, admitted, verification=activation.serial, cause=cause)
            raise Refused
        if seconds := seconds_under_way(person, now):
            raise TryAgain(seconds)
        session = Session(
            account=person.account,
            object_id=entry.object_id,
            name=identifier,
            roles=tuple(sorted(entry.roles)),
            version=person.session_version,
            password_stamp=entry.password_stamp,
            issued_at=now,
            expires_at=min(now + timedelta(seconds=self.policy.session_seconds), activation.expires_at),
            activation=activation.serial,
            opening=opening,
        )
        self._record(trail, Tag.ACTIVATION_OPENED, admitted, verification=activation.serial)
        return Opened(
            token=self.tokens.seal(TokenPurpose.ACTIVATION, session),
            expires_at=session.expires_at,
            expires_in=int((session.expires_at - now).total_seconds()),
            first_password=not entry.has_password,
        )

    def _record(self, trail: Trail, tag: Tag, admitted: Admitted, **facts: str) -> None:
        trail.record(tag, self.clock.now(), account=admitted.account, client_key=admitted.client_key, **facts)


def _closed(person: Person, entry: DirectoryEntry | None) -> str:
    """Return why the right code opens nothing. Empty if it does."""
    if entry is None or not entry.enabled:
        return "disabled"
    if person.frozen_at is not None:
        return "frozen"
    return "" if is_enough(person, privileged=entry.is_privileged) else "one_administrator"
