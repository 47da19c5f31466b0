"""Judge an answer, and open the next gate or grant the right to set a password."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from shared.domain.access_pass import lacks_for_access_pass
from shared.domain.errors import AnswerRefused, NoTriesLeft, Refused
from shared.domain.gates import Lack, is_behind_gates, left_for_next_gate, needed_for_reset, proofs_by, proofs_of
from shared.domain.limits import WRONG_BY_NAME
from shared.domain.person import NEVER_FIRST, Person, Sealed
from shared.domain.policy import Policy
from shared.domain.trail import Tag, Trail
from shared.domain.verification import Challenge, Verification, granted
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.directory import Capability, Directory
from shared.ports.keyring import Keyring
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._judging import Judging, answer_to, with_what_it_proved
from shared.usecases._limits import Limits
from shared.usecases._rows import Rows
from shared.usecases._sealing import Sealing


@dataclass(frozen=True, slots=True)
class NextGate:
    """One gate was passed. Has the methods for the next gate, with their masked contacts as hints (D8)."""

    verification_token: str
    methods: tuple[str, ...]
    hints: dict[str, str] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()
    """Where no method is left, what this account would need (rule 22). The first proof is given, so it may be told."""
    expires_in: int = 0
    """The life of the token, in seconds."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Every gate was passed."""

    reset_token: str
    expires_at: datetime
    expires_in: int
    """The same in seconds, for browsers whose clock is wrong."""
    can_unlock: bool = False
    """Whether the directory can end a lock. Whether there is one is not asked: this step calls no directory."""
    may_have_pass: bool = False
    """Whether the proofs are enough for a Temporary Access Pass, where policy and directory have some (rule 22)."""


@dataclass(frozen=True, slots=True)
class Verify:
    """Counts on the row. Every refusal of an answer looks the same, whatever its cause (rule 9)."""

    rows: Rows
    directory: Directory
    keyring: Keyring
    judging: Judging
    sealing: Sealing
    limits: Limits
    promised: PromisedNotices
    tokens: Tokens
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, text: str, trail: Trail, *, client: str) -> NextGate | Granted:
        """Return the next gate or the grant, after a right answer.

        Raises InvalidInput for text whose form cannot be right, for every account alike (rule 19); AnswerRefused or
        NoTriesLeft for every wrong answer; Refused for an expired token.
        """
        now = self.clock.now()
        verification = self.tokens.open(TokenPurpose.VERIFICATION, token, Verification).still_open(now)
        if (asked := verification.challenge) is None:
            raise Refused
        answer = answer_to(
            verification, asked, text, self.policy, client=client, nonce=self.randomness.token(), now=now
        )
        row = self.rows.change(verification.account, answer.nonce)
        while True:
            person = await row.read()
            # Counted on the row in the write that decides, so that parallel answers cannot all pass one check.
            judged = await self.judging.judge(person, answer, self._candidates(person, verification, asked, now))
            if judged is None:
                # A second call, as for an answer that is counted. On a full row only a live code keeps an attempt, and
                # the time must not tell a stranger that this one was kept (rule 9).
                await self.rows.people.read(verification.account)
                self._refuse(verification, asked, trail, client, spent=True)
            judgement, proved = judged
            after = judgement.person
            if proved is not None:
                after = with_what_it_proved(judgement, proved, answer, self.policy)
            if after.owes(answer.nonce):
                await row.promise(self.promised.promise_or_enter)
            if await row.write(after):
                break
        for tag in judgement.tags:
            self._record(trail, tag, verification, asked, client)
        await self._count(verification, asked, client, right=judgement.passed is not None)
        if judgement.passed is None:
            self._refuse(verification, asked, trail, client)
        self._record(trail, Tag.RESET_GATE_PASSED, verification, asked, client)
        behind = verification.gate_passed(asked.method, judgement.passed, now, self.policy)
        needed = needed_for_reset(self.policy, privileged=after.privileged)
        if needed.is_met_by(proofs_of(after, behind.passed, self.policy, now)):
            grant = granted(behind, now, self.policy, k=self.randomness.seed().hex())
            left = int((grant.expires_at - now).total_seconds())
            can, proofs = self.directory.capabilities, proofs_of(after, behind.passed, self.policy, now)
            has_proof = lacks_for_access_pass(self.policy, proofs, privileged=after.privileged) == ()
            return Granted(
                self.tokens.seal(TokenPurpose.RESET, grant),
                grant.expires_at,
                left,
                can_unlock=Capability.UNLOCK in can,
                may_have_pass=Capability.TEMPORARY_ACCESS_PASS in can and has_proof,
            )
        return self._next_gate(after, behind, now)

    def _candidates(
        self, person: Person, verification: Verification, asked: Challenge, now: datetime
    ) -> tuple[Sealed, ...]:
        """Return what may pass this gate now: nothing if the account changed since the first challenge (rule 12)."""
        if person.version != verification.version:
            return ()
        if ALL[asked.method].evidence in NEVER_FIRST and not is_behind_gates(person, verification):
            return ()  # only a thief of the token key gets here
        left = left_for_next_gate(person, verification.passed, self.policy, now)
        return tuple(method.sealed for method in left if method.name == asked.method)

    async def _count(self, verification: Verification, asked: Challenge, client: str, *, right: bool) -> None:
        """Count a wrong answer for the name and the client, and a code by phone that came back.

        Wrong answers close later starts and never an answer: the row alone limits the answers, so no stranger can
        spend what a right one needs (rule 10).
        """
        if not right:
            await self.limits.count_wrong(WRONG_BY_NAME, client=client, name=verification.name)
        elif asked.channel not in {"", "email"}:
            await self.limits.came_back()

    def _refuse(
        self, verification: Verification, asked: Challenge, trail: Trail, client: str, *, spent: bool = False
    ) -> NoReturn:
        """Raise the refusal with the next token. The tries left come from the token only (rules 9 and 19).

        `spent`: no try was left, so that the call can be repeated without end. Its events are counted, not one each.
        """
        if spent:
            client_key = self.keyring.client_key(client)
            self.limits.record_refusal(
                trail, "verify.tries", verification.id, client_key=client_key, account=verification.account
            )
        else:
            self._record(trail, Tag.RESET_GATE_REFUSED, verification, asked, client)
        refused = verification.refused(asked.method)
        token = self.tokens.seal(TokenPurpose.VERIFICATION, refused)
        left = refused.tries_left(asked.method, self.policy)
        raise AnswerRefused(left, token) if left else NoTriesLeft(left, token)

    def _next_gate(self, person: Person, verification: Verification, now: datetime) -> NextGate:
        hints: dict[str, str] = {}
        methods: list[str] = []
        for method in left_for_next_gate(person, verification.passed, self.policy, now):
            if self.sealing.open_usable(person.account, method.sealed, self.policy) is None:
                continue
            if method.name not in methods:
                methods.append(method.name)
            if contact := self.sealing.open_contact(person.account, method.sealed):
                hints[method.name] = contact.masked
        token = self.tokens.seal(TokenPurpose.VERIFICATION, verification)
        lacks = () if methods else self._lacks(person, verification, now)
        return NextGate(token, tuple(methods), hints, lacks, verification.seconds_left(now))

    def _lacks(self, person: Person, verification: Verification, now: datetime) -> tuple[Lack, ...]:
        """Return what the account lacks with everything that it could prove now. Nothing if another order would do."""
        readable = (
            method
            for method in person.opening_gates(self.policy.methods, now)
            if self.sealing.open_usable(person.account, method.sealed, self.policy) is not None
        )
        proofs = (
            *proofs_of(person, verification.passed, self.policy, now),
            *proofs_by(readable, self.policy, now),
        )
        return needed_for_reset(self.policy, privileged=person.privileged).lacks(proofs)

    def _record(self, trail: Trail, tag: Tag, verification: Verification, asked: Challenge, client: str) -> None:
        trail.record(
            tag,
            self.clock.now(),
            client_key=self.keyring.client_key(client),
            account=verification.account,
            verification=verification.id,
            method=asked.method,
        )
