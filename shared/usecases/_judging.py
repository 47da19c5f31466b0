"""Judge an answer, in a reset and in a registration, by the family of its method and against the row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from shared.domain.account import AccountKey
from shared.domain.judgement import Judgement, failed, open_attempt, passed, with_one_used
from shared.domain.person import AttemptId, CodeId, Person, Sealed, SentCode
from shared.domain.policy import Policy
from shared.domain.reachability import reached
from shared.domain.sent_codes import (
    codes_match,
    derive_code,
    failures_now,
    is_suspended,
    lanes_of,
    live_code,
)
from shared.domain.verification import Challenge, Verification
from shared.methods import (
    ALL,
    Context,
    HashedSecretMethod,
    KeptSecretMethod,
    Method,
    RelyingParty,
    SentCodeMethod,
    Verdict,
)
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.slow_hasher import SlowHasher
from shared.usecases._questions import texts_of
from shared.usecases._sealing import Sealing
from shared.validation.client_address import coarse_network
from shared.validation.typed_code import typed_code


def exact_answer(method: Method, text: str, policy: Policy, *, first: bool = False) -> str:
    """Return the answer in its canonical form. `first`: the one that confirms a new method.

    Raises InvalidInput for text whose form cannot be right. It costs no try, for every account alike (rule 19).
    """
    if isinstance(method, SentCodeMethod):
        return typed_code(text, policy.code_shape)
    return method.exact_first(text, policy) if first else method.exact(text, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer and what it is for. It is made once per request, before the row is read."""

    attempt: AttemptId
    text: str
    """In its canonical form, made by `exact_answer` (rule 19)."""
    expires_at: datetime
    """The absolute expiry of the verification or the pending method."""
    client: str
    nonce: str
    at: datetime
    code: CodeId | None = None
    """The code of the challenge. None for a kept secret."""
    checked: bool = False
    """Whether the client solved the bot check for this verification."""
    challenge: Mapping[str, str] | None = None
    """What a kept secret's method showed. None at enrolment."""
    hashed: dict[str | None, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Its slow hashes, by salt. A write that is tried again with the same set computes none again (rule 14)."""


def answer_to(
    verification: Verification, asked: Challenge, text: str, policy: Policy, *, client: str, nonce: str, now: datetime
) -> Answer:
    """Return the answer to the challenge of a verification. Raises InvalidInput for a form that cannot be right."""
    method = ALL[asked.method]
    by_code = isinstance(method, SentCodeMethod)
    return Answer(
        attempt=verification.attempt_id(asked.method),
        text=exact_answer(method, text, policy),
        expires_at=verification.expires_at,
        client=client,
        nonce=nonce,
        at=now,
        code=verification.code_id(asked) if by_code else None,
        challenge=None if by_code else asked.shown,
        checked=verification.checked,
    )


def context_of(
    account: AccountKey, keyring: Keyring, relying_party: RelyingParty, policy: Policy, now: datetime
) -> Context:
    """Return what a kept secret's method may know. The handle leaves the service, so it is not the account key."""
    handle = keyring.digest("user_handle", account)
    return Context(relying_party=relying_party, handle=handle, now=now, policy=policy, texts=partial(texts_of, policy))


def with_what_it_proved(judgement: Judgement, proved: Sealed, answer: Answer, policy: Policy) -> Person:
    """Return the row with the secret as it is after its use. A method that was suspect is no longer."""
    after, now = judgement.person.with_sealed(proved), answer.at
    if judgement.left is not None:
        origin = coarse_network(answer.client)
        return with_one_used(after, proved, judgement.left, event=answer.nonce, now=now, policy=policy, origin=origin)
    return reached(after, proved.destination, at=now) if after.suspects(proved.destination) else after


@dataclass(frozen=True, slots=True)
class Judging:
    """Compares in memory and returns the row to write. The caller answers only after that write (rule 3)."""

    sealing: Sealing
    keyring: Keyring
    hasher: SlowHasher
    relying_party: RelyingParty
    policy: Policy

    async def judge(
        self, person: Person, answer: Answer, candidates: Sequence[Sealed]
    ) -> tuple[Judgement, Sealed | None] | None:
        """Return the judgement, and after a right answer the sealed candidate to store. None when no try is left.

        `candidates` are the sealed methods that the answer may prove. If there are none, every answer is wrong and
        the same work is done (rule 9). Raises TryAgain while too many answers are being hashed.
        """
        attempt = open_attempt(person, answer.attempt, answer.expires_at, self.policy)
        if attempt is None:
            return None
        failures = failures_now(person, attempt.id, answer.at)
        lanes = lanes_of(person, self.keyring.client_key(answer.client), checked=answer.checked)
        suspended = is_suspended(failures, self.policy, answer.at, lanes=lanes)
        sent = live_code(person, answer.code, self.policy, answer.at) if answer.code else None
        copied, left = False, None
        match ALL[attempt.id.method]:
            case SentCodeMethod():
                proved = self._by_code(person.account, sent, answer, candidates)
                # A suspension closes new codes, not answers to a sent one; 100 failures in a row close both (rule 10).
                closed = failures.consecutive >= self.policy.failures_consecutive
            case KeptSecretMethod() as method:
                proved, copied, left = await self._by_secret(person.account, method, answer, candidates)
                closed = suspended
        if proved is None or closed:
            judgement = failed(
                person,
                attempt,
                closed=suspended and sent is None,
                lanes=lanes,
                nonce=answer.nonce,
                now=answer.at,
                policy=self.policy,
            )
            return replace(judgement, copied=copied), None
        judgement = passed(person, attempt, proved.evidence, nonce=answer.nonce, now=answer.at)
        return replace(judgement, copied=copied, left=left), proved

    def _by_code(
        self, account: AccountKey, sent: SentCode | None, answer: Answer, candidates: Sequence[Sealed]
    ) -> Sealed | None:
        # Where nothing was sent, derive and compare a code all the same, so that time tells nothing (rule 9).
        of = sent or self._never_sent(answer)
        try:
            key = self.keyring.code_key(of.code_key)
        except Unreadable:
            return None
        right = codes_match(key, answer.text, derive_code(key, account, of, digits=self.policy.code_digits))
        if sent is None or not right:
            return None
        return next((candidate for candidate in candidates if candidate.destination == sent.destination), None)

    def _never_sent(self, answer: Answer) -> SentCode:
        return SentCode(
            id=answer.code or CodeId(attempt=answer.attempt, channel="", send=0),
            code_key=self.keyring.code_key_version,
            destination="",
            claimed_at=answer.at,
            leaves_at=answer.at,
            nonce="",
        )

    async def _by_secret(
        self, account: AccountKey, method: KeptSecretMethod, answer: Answer, candidates: Sequence[Sealed]
    ) -> tuple[Sealed | None, bool, int | None]:
        """Judge every possible credential, registered or not, so that time does not tell their number (rule 9).

        Return the one that answered, with what is stored from now on, whether somebody seems to have a copy, and how
        many answers it has left.
        """
        context = context_of(account, self.keyring, self.relying_party, self.policy, answer.at)
        found, copied, left = None, False, None
        for place in range(method.most):
            candidate = candidates[place] if place < len(candidates) else None
            stored = self.sealing.open(account, candidate)
            if isinstance(method, HashedSecretMethod):
                context = await self._hashed(method, stored, answer, context)
            if answer.challenge is not None:
                verdict = method.judge(stored, answer.challenge, answer.text, context)
            else:
                kept = method.finish_enrolment(stored, answer.text, context) if stored is not None else None
                verdict = Verdict(kept=kept)
            copied = copied or verdict.copied
            if candidate is not None and verdict.kept is not None:
                found, left = self.sealing.with_text(account, candidate, verdict.kept), method.left(verdict.kept)
        return found, copied, left

    async def _hashed(
        self, method: HashedSecretMethod, stored: str | None, answer: Answer, context: Context
    ) -> Context:
        """Return the context with the hashes of the answer's parts, by the salt of the set.

        Without a set the same work is done (rule 9).
        """
        salt = None if stored is None else method.salt_of(stored)
        if salt not in answer.hashed:
            parts = method.parts(answer.text)
            answer.hashed[salt] = await self.hasher.hashed(salt, parts, turn=answer.attempt.verification)
        return replace(context, salt=salt or "", hashes=answer.hashed[salt])
