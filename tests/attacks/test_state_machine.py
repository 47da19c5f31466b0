"""Random sequences of people, strangers and clocks: the rules hold in whatever order things happen.

Only the real rules change the row. The machine keeps its own count of the outcomes and compares it with the row.
"""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.gates import on_row
from shared.domain.judgement import MAX_ATTEMPTS
from shared.domain.person import (
    RING,
    AttemptId,
    CodeId,
    MethodState,
    Person,
    Purpose,
    RegisteredMethod,
    SentCode,
    Source,
)
from shared.domain.sent_codes import (
    MAX_SENT_CODES,
    derive_code,
    failures_now,
    find_sent,
    is_suspended,
    target_of,
    with_sent_code,
)
from shared.domain.trail import CodeOrder
from shared.domain.verification import PassedGate
from shared.methods import ALL, KeptSecretMethod
from shared.usecases._judging import Answer, Judging
from shared.usecases._sealing import Sealing
from tests.attacks.authenticator import APP, STEP, code_of
from tests.builders import EMAIL, PHONE, a_context, a_person, a_policy, an_attempt_id, an_order, at, at_once
from tests.fakes.adapters import RELYING_PARTY
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.hasher import CountingHasher
from tests.fakes.keys import a_keyring

POLICY = a_policy()
KEYRING = a_keyring()
SEALING = Sealing(KEYRING)
JUDGING = Judging(SEALING, KEYRING, CountingHasher(), RELYING_PARTY, POLICY)
CHANNELS = {"email": "email", "mobile_phone": "sms"}
VERIFICATIONS = ("v", "w", "x")
A_VERIFICATION = st.sampled_from(VERIFICATIONS)
A_GATE = st.sampled_from((1, 2))
A_CODE_METHOD = st.sampled_from(list(CHANNELS))
A_METHOD = st.sampled_from([*CHANNELS, APP])
A_SEND = st.integers(min_value=1, max_value=3)
Place = tuple[str, int, str]
"""Verification, gate, method."""


def expiry(verification: str) -> datetime:
    """Return when the token of that verification expires. Strangers' tokens expire with the first."""
    number = VERIFICATIONS.index(verification) if verification in VERIFICATIONS else 0
    return at(minutes=15 + 20 * number)


class Row(RuleBasedStateMachine):
    """One account under attack."""

    def __init__(self) -> None:
        super().__init__()
        self.person: Person = a_person(email=EMAIL, mobile_phone=PHONE)
        self.secret = self.add_an_app()
        self.now = MONDAY_MORNING
        self.nonces = 0
        self.sends: Counter[Place] = Counter()
        self.messages: Counter[tuple[Place, int]] = Counter()
        self.told: Counter[Place] = Counter()
        """Number of outcomes answered, right or wrong, since the attempt on the row was new."""
        self.passes: Counter[Place] = Counter()
        self.passed: dict[str, list[PassedGate]] = {name: [] for name in VERIFICATIONS}
        self.steps: list[int] = []
        """The steps of the app codes that were right."""
        self.in_a_row: Counter[str] = Counter()
        """Number of wrong answers since the last right one, by the key of the method's failures."""

    def add_an_app(self) -> str:
        method = ALL[APP]
        assert isinstance(method, KeptSecretMethod)
        begun = method.begin_enrolment(b"s" * 32, a_context(), account_name="ada")
        sealed = SEALING.secret(self.person.account, method, begun.kept, "credential")
        app = RegisteredMethod(
            sealed=sealed, state=MethodState.CONFIRMED, source=Source.SELF, set_at=at(), confirmed_at=at()
        )
        self.person = Person(
            account=self.person.account, object_id=self.person.object_id, methods=(*self.person.methods, app)
        )
        return begun.shown["secret"]

    def nonce(self) -> str:
        self.nonces += 1
        return f"{self.nonces:022}"

    def written(self, after: Person, nonce: str) -> None:
        """Store the row as that writer leaves it."""
        self.person = after.stamped(nonce, self.person.ring)
        assert self.person.bears(nonce)

    def order(self, place: Place, send: int) -> CodeOrder:
        of = an_attempt_id(verification=place[0], gate=place[1], method=place[2])
        code = CodeId(attempt=of, channel=CHANNELS[place[2]], send=send)
        return an_order(code=code, expires_at=expiry(place[0]), leaves_at=expiry(place[0]))

    @rule(verification=A_VERIFICATION, gate=A_GATE, method=A_CODE_METHOD)
    def send(self, verification: str, gate: int, method: str) -> None:
        """A code is asked for and delivered."""
        self.sends[(verification, gate, method)] += 1
        self.deliver(verification, gate, method, self.sends[(verification, gate, method)])

    @rule(verification=A_VERIFICATION, gate=A_GATE, method=A_CODE_METHOD, send=A_SEND)
    def deliver(self, verification: str, gate: int, method: str, send: int) -> None:
        """The queue delivers an order, perhaps for the second time."""
        place, nonce = (verification, gate, method), self.nonce()
        order = self.order(place, send)
        if self.now >= order.expires_at or find_sent(self.person, order.code):
            return
        target = target_of(self.person, order, POLICY, self.now)
        failures = failures_now(self.person, order.code.attempt, self.now)
        assert target is not None
        claimed = None
        if not is_suspended(failures, POLICY, self.now):
            claimed = with_sent_code(self.person, order, target, self.now, nonce=nonce)
        self.messages[(place, send)] += claimed is not None
        self.written(claimed or self.person, nonce)

    @rule(verification=A_VERIFICATION, gate=A_GATE, method=A_METHOD, times=st.integers(min_value=1, max_value=7))
    def fire(self, verification: str, gate: int, method: str, times: int) -> None:
        """Wrong answers to the newest challenge, one after the other, and then the right one twice."""
        for right in (*[False] * times, True, True):
            self.answer(verification, gate, method, self.sends[(verification, gate, method)], right)

    @rule(verification=A_VERIFICATION, gate=A_GATE, method=A_METHOD, send=A_SEND, right=st.booleans())
    def answer(self, verification: str, gate: int, method: str, send: int, right: bool) -> None:
        """An answer, right or wrong, while the token is valid. The outcome is answered because the write succeeds."""
        place = (verification, gate, method)
        if self.now >= expiry(verification):
            return
        if self.judged(place, send, right=right) is None:
            return
        self.told[place] += 1

    def judged(self, place: Place, send: int, *, right: bool) -> bool | None:
        """Return whether the answer was right. None when no try was left and nothing was written."""
        of = AttemptId(purpose=Purpose.RESET, verification=place[0], gate=place[1], method=place[2])
        code = None if place[2] == APP else self.order(place, send).code
        nonce = self.nonce()
        answer = Answer(
            attempt=of,
            text=self.right_text(code) if right else "00000000"[: 6 if code is None else 8],
            expires_at=expiry(place[0]),
            client="203.0.113.7",
            nonce=nonce,
            at=self.now,
            code=code,
            challenge={} if code is None else None,
        )
        candidates = tuple(m.sealed for m in self.person.usable(POLICY.methods, self.now) if m.name == place[2])
        judged = at_once(JUDGING.judge(self.person, answer, candidates))
        if judged is None:
            return None
        judgement, sealed = judged
        assert (judgement.passed is None) == (sealed is None)
        self.nothing_needed_is_forgotten(judgement.person)
        self.written(judgement.person.with_sealed(sealed) if sealed else judgement.person, nonce)
        if judgement.passed is None:
            self.in_a_row[of.failures_key] += 1
            return False
        assert right, "a wrong answer was told to be right"
        assert code is None or self.messages[(place, send)], "a code that nobody was sent was right"
        self.in_a_row[of.failures_key] = 0
        self.passes[place] += 1
        if code is None:
            self.steps.append(int(self.now.timestamp()) // STEP)
        self.passed[place[0]].append(PassedGate(gate=place[1], method=place[2], evidence=judgement.passed))
        return True

    def nothing_needed_is_forgotten(self, after: Person) -> None:
        """Check that removed attempts have neither a pass nor a live code."""
        live = {sent.id.attempt for sent in self.person.sent_codes if self.now < sent.leaves_at}
        for gone in (a for a in self.person.attempts if after.attempt(a.id) is None and self.now < a.leaves_at):
            assert not gone.passed
            assert gone.id not in live
            # The attempt on the row starts again at 0, and so does the count here.
            del self.told[(gone.id.verification, gone.id.gate, gone.id.method)]

    def right_text(self, code: CodeId | None) -> str:
        """Return the right answer: the code that was or would have been sent, or the app's code."""
        if code is None:
            return code_of(self.secret, self.now)
        destination = next(m.destination for m in self.person.methods if m.name == code.attempt.method)
        sent = find_sent(self.person, code) or SentCode(
            id=code, code_key=1, destination=destination, claimed_at=self.now, leaves_at=self.now, nonce=""
        )
        return derive_code(KEYRING.code_key(1), self.person.account, sent, digits=POLICY.code_digits)

    @rule(count=st.integers(min_value=1, max_value=40), method=A_METHOD)
    def crowd(self, count: int, method: str) -> None:
        """Strangers answer in new verifications, up to more than the bound of attempts."""
        if self.now >= expiry("stranger"):
            return
        for _ in range(count):
            self.judged((f"stranger {self.nonces}", 1, method), 1, right=False)

    @rule(seconds=st.sampled_from((1, 29, 59, 299, 301, 601, 1200, 90_000)))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: any(self.passed.values()))
    @rule()
    def the_row_proves_what_it_told(self) -> None:
        """For each verification, the row proves what was answered while its attempts are on it, and no more."""
        for verification, gates in self.passed.items():
            standing = {(a.id.gate, a.id.method) for a in self.person.attempts if a.id.verification == verification}
            there = [gate for gate in gates if (gate.gate, gate.method) in standing]
            assert there == gates or self.now >= expiry(verification)
            assert on_row(self.person, verification, gates) == tuple(there)
            assert on_row(self.person, "another", gates) == ()

    @invariant()
    def as_much_counted_as_told(self) -> None:
        """Every answered outcome is counted on its attempt, and no attempt has more than five tries."""
        for attempt in self.person.attempts:
            place = (attempt.id.verification, attempt.id.gate, attempt.id.method)
            assert attempt.tries + (attempt.passed is not None) <= POLICY.tries_per_code
            if attempt.id.verification in VERIFICATIONS:
                assert attempt.tries + (attempt.passed is not None) == self.told[place]

    @invariant()
    def one_message_for_each_send(self) -> None:
        """An order that is delivered several times sends one message."""
        assert all(count <= 1 for count in self.messages.values())

    @invariant()
    def a_gate_opens_at_most_once(self) -> None:
        """There is at most one pass for each verification, gate and method."""
        assert all(count == 1 for count in self.passes.values())

    @invariant()
    def a_step_of_the_app_is_right_once(self) -> None:
        """The right steps only increase, whatever they were for."""
        assert self.steps == sorted(set(self.steps))

    @invariant()
    def no_failure_is_counted_twice(self) -> None:
        """The consecutive failures are never more than the wrong answers."""
        for key, failures in self.person.failures.items():
            assert failures.consecutive <= self.in_a_row[key]

    @invariant()
    def the_row_is_bounded_and_keeps_what_lives(self) -> None:
        """Claims stay while their token is valid, and no kind of entry exceeds its bound."""
        assert len(self.person.sent_codes) <= MAX_SENT_CODES
        assert len(self.person.attempts) <= MAX_ATTEMPTS
        assert len(self.person.ring) <= RING
        for (place, send), count in self.messages.items():
            found = find_sent(self.person, self.order(place, send).code) is not None
            assert found or not count or self.now >= expiry(place[0]) + CLOCK_MARGIN


TestRow = Row.TestCase
TestRow.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
