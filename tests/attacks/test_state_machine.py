"""A machine of people, strangers and clocks: whatever order things happen in, the promises of the rules hold.

The row is changed by the real rules only; the machine keeps its own count of what it was told and compares.
"""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.domain.claims import CLOCK_SKEW, CodeOrder, with_claim
from shared.domain.gates import distinct, proved
from shared.domain.judgement import Question, bears, judge
from shared.domain.person import MAX_CLAIMS, Person, Purpose, Standing
from shared.domain.verification import PassedGate
from tests.builders import EMAIL, PHONE, a_person, a_policy, an_order
from tests.fakes.clock import MONDAY_MORNING

POLICY = a_policy()
METHODS = {"email": "email", "mobile_phone": "sms"}
VERIFICATIONS = ("v", "w", "x")
A_VERIFICATION = st.sampled_from(VERIFICATIONS)
A_GATE = st.sampled_from((1, 2))
A_METHOD = st.sampled_from(list(METHODS))
A_SEND = st.integers(min_value=1, max_value=3)
Asked = tuple[str, int, str, int]
"""Verification, gate, method, send."""


class Row(RuleBasedStateMachine):
    """One account under fire."""

    def __init__(self) -> None:
        super().__init__()
        self.person: Person = a_person(email=EMAIL, mobile_phone=PHONE)
        self.now = MONDAY_MORNING
        self.nonces = 0
        self.sends: Counter[tuple[str, int, str]] = Counter()
        self.letters: Counter[Asked] = Counter()
        self.told: Counter[tuple[str, int, str]] = Counter()
        """Outcomes told, right or wrong, by verification, gate and method."""
        self.passed: dict[str, list[PassedGate]] = {name: [] for name in VERIFICATIONS}

    def nonce(self) -> str:
        self.nonces += 1
        return f"{self.nonces:022}"

    def order(self, verification: str, gate: int, method: str, send: int) -> CodeOrder:
        return an_order(
            verification=verification, gate=gate, method=method, channel=METHODS[method], send=send,
            leaves_at=MONDAY_MORNING + timedelta(minutes=15 + 20 * VERIFICATIONS.index(verification)),
        )  # fmt: skip

    @rule(
        verification=st.sampled_from(VERIFICATIONS), gate=st.sampled_from((1, 2)), method=st.sampled_from(list(METHODS))
    )
    def send(self, verification: str, gate: int, method: str) -> None:
        """A new code is asked for and delivered."""
        place = (verification, gate, method)
        self.sends[place] += 1
        self.deliver(verification, gate, method, self.sends[place])

    @rule(
        verification=A_VERIFICATION,
        gate=A_GATE,
        method=A_METHOD,
        send=A_SEND,
    )
    def deliver(self, verification: str, gate: int, method: str, send: int) -> None:
        """The queue delivers an order, perhaps for the second time."""
        order = self.order(verification, gate, method, send)
        if self.now >= order.leaves_at:
            return
        after = with_claim(self.person, order, POLICY, self.now, nonce=(nonce := self.nonce()))
        if after is None:
            return
        claim = next(claim for claim in after.claims if claim.nonce == nonce)
        self.person = after
        if claim.standing is Standing.LIVE:
            self.letters[(verification, gate, method, send)] += 1

    @rule(verification=A_VERIFICATION, gate=A_GATE, method=A_METHOD, times=st.integers(min_value=1, max_value=7))
    def fire(self, verification: str, gate: int, method: str, times: int) -> None:
        """Wrong answers to the newest code, one after the other, and then the right one twice."""
        for right in (*[False] * times, True, True):
            self.answer(verification, gate, method, self.sends[(verification, gate, method)], right)

    @rule(
        verification=A_VERIFICATION,
        gate=A_GATE,
        method=A_METHOD,
        send=A_SEND,
        right=st.booleans(),
    )
    def answer(self, verification: str, gate: int, method: str, send: int, right: bool) -> None:
        """Somebody answers, rightly or not; the outcome is told because this write wins."""
        question = Question(
            purpose=Purpose.RESET, verification=verification, gate=gate, method=method, channel=METHODS[method],
            send=send,
        )  # fmt: skip
        nonce = self.nonce()
        judgement = judge(
            self.person, question, lambda _c: right, accepts=lambda _c: True, nonce=nonce, now=self.now, policy=POLICY
        )
        if judgement.person is None:
            assert not judgement.right
            return
        assert right or not judgement.right, "a wrong answer was told to be right"
        assert self.letters[(verification, gate, method, send)] or not judgement.right, "a code that nobody was sent"
        self.person = judgement.person
        assert bears(self.person, nonce)
        self.told[(verification, gate, method)] += 1
        if judgement.right:
            self.passed[verification].append(PassedGate(gate=gate, method=method, destination=judgement.destination))

    @rule(seconds=st.sampled_from((1, 59, 299, 301, 601, 1200, 90_000)))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: any(self.passed.values()))
    @rule()
    def the_row_proves_what_it_told(self) -> None:
        """While its claims stand, the row says of each verification what was told, and nothing of any other."""
        for verification, passed in self.passed.items():
            gates = tuple(passed)
            standing = {(c.gate, c.method) for c in self.person.claims if c.verification == verification and c.used}
            there = [gate for gate in gates if (gate.gate, gate.method) in standing]
            expected = distinct((gate.method, gate.destination) for gate in there)
            assert proved(self.person, verification, gates) == expected
            assert proved(self.person, "another", gates) == 0

    @invariant()
    def never_more_told_than_counted(self) -> None:
        """Each outcome that was told stands on the row while its claim does; no gate is told more than five."""
        for place, told in self.told.items():
            assert told <= POLICY.tries_per_code
            claims = [c for c in self.person.claims if (c.verification, c.gate, c.method) == place]
            if any(self.now < c.leaves_at for c in claims) and len(claims) == self.sends_standing(place):
                assert sum(len(c.tries) + bool(c.used) for c in claims) == told

    def sends_standing(self, place: tuple[str, int, str]) -> int:
        return sum(1 for c in self.person.claims if (c.verification, c.gate, c.method) == place)

    @invariant()
    def one_letter_for_each_send(self) -> None:
        """However often an order is delivered within its token's life."""
        assert all(count == 1 for count in self.letters.values())

    @invariant()
    def a_gate_opens_at_most_once(self) -> None:
        """One used claim for each verification, gate and method."""
        used = Counter((c.verification, c.gate, c.method) for c in self.person.claims if c.used)
        assert all(count == 1 for count in used.values())

    @invariant()
    def the_row_is_bounded_and_keeps_what_lives(self) -> None:
        """No claim is gone while its token lives, and there are never more than fit."""
        assert len(self.person.claims) <= MAX_CLAIMS
        assert all(c.leaves_at >= c.claimed_at + CLOCK_SKEW for c in self.person.claims)
        for verification, gate, method, send in self.letters:
            leaves = self.order(verification, gate, method, send).leaves_at + CLOCK_SKEW
            found = any(
                (c.verification, c.gate, c.method, c.send) == (verification, gate, method, send)
                for c in self.person.claims
            )
            assert found or self.now >= leaves


TestRow = Row.TestCase
TestRow.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
