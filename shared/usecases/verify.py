"""Verify: take an answer; open the next gate, or grant the right to set a password."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import Limited, Refused
from shared.domain.gates import gates_needed, left_for_next_gate
from shared.domain.judgement import Question
from shared.domain.person import Claim, Person, Purpose, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.reachability import reached
from shared.domain.trail import Trail
from shared.domain.verification import Verification, granted
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.rate_limiter import RateLimiter
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._answering import Answering


@dataclass(frozen=True, slots=True)
class NextGate:
    """One gate is behind; these methods may open the next, with masked hints of where their codes go (D8)."""

    verification_token: str
    methods: tuple[str, ...]
    hints: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Granted:
    """Every gate is behind."""

    reset_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Verify:
    """Counts on the row and on the client's address; everything else that could refuse reads the same (rule 9)."""

    answering: Answering
    limiter: RateLimiter
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, answer: str, trail: Trail, *, client: str) -> NextGate | Granted:
        """What the right answer opened. Raises Refused for every wrong one, whatever the cause, and Limited."""
        now = self.clock.now()
        verification = self.tokens.open(TokenPurpose.VERIFICATION, token, Verification).still_open(now)
        if (asked := verification.challenge) is None:
            raise Refused
        # Spent before the comparison, so that answers released together cannot all pass one check; a right
        # answer is given back. Its own success never clears what wrong answers have counted.
        counter = self.keyring.digest("verify.client", client)
        allowance = await self.limiter.hit(counter, self.policy.verify_client_rates)
        if not allowance.allowed:
            self._record(trail, Tag.LIMIT_REACHED, verification, client, asked.method, "verify.client")
            raise Limited(allowance.retry_after)

        def accepts(person: Person, claim: Claim) -> bool:
            if person.version != verification.version:
                return False
            left = left_for_next_gate(person, verification.passed, self.policy, now)
            return any(method.name == claim.method and method.destination == claim.destination for method in left)

        question = Question(
            purpose=Purpose.RESET,
            verification=verification.id,
            gate=asked.gate,
            method=asked.method,
            channel=asked.channel,
            send=asked.send,
        )
        judgement, person = await self.answering(
            verification.account,
            lambda _person: question,
            answer,
            trail,
            client=client,
            accepts=accepts,
            once_right=lambda row, event: reached(row, _destination_of(row, event), at=now),
        )
        if not judgement.right:
            self._record(trail, Tag.RESET_GATE_REFUSED, verification, client, asked.method, "")
            raise Refused
        self.limiter.forgive(counter)
        self._record(trail, Tag.RESET_GATE_PASSED, verification, client, asked.method, "")
        behind = verification.gate_passed(judgement.destination, now, self.policy)
        if len(behind.passed) >= gates_needed(self.policy, privileged=person.privileged):
            grant = granted(behind, now, self.policy)
            return Granted(self.tokens.seal(TokenPurpose.RESET, grant), grant.expires_at)
        left = left_for_next_gate(person, behind.passed, self.policy, now)
        hints = {method.name: hint for method in left if (hint := self._masked(person, method))}
        return NextGate(self.tokens.seal(TokenPurpose.VERIFICATION, behind), tuple(hints), hints)

    def _masked(self, person: Person, method: RegisteredMethod) -> str:
        """Where its code would go; empty when its key is no longer held, and so no code can go there."""
        try:
            text = self.keyring.open(method.sealed, account=person.account, purpose=method.name)
        except Unreadable:
            return ""
        return ALL[method.name].stored(text).masked

    def _record(self, trail: Trail, tag: Tag, verification: Verification, client: str, method: str, cause: str) -> None:
        trail.events.append(
            AuditEvent(
                tag=tag,
                at=self.clock.now(),
                account=verification.account,
                verification=verification.id,
                client=self.keyring.digest("client", client),
                method=method,
                cause=cause,
            )
        )


def _destination_of(person: Person, nonce: str) -> str:
    """Where the code went that this very answer used."""
    return next((claim.destination for claim in person.claims if claim.used == nonce), "")
