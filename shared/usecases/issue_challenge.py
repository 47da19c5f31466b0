"""Issue a challenge: order a code, or return what a kept secret's method shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.errors import InvalidInput, Limited, Refused
from shared.domain.gates import is_behind_gates, left_for_next_gate
from shared.domain.limits import CHALLENGE_BY_VERIFICATION, Allowance
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.sent_codes import code_order
from shared.domain.trail import CodeOrder, Tag, Trail
from shared.domain.verification import Sent, Verification
from shared.methods import ALL, KeptSecretMethod, KnownSecretMethod, Prompt, RelyingParty, SentCodeMethod
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.outbox import Outbox
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._asking import chosen_channel, refuse_what_only_codes_have
from shared.usecases._judging import context_of
from shared.usecases._limits import Limits
from shared.usecases._sealing import Sealing


@dataclass(frozen=True, slots=True)
class Issued:
    """The issued challenge. `wait`: seconds until another code. `shown`: what the page shows for a kept secret.

    `expires_in` and `code_expires_in` are the lives of the token and of a code that is sent now, in seconds.
    """

    verification_token: str
    wait: int
    expires_in: int
    code_expires_in: int | None = None
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssueChallenge:
    """Gives the same answer and queues the same message for every account. It reads the row once at most (rule 17).

    Whether a code is sent is decided later, by `deliver`.
    """

    people: People
    outbox: Outbox
    sealing: Sealing
    limits: Limits
    keyring: Keyring
    tokens: Tokens
    randomness: Randomness
    clock: Clock
    relying_party: RelyingParty
    offered_channels: frozenset[str]
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
    ) -> Issued:
        """Return the next verification token and what the page needs.

        While the wait after a code runs, asking for its method again after another one leads back to that code.
        Raises Refused for an expired token, InvalidInput for a method that cannot be used here, and Limited when it is
        too early. Each depends only on the request and its token (rule 9). Raises StoreLost if no code could be
        ordered; the token can be used again.
        """
        now = self.clock.now()
        verification = self.tokens.open(TokenPurpose.VERIFICATION, token, Verification).still_open(now)
        if method not in self.policy.methods:
            raise InvalidInput("method", "not_offered")
        # What the token alone refuses is refused before the row is read. Otherwise a stranger could repeat it without a
        # limit and learn from the time how much there is to read (rule 9).
        match ALL[method]:
            case SentCodeMethod() as by_code:
                carrier = chosen_channel(by_code, channel, self.offered_channels)
                if back := verification.back_to_sent(method, carrier, now, self.policy):
                    return self._on_its_way(*back, now)
                try:
                    asked = verification.asked_to_send(method, by_code.evidence, carrier, now, self.policy)
                except Limited:
                    client_key = self.keyring.client_key(client)
                    self.limits.record_refusal(trail, "challenge.wait", verification.id, client_key=client_key)
                    raise
                counted = await self._count(asked, client, trail)
                person = (await self.people.read(asked.account)).person
                asked = asked.bound_to(person.version)
                matches = contact is None or self._matches(person, by_code, contact)
                order = self._order(asked, client, now, matches=matches, language=language)
                with self.limits.giving_back(CHALLENGE_BY_VERIFICATION, counted, verification=asked.id):
                    await self.outbox.leave([order])
                issued = Issued(
                    self.tokens.seal(TokenPurpose.VERIFICATION, asked),
                    asked.wait(method, self.policy),
                    asked.seconds_left(now),
                    int(self.policy.code_life(carrier).total_seconds()),
                )
            case KnownSecretMethod() as by_knowledge:
                refuse_what_only_codes_have(channel, contact)
                if not verification.passed:
                    raise InvalidInput("method", "not_offered")
                asked = verification.asked_to_prove(method, by_knowledge.evidence, {}, now, self.policy)
                await self._count(asked, client, trail)
                prompt = self._prompt((await self.people.read(asked.account)).person, verification, by_knowledge, now)
                asked = asked.asked_to_prove(method, by_knowledge.evidence, prompt.pinned, now, self.policy)
                token = self.tokens.seal(TokenPurpose.VERIFICATION, asked)
                issued = Issued(token, 0, asked.seconds_left(now), shown=prompt.shown)
            case KeptSecretMethod() as by_secret:
                refuse_what_only_codes_have(channel, contact)
                shown = by_secret.challenge(self.randomness.seed(), self.relying_party)
                asked = verification.asked_to_prove(
                    method, by_secret.evidence, shown, now, self.policy, resists=by_secret.phishing_resistant
                )
                await self._count(asked, client, trail)
                if not asked.version:
                    asked = asked.bound_to((await self.people.read(asked.account)).person.version)
                token = self.tokens.seal(TokenPurpose.VERIFICATION, asked)
                issued = Issued(token, 0, asked.seconds_left(now), shown=shown)
        trail.record(
            Tag.RESET_CHALLENGED,
            self.clock.now(),
            client_key=self.keyring.client_key(client),
            account=asked.account,
            verification=asked.id,
            method=method,
        )
        return issued

    def _prompt(self, person: Person, verification: Verification, method: KnownSecretMethod, now: datetime) -> Prompt:
        """Return what to ask somebody who has passed a gate.

        Raises Refused where the row does not say so, and InvalidInput where nothing is registered that can be asked.
        """
        if not is_behind_gates(person, verification):
            raise Refused
        for one in left_for_next_gate(person, verification.passed, self.policy, now):
            if one.name == method.name and (text := self.sealing.open_usable(person.account, one.sealed, self.policy)):
                context = context_of(person.account, self.keyring, self.relying_party, self.policy, now)
                return method.prompt(text, context)
        raise InvalidInput("method", "not_registered")

    def _on_its_way(self, asked: Verification, sent: Sent, now: datetime) -> Issued:
        """Return the challenge of a code that was sent already. Nothing is read, sent or counted."""
        passed = now - sent.at
        return Issued(
            self.tokens.seal(TokenPurpose.VERIFICATION, asked),
            asked.wait(sent.method, self.policy) - int(passed.total_seconds()),
            asked.seconds_left(now),
            int((self.policy.code_life(sent.channel) - passed).total_seconds()),
        )

    async def _count(self, asked: Verification, client: str, trail: Trail) -> Allowance:
        """Count the challenge by client and by the id, which older tokens have too: to repeat one renews nothing."""
        await self.limits.enforce_challenges(trail, client=client)
        return await self.limits.enforce(CHALLENGE_BY_VERIFICATION, trail, client=client, verification=asked.id)

    def _order(self, asked: Verification, client: str, now: datetime, *, matches: bool, language: str) -> CodeOrder:
        assert asked.challenge is not None  # noqa: S101  `asked_to_send` has just set it
        return code_order(
            asked.account,
            asked.code_id(asked.challenge),
            asked.code_key,
            asked.expires_at,
            now,
            self.policy,
            language=language,
            client_key=self.keyring.client_key(client),
            contact_matches=matches,
            checked=asked.checked,
        )

    def _matches(self, person: Person, method: SentCodeMethod, contact: str) -> bool:
        """Whether the typed contact is the stored one. The code only ever goes to the stored one (R-19)."""
        try:
            canonical = method.contact(contact, self.policy).canonical
        except InvalidInput:
            canonical = ""
        stored = person.method(method.name)
        return self.sealing.destination(canonical) == (stored.destination if stored else "")
