"""Taking an answer to a code, wherever one is asked for: judged against the claim, counted, and only then told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from shared.domain.account import AccountKey
from shared.domain.audit import AuditEvent, Tag
from shared.domain.judgement import Judgement, Question, bears, judge
from shared.domain.message import NoticeOrder
from shared.domain.one_time_code import binding_of, codes_match, derive_code, typed_code
from shared.domain.person import Claim, Notice, Person
from shared.domain.policy import Policy
from shared.domain.registration import with_notice
from shared.domain.trail import Trail
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.people import People
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._conditional import Decision, decide


@dataclass(frozen=True, slots=True)
class Answering:
    """The ports that judging needs, bundled once for the use-cases that judge."""

    people: People
    promised: PromisedNotices
    keyring: Keyring
    clock: Clock
    randomness: Randomness
    policy: Policy

    async def __call__(
        self,
        account: AccountKey,
        question_on: Callable[[Person], Question | None],
        answer: str,
        trail: Trail,
        *,
        client: str,
        accepts: Callable[[Person, Claim], bool],
        once_right: Callable[[Person, str], Person] = lambda person, _event: person,
        before_right: Callable[[Person], Awaitable[None]] | None = None,
    ) -> tuple[Judgement, Person]:
        """The judgement that was counted, and the row it left.

        Args:
            account: whose row.
            question_on: the question that stands, given the row; None when there is none.
            answer: as typed.
            trail: gets the order for a notice, when one was written, and the event of a suspension.
            client: prefix of the client's address, for that event.
            accepts: what else must hold for a right answer, given the row.
            once_right: the further change that a right answer makes, in the same write.
            before_right: awaited with that row before it is written.
        """
        nonce = self.randomness.token()
        typed = typed_code(answer)
        now = self.clock.now()

        def decision_on(person: Person) -> Decision[tuple[Judgement, Person]]:
            question = question_on(person)
            if question is None:
                return Decision((Judgement(person=None, right=False), person))
            judgement = judge(
                person,
                question,
                lambda claim: self._matches(account, claim, typed),
                accepts=lambda claim: accepts(person, claim),
                nonce=nonce,
                now=now,
                policy=self.policy,
            )
            after = judgement.person
            if after is not None and judgement.suspends:
                notice = Notice(event=nonce, template="method_suspended", at=now, method=question.method)
                after = with_notice(after, notice)
            if after is not None and judgement.right:
                after = once_right(after, nonce)
            return Decision((replace(judgement, person=after), after or person), after)

        async def before_write(outcome: tuple[Judgement, Person]) -> None:
            judgement, after = outcome
            if _is_to_be_told(after, nonce):
                await self.promised.promise(account)
            if judgement.right and before_right is not None:
                await before_right(after)

        told = await decide(
            self.people, account, decision_on, landed=lambda person: bears(person, nonce), before_write=before_write
        )
        outcome = told.outcome
        self._leave_trail(trail, account, outcome, nonce, client)
        return outcome

    def _leave_trail(
        self, trail: Trail, account: AccountKey, outcome: tuple[Judgement, Person], nonce: str, client: str
    ) -> None:
        judgement, after = outcome
        if judgement.suspends:
            digest = self.keyring.digest("client", client)
            trail.events.append(
                AuditEvent(tag=Tag.METHOD_SUSPENDED, at=self.clock.now(), account=account, client=digest)
            )
        if _is_to_be_told(after, nonce):
            trail.orders.append(NoticeOrder(account=account))

    def _matches(self, account: AccountKey, claim: Claim, typed: str) -> bool:
        try:
            key = self.keyring.code_key(claim.code_key)
        except Unreadable:
            return False
        return codes_match(key, typed, derive_code(key, binding_of(claim, account), digits=self.policy.code_digits))


def _is_to_be_told(person: Person, event: str) -> bool:
    return any(notice.event == event for notice in person.notices)
