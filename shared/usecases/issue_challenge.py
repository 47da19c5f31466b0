"""Issue a challenge: ask for a code by one method; whether one goes out is decided later, out of sight."""

from dataclasses import dataclass

from shared.domain.audit import AuditEvent, Tag
from shared.domain.claims import CodeOrder
from shared.domain.errors import InvalidInput
from shared.domain.person import Person, Purpose
from shared.domain.policy import Policy
from shared.domain.trail import Trail
from shared.domain.verification import Verification
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.people import People
from shared.ports.tokens import TokenPurpose, Tokens


@dataclass(frozen=True, slots=True)
class IssueChallenge:
    """The same answer and the same queue message for everybody; the row is read once, to pin its version (rule 17)."""

    people: People
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(
        self,
        token: str,
        method: str,
        trail: Trail,
        *,
        channel: str | None,
        contact: str | None,
        client: str,
        language: str,
    ) -> tuple[str, int]:
        """The next verification token, and the seconds until another code may be asked for.

        Raises Refused for a token that is over, InvalidInput for a method nobody may use here, Limited when it is too
        early: each known from the request and its token alone (rule 9).
        """
        now = self.clock.now()
        verification = self.tokens.open(TokenPurpose.VERIFICATION, token, Verification).still_open(now)
        chosen = self._channel(method, channel)
        person = (await self.people.read(verification.account)).person
        asked = verification.challenged(method, chosen, person.version, now, self.policy)
        assert asked.challenge is not None  # noqa: S101  `challenged` has just set it
        order = CodeOrder(
            purpose=Purpose.RESET,
            account=asked.account,
            verification=asked.id,
            gate=asked.challenge.gate,
            method=method,
            channel=chosen,
            send=asked.challenge.send,
            code_key=asked.code_key,
            expires_at=min(now + self.policy.code_life(chosen), asked.expires_at).replace(microsecond=0),
            leaves_at=asked.expires_at.replace(microsecond=0),
            client=self.keyring.digest("client", client),
            contact_matches=self._matches(person, method, contact),
            language=language,
        )
        trail.orders.append(order)
        trail.events.append(
            AuditEvent(
                tag=Tag.RESET_CHALLENGED,
                at=now,
                account=asked.account,
                verification=asked.id,
                client=order.client,
                method=method,
            )
        )
        return self.tokens.seal(TokenPurpose.VERIFICATION, asked), asked.wait(method, self.policy)

    def _channel(self, method: str, channel: str | None) -> str:
        if method not in self.policy.methods:
            raise InvalidInput("method", "not_offered")
        channels = ALL[method].channels
        if channel is not None and channel not in channels:
            raise InvalidInput("channel", "not_offered")
        return channel or channels[0]

    def _matches(self, person: Person, method: str, contact: str | None) -> bool:
        """Compare with what is stored and never send to what was typed (R-19); a mismatch drops the send silently."""
        if contact is None:
            return True
        try:
            canonical = ALL[method].contact(contact, self.policy).canonical
        except InvalidInput:
            canonical = ""
        stored = person.method(method)
        return self.keyring.digest("destination", canonical) == (stored.destination if stored else "")
