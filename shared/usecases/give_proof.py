"""Judge the answer that proves who wants to change the methods (rule 20)."""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from shared.domain.errors import AnswerRefused, NoTriesLeft, Refused
from shared.domain.person import Person, Sealed
from shared.domain.policy import Policy
from shared.domain.reregistration import answered
from shared.domain.trail import Tag, Trail
from shared.domain.unproved_change import proved as was_owner
from shared.domain.verification import Challenge, Verification
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._judging import Judging, answer_to, with_what_it_proved
from shared.usecases._limits import Limits
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class GiveProof:
    """Counts on the row like every answer (rule 3). Its counters are those of changes, so it closes no reset."""

    signed_in: SignedIn
    rows: Rows
    judging: Judging
    keyring: Keyring
    promised: PromisedNotices
    limits: Limits
    tokens: Tokens
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, proof: str, text: str, trail: Trail, *, client: str) -> tuple[str, datetime]:
        """Return the proof and when it expires, after a right answer.

        Raises AnswerRefused or NoTriesLeft with the next proof for a wrong one, InvalidInput for text whose form cannot
        be right, Refused for a proof that has expired or has no challenge, SignInRequired and SignInAgain.
        """
        now = self.clock.now()
        caller = await self.signed_in.for_a_write(token)
        session = caller.session
        verification = self.tokens.open(TokenPurpose.CHANGE, proof, Verification).still_open(now)
        asked = verification.challenge
        if verification.account != session.account or asked is None:
            raise Refused
        answer = answer_to(
            verification, asked, text, self.policy, client=client, nonce=self.randomness.token(), now=now
        )
        await self.signed_in.entry_now(caller, trail)
        row = self.rows.change(session.account, answer.nonce, stored=caller.stored)
        while True:
            person = await row.read()
            session.bound_to(person)
            judged = await self.judging.judge(person, answer, self._candidates(person, asked, now))
            if judged is None:
                self._refuse(trail, verification, asked, spent=True)
            judgement, proved = judged
            after = judgement.person
            if proved is not None:
                after = was_owner(with_what_it_proved(judgement, proved, answer, self.policy))
                after = answered(after, proved.destination)
            if after.owes(answer.nonce):
                await row.promise(self.promised.promise_or_enter)
            if await row.write(after):
                break
        for tag in judgement.tags:
            trail.record(tag, self.clock.now(), account=session.account, method=asked.method)
        if judgement.passed is None:
            self._refuse(trail, verification, asked)
        trail.record(Tag.CHANGE_PROVED, self.clock.now(), account=session.account, method=asked.method)
        behind = verification.gate_passed(asked.method, judgement.passed, now, self.policy)
        return self.tokens.seal(TokenPurpose.CHANGE, behind), behind.expires_at

    def _candidates(self, person: Person, asked: Challenge, now: datetime) -> tuple[Sealed, ...]:
        provers = person.provers(self.policy.methods, now)
        return tuple(method.sealed for method in provers if method.name == asked.method)

    def _refuse(self, trail: Trail, verification: Verification, asked: Challenge, *, spent: bool = False) -> NoReturn:
        """Raise the refusal with the next proof. `spent`: no try was left, so that events are counted (R-100)."""
        facts = {"account": verification.account, "method": asked.method}
        if spent:
            self.limits.record_refusal(trail, "proof.tries", verification.id, tag=Tag.CHANGE_REFUSED, **facts)
        else:
            trail.record(Tag.CHANGE_REFUSED, self.clock.now(), **facts)
        refused = verification.refused(asked.method)
        token, left = self.tokens.seal(TokenPurpose.CHANGE, refused), refused.tries_left(asked.method, self.policy)
        raise AnswerRefused(left, token) if left else NoTriesLeft(left, token)
