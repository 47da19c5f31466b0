"""Verification: the whole proof for one reset, carried by the browser in a sealed token (D4).

    started ──challenge──▶ challenged ──right answer──▶ gate passed ──challenge──▶ … ──last gate──▶ granted
       ▲                      │   ▲ │                        │
       └── nothing stored ────┘   └─┘ wrong, resend, another method

`docs/flows.md` draws the same machine. Nothing in here decides alone: a gate counts only when the account's row says
so as well (rule 5).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput, Limited, Refused
from shared.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The question that stands now."""

    gate: int
    method: str
    channel: str
    send: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A send asked for at the current gate: what the wait before the next one is reckoned from."""

    method: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedGate:
    """A gate behind us, by which method and destination."""

    gate: int
    method: str
    destination: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verification_token` carries."""

    id: str
    account: AccountKey
    code_key: int
    started_at: datetime
    expires_at: datetime
    idle_at: datetime
    version: str = ""
    """The account version, pinned by the first challenge; empty before."""
    passed: tuple[PassedGate, ...] = ()
    challenge: Challenge | None = None
    sends: tuple[Sent, ...] = ()

    @property
    def gate(self) -> int:
        """The number of the gate that stands before the person, from 1."""
        return len(self.passed) + 1

    def still_open(self, now: datetime) -> "Verification":
        """Return itself; raises Refused once the absolute or the idle limit has passed (R-30)."""
        if now >= self.expires_at or now >= self.idle_at:
            raise Refused
        return self

    def touched(self, now: datetime, policy: Policy) -> "Verification":
        """The same with its idle limit moved; the absolute one never moves."""
        idle = now + timedelta(seconds=policy.verification_idle_seconds)
        return replace(self, idle_at=min(idle, self.expires_at))

    def challenged(self, method: str, channel: str, version: str, now: datetime, policy: Policy) -> "Verification":
        """The same with a new challenge.

        Raises Limited while the wait after the last send of the same method runs, or when the gate's sends are used
        up, and InvalidInput for a method that already passed a gate. All of it is known from this token alone (rule 9).
        """
        if any(passed.method == method for passed in self.passed):
            raise InvalidInput("method", "already_proved")
        if len(self.sends) >= policy.sends_per_gate:
            raise Limited(max(1, int((self.expires_at - now).total_seconds())))
        earlier = [sent for sent in self.sends if sent.method == method]
        if earlier and now < (free_at := earlier[-1].at + policy.wait_after(len(earlier))):
            raise Limited(max(1, int((free_at - now).total_seconds()) + 1))
        challenge = Challenge(gate=self.gate, method=method, channel=channel, send=len(self.sends) + 1)
        # Only this replaces a challenge: switching to another method never carries progress over (CVE-2026-18963).
        return replace(
            self.touched(now, policy),
            version=self.version or version,
            challenge=challenge,
            sends=(*self.sends, Sent(method=method, at=now)),
        )

    def wait(self, method: str, policy: Policy) -> int:
        """Seconds until the next send of `method` may be asked for."""
        count = sum(1 for sent in self.sends if sent.method == method)
        return int(policy.wait_after(count).total_seconds()) if count else 0

    def gate_passed(self, destination: str, now: datetime, policy: Policy) -> "Verification":
        """The same behind its current gate."""
        if self.challenge is None:
            raise Refused
        passed = PassedGate(gate=self.gate, method=self.challenge.method, destination=destination)
        return replace(self.touched(now, policy), passed=(*self.passed, passed), challenge=None, sends=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetGrant:
    """What `reset_token` carries: every gate is behind us, one password may be set."""

    verification: str
    account: AccountKey
    version: str
    passed: tuple[PassedGate, ...]
    started_at: datetime
    expires_at: datetime
    attempt: int = 1


def granted(verification: Verification, now: datetime, policy: Policy) -> ResetGrant:
    """The grant for a verification behind its last gate; it never outlives the verification, nor then its claims."""
    expires_at = min(now + timedelta(seconds=policy.reset_token_seconds), verification.expires_at)
    return ResetGrant(
        verification=verification.id,
        account=verification.account,
        version=verification.version,
        passed=verification.passed,
        started_at=verification.started_at,
        expires_at=expires_at,
    )
