"""Define a verification: all proofs for one reset, which the browser carries in a sealed token (D4).

    started ──challenge──▶ challenged ──right answer──▶ gate passed ──challenge──▶ … ──last gate──▶ granted
       ▲                      │   ▲ │                        │
       └── nothing stored ────┘   └─┘ wrong, resend, another method

`docs/flows.md` draws the same state machine. The token alone decides nothing: a gate counts as passed only if the row
of the account says so as well (rule 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput, Limited, Opens, Refused
from shared.domain.gates import may_follow
from shared.domain.person import AttemptId, CodeId, Evidence, EvidenceClass, Purpose
from shared.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What the person is asked to answer now."""

    method: str
    channel: str = ""
    """`email` or `sms`. Empty for a kept secret, for which nothing is sent."""
    send: int = 0
    shown: Mapping[str, str] = field(default_factory=dict)
    """What the page shows for a kept secret, and what the answer is judged with. The same for strangers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A send at the current gate. The wait before the next one is counted from it."""

    method: str
    at: datetime
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedGate:
    """A passed gate, the method, and what it proved."""

    gate: int
    method: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The content of `verification_token`, and of the token that proves a change of methods (rule 20)."""

    id: str
    purpose: Purpose = Purpose.RESET
    account: AccountKey
    code_key: int
    started_at: datetime
    expires_at: datetime
    idle_at: datetime
    name: str = ""
    """The key of the typed name. Wrong answers are counted for it, because a stranger may see it (rule 9)."""
    slot: int = 0
    """The place that the client takes among the known ones after a success."""
    checked: bool = False
    """Whether the client solved the bot check at the start."""
    version: str = ""
    """The account version at the first challenge. Empty before."""
    passed: tuple[PassedGate, ...] = ()
    challenge: Challenge | None = None
    sends: tuple[Sent, ...] = ()
    tries: Mapping[str, int] = field(default_factory=dict)
    """Refused answers at the current gate, by method. Only shown to the person; the row decides (rule 19)."""

    @property
    def gate(self) -> int:
        """The number of the current gate, from 1."""
        return len(self.passed) + 1

    def attempt_id(self, method: str) -> AttemptId:
        """Return the id of the attempt by `method` at the current gate."""
        return AttemptId(purpose=self.purpose, verification=self.id, gate=self.gate, method=method)

    def code_id(self, challenge: Challenge) -> CodeId:
        return CodeId(attempt=self.attempt_id(challenge.method), channel=challenge.channel, send=challenge.send)

    def still_open(self, now: datetime) -> "Verification":
        """Return itself; raises Refused once the absolute or the idle limit has passed (R-30)."""
        if now >= self.expires_at or now >= self.idle_at:
            raise Refused
        return self

    def touched(self, now: datetime, policy: Policy) -> "Verification":
        """Return a copy with a new idle limit. The absolute limit never changes."""
        idle = now + timedelta(seconds=policy.verification_idle_seconds)
        return replace(self, idle_at=min(idle, self.expires_at))

    def seconds_left(self, now: datetime) -> int:
        """Return the whole seconds until the absolute or the idle limit, whichever comes first."""
        return max(0, int((min(self.idle_at, self.expires_at) - now).total_seconds()))

    def asked_to_send(
        self, method: str, kind: EvidenceClass, channel: str, now: datetime, policy: Policy
    ) -> "Verification":
        """Return a copy with a challenge for which a code is sent.

        Raises Limited while the wait after the last send of the same method runs, or when the gate has no sends left.
        Raises InvalidInput for a class of evidence that has already passed a gate. All of it depends on this token
        only, so it tells a stranger nothing about the account (rule 9).
        """
        self._refuse_what_passed(kind)
        if len(self.sends) >= policy.sends_per_gate:
            raise Limited(max(1, int((self.expires_at - now).total_seconds())), Opens.NEW_START)
        earlier = [sent for sent in self.sends if sent.method == method]
        if earlier and now < (free_at := earlier[-1].at + policy.wait_after(len(earlier))):
            raise Limited(max(1, int((free_at - now).total_seconds()) + 1))
        challenge = Challenge(method=method, channel=channel, send=len(self.sends) + 1)
        sends = (*self.sends, Sent(method=method, at=now, channel=channel))
        return replace(self._challenged(challenge, now, policy), sends=sends)

    def back_to_sent(
        self, method: str, channel: str, now: datetime, policy: Policy
    ) -> "tuple[Verification, Sent] | None":
        """Return a copy with the challenge of the last send of `method` again, and that send, after another challenge.

        Only while its wait runs: then nothing can be sent, and the code on its way stays good. Otherwise None.
        """
        numbers = [number for number, sent in enumerate(self.sends, 1) if sent.method == method]
        if not numbers or self.challenge is None or self.challenge.method == method:
            return None
        sent = self.sends[numbers[-1] - 1]
        if sent.channel != channel or now >= sent.at + policy.wait_after(len(numbers)):
            return None
        return self._challenged(Challenge(method=method, channel=channel, send=numbers[-1]), now, policy), sent

    def asked_to_prove(
        self,
        method: str,
        kind: EvidenceClass,
        shown: Mapping[str, str],
        now: datetime,
        policy: Policy,
        *,
        resists: bool = False,
    ) -> "Verification":
        """Return a copy with a challenge for a kept secret. Nothing is sent, so there is no wait.

        Raises InvalidInput for a class of evidence that has already passed a gate, unless the method is the first that
        resists phishing (`resists`).
        """
        self._refuse_what_passed(kind, resists=resists)
        return self._challenged(Challenge(method=method, shown=shown), now, policy)

    def bound_to(self, version: str) -> "Verification":
        """Return a copy bound to this account version, or itself if an earlier challenge bound it (rule 12)."""
        return self if self.version else replace(self, version=version)

    def _refuse_what_passed(self, kind: EvidenceClass, *, resists: bool = False) -> None:
        wanted = Evidence(kind=kind, destination="", phishing_resistant=resists)  # no destination: no account is known
        if not may_follow(wanted, [gate.evidence for gate in self.passed]):
            raise InvalidInput("method", "already_proved")

    def _challenged(self, challenge: Challenge, now: datetime, policy: Policy) -> "Verification":
        # A new challenge replaces the old one, and no progress is carried to another method (CVE-2026-18963).
        return replace(self.touched(now, policy), challenge=challenge)

    def wait(self, method: str, policy: Policy) -> int:
        """Return the wait in seconds between the last send of `method` and the next one. 0 before the first."""
        count = sum(1 for sent in self.sends if sent.method == method)
        return int(policy.wait_after(count).total_seconds()) if count else 0

    def refused(self, method: str) -> "Verification":
        """Return a copy after an answer that was not accepted."""
        return replace(self, tries={**self.tries, method: self.tries.get(method, 0) + 1})

    def tries_left(self, method: str, policy: Policy) -> int:
        """Return how many more answers by `method` this gate takes, according to this token."""
        return max(0, policy.tries_per_code - self.tries.get(method, 0))

    def gate_passed(self, method: str, evidence: Evidence, now: datetime, policy: Policy) -> "Verification":
        """Return a copy with the current gate passed."""
        passed = PassedGate(gate=self.gate, method=method, evidence=evidence)
        return replace(self.touched(now, policy), passed=(*self.passed, passed), challenge=None, sends=(), tries={})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetGrant:
    """The content of `reset_token`: every gate was passed, and one password may be set."""

    verification: str
    account: AccountKey
    version: str
    passed: tuple[PassedGate, ...]
    started_at: datetime
    expires_at: datetime
    name: str = ""
    slot: int = 0
    attempt: int = 1
    k: str = ""
    """256 random bits. The row keeps an HMAC of the chosen password under it (rule 30)."""


def granted(verification: Verification, now: datetime, policy: Policy, *, k: str = "") -> ResetGrant:
    """Return the grant for a verification that passed its last gate. It ends no later than the verification."""
    expires_at = min(now + timedelta(seconds=policy.reset_token_seconds), verification.expires_at)
    return ResetGrant(
        verification=verification.id,
        account=verification.account,
        version=verification.version,
        passed=verification.passed,
        started_at=verification.started_at,
        expires_at=expires_at,
        name=verification.name,
        slot=verification.slot,
        k=k,
    )
