"""Judgement: the row after one answer. The functions are pure, so each test gives a row and checks a row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.judgement import MAX_ATTEMPTS, Judgement, failed, open_attempt, passed
from shared.domain.person import Attempt, AttemptId, Evidence, EvidenceClass, Failures, Lane, Person, Purpose
from shared.domain.sent_codes import failures_now, is_suspended  # fmt: skip
from tests.builders import a_person, a_policy, a_sent_code, an_attempt, an_attempt_id, at
from tests.fakes.clock import MONDAY_MORNING

POLICY = a_policy()
KEY = "reset:1:email"
MAILBOX = Evidence(kind=EvidenceClass.MAILBOX, destination="a mailbox")
SUSPENDED = Failures(since=MONDAY_MORNING, count=10, suspended_until=at(days=1))


def row(*attempts: Attempt, failures: Failures | None = None) -> Person:
    return a_person(attempts=attempts, failures={KEY: failures} if failures else {})


def attempt_on(person: Person, of: AttemptId | None = None) -> Attempt | None:
    return open_attempt(person, of or an_attempt_id(), at(minutes=15), POLICY)


def right(person: Person, **span: float) -> Judgement:
    attempt = attempt_on(person)
    assert attempt is not None
    return passed(person, attempt, MAILBOX, nonce="mine", now=at(**span))


def wrong(person: Person, *, closed: bool = False, known: bool = False, **span: float) -> Judgement:
    attempt = attempt_on(person)
    assert attempt is not None
    return failed(
        person, attempt, closed=closed, lanes=(Lane.KNOWN,) * known, nonce="mine", now=at(**span), policy=POLICY
    )


class TestOpenAttempt:
    """Whether a gate takes another answer."""

    def test_the_first_answer_makes_a_new_attempt(self) -> None:
        """It has no tries, and stays until its token expires plus the clock margin."""
        assert attempt_on(row()) == Attempt(id=an_attempt_id(), leaves_at=at(minutes=15) + CLOCK_MARGIN)

    def test_a_later_answer_uses_the_attempt_on_the_row(self) -> None:
        """Its tries stay counted."""
        assert attempt_on(row(an_attempt(tries=4))) == an_attempt(tries=4)

    @pytest.mark.parametrize(
        "attempt",
        [pytest.param(an_attempt(tries=5), id="tries spent"), pytest.param(an_attempt(passed=MAILBOX), id="passed")],
    )
    def test_a_gate_that_is_passed_or_without_tries_takes_no_answer(self, attempt: Attempt) -> None:
        """A gate is passed once, and five wrong answers close it to this method."""
        assert attempt_on(row(attempt)) is None

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"purpose": Purpose.REGISTRATION}, id="purpose"),
            pytest.param({"verification": "another"}, id="verification"),
            pytest.param({"gate": 2}, id="gate"),
            pytest.param({"method": "mobile_phone"}, id="method"),
        ],
    )
    def test_another_gate_or_method_has_its_own_tries(self, other: dict[str, object]) -> None:
        """Tries that are used there are not used here (A-14)."""
        assert attempt_on(row(an_attempt(id=an_attempt_id(**other), tries=5))) == an_attempt()


class TestRightAnswer:
    """The row after a right answer."""

    def test_a_right_answer_passes_the_gate_with_its_evidence(self) -> None:
        """The attempt has the evidence and this request's nonce, and the judgement has the same evidence."""
        judgement = right(row(an_attempt(tries=2)))
        assert judgement.passed == MAILBOX
        assert judgement.person.attempts == (an_attempt(tries=2, passed=MAILBOX, nonce="mine"),)

    def test_a_right_answer_resets_the_consecutive_failures_and_not_the_days_count(self) -> None:
        """Earlier guesses of the day stay counted."""
        after = right(row(failures=Failures(since=MONDAY_MORNING, count=4, consecutive=44))).person
        assert (after.failures[KEY].count, after.failures[KEY].consecutive) == (4, 0)


class TestWrongAnswer:
    """The row after a wrong answer."""

    def test_a_wrong_answer_adds_a_try_and_a_failure(self) -> None:
        """The attempt, the day and the consecutive failures count it."""
        judgement = wrong(row())
        assert judgement.passed is None
        assert judgement.person.attempts == (an_attempt(tries=1),)
        failures = judgement.person.failures[KEY]
        assert (failures.count, failures.consecutive) == (1, 1)

    def test_the_tenth_failure_of_a_day_suspends_the_method_once(self) -> None:
        """For 24 hours, with a notice. The eleventh, for a code that was sent before, does not prolong it."""
        tenth = wrong(row(failures=Failures(since=MONDAY_MORNING, count=9)))
        assert tenth.suspends
        assert tenth.person.failures[KEY].suspended_until == at(days=1)
        assert [(n.template, n.event, n.method) for n in tenth.person.notices] == [
            ("method_suspended", "mine", "email"),
        ]
        eleventh = wrong(tenth.person, minutes=1)
        assert not eleventh.suspends
        assert eleventh.person.failures[KEY].suspended_until == at(days=1)
        assert eleventh.person.notices == tenth.person.notices

    def test_a_suspension_that_has_ended_does_not_prevent_the_next(self) -> None:
        """It may still be on the row in the next window. Ten failures there suspend again."""
        over = Failures(since=MONDAY_MORNING - timedelta(hours=2), count=9, suspended_until=MONDAY_MORNING)
        judgement = wrong(row(failures=over), minutes=1)
        assert judgement.suspends
        assert judgement.person.failures[KEY].suspended_until == at(days=1, minutes=1)

    @pytest.mark.parametrize("known", [pytest.param(False, id="stranger"), pytest.param(True, id="known client")])
    def test_a_try_at_a_closed_method_counts_for_the_attempt_only(self, known: bool) -> None:
        """Otherwise strangers could prolong a suspension by answering (rule 10)."""
        judgement = wrong(row(failures=SUSPENDED), closed=True, known=known)
        assert judgement.person.attempts == (an_attempt(tries=1),)
        assert judgement.person.failures[KEY] == SUSPENDED
        assert not judgement.suspends

    def test_a_known_clients_failures_in_a_suspension_use_up_the_reserve(self) -> None:
        """The reserve has its own count, so it ends."""
        failures = wrong(row(failures=SUSPENDED), known=True).person.failures[KEY]
        assert (failures.count, failures.reserved, failures.consecutive) == (10, 1, 1)

    def test_a_known_clients_failures_without_a_suspension_count_as_usual(self) -> None:
        """The reserve is for a suspension only."""
        failures = wrong(row(), known=True).person.failures[KEY]
        assert (failures.count, failures.reserved) == (1, 0)


class TestFailures:
    """The counts of the day, of consecutive failures, and of the reserve."""

    def test_only_the_days_count_starts_again_after_a_day(self) -> None:
        """24 hours after the first failure. Consecutive failures continue, and a suspension lasts until its own end."""
        failures = Failures(since=MONDAY_MORNING, count=7, reserved=2, consecutive=7, suspended_until=at(hours=30))
        person = row(failures=failures)
        assert failures_now(person, an_attempt_id(), at(days=1, seconds=-1)) == failures
        assert failures_now(person, an_attempt_id(), at(days=1)) == Failures(
            since=at(days=1), consecutive=7, suspended_until=at(hours=30)
        )
        assert failures_now(person, an_attempt_id(), at(hours=30)).suspended_until is None

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"purpose": Purpose.REGISTRATION, "gate": 0}, id="registration"),
            pytest.param({"gate": 2}, id="gate 2"),
            pytest.param({"method": "mobile_phone"}, id="another method"),
        ],
    )
    def test_failures_at_another_gate_or_method_count_separately(self, other: dict[str, object]) -> None:
        """A stranger at gate 1 uses up neither gate 2 nor the registration (rule 10)."""
        assert failures_now(row(failures=SUSPENDED), an_attempt_id(**other), at()) == Failures(since=at())
        assert failures_now(row(failures=SUSPENDED), an_attempt_id(verification="another"), at()) == SUSPENDED

    @pytest.mark.parametrize(
        ("failures", "known", "suspended"),
        [
            pytest.param(Failures(since=at(), count=9), False, False, id="nine today"),
            pytest.param(SUSPENDED, False, True, id="suspended"),
            pytest.param(replace(SUSPENDED, suspended_until=at()), False, False, id="the suspension has just ended"),
            pytest.param(SUSPENDED, True, False, id="suspended, known client"),
            pytest.param(replace(SUSPENDED, reserved=5), True, True, id="suspended, reserve spent"),
            pytest.param(Failures(since=at(), consecutive=99), False, False, id="99 in a row"),
            pytest.param(Failures(since=at(), consecutive=100), False, True, id="100 in a row"),
            pytest.param(Failures(since=at(), consecutive=100), True, True, id="100 in a row, known client"),
        ],
    )
    def test_a_method_is_closed_by_its_failures(self, failures: Failures, known: bool, suspended: bool) -> None:
        """Ten in a day, with a reserve for known clients; a hundred in a row, without (NIST SP 800-63B-4 3.2.2)."""
        assert is_suspended(failures, POLICY, MONDAY_MORNING, lanes=(Lane.KNOWN,) * known) is suspended


class TestNonce:
    """How a request finds its own write (rule 4)."""

    @pytest.mark.parametrize("judged", [pytest.param(right, id="right"), pytest.param(wrong, id="wrong")])
    def test_a_judgement_is_found_by_its_nonce(self, judged: Callable[[Person], Judgement]) -> None:
        """Right or wrong, a request finds its own write and no other."""
        after = judged(row()).person.stamped("mine", ("earlier",))
        assert after.bears("mine")
        assert not after.bears("theirs")

    def test_a_passed_gate_is_found_after_its_nonce_left_the_ring(self) -> None:
        """Its entry also has the nonce. A counted try has none."""
        assert right(row()).person.bears("mine")
        assert not wrong(row()).person.bears("mine")

    def test_an_empty_nonce_is_never_found(self) -> None:
        """An empty field does not identify a write."""
        assert not row(an_attempt()).bears("")


class TestRoom:
    """A row has a bounded number of attempts."""

    def full(self, **first: object) -> Person:
        attempts = [an_attempt(id=an_attempt_id(verification=str(n)), tries=1) for n in range(MAX_ATTEMPTS)]
        return row(replace(attempts[0], **first), *attempts[1:])

    def kept(self, person: Person) -> list[str]:
        after = wrong(person).person
        assert len(after.attempts) == MAX_ATTEMPTS
        assert after.attempts[-1].id == an_attempt_id()
        return [attempt.id.verification for attempt in after.attempts[:-1]]

    def test_a_new_attempt_on_a_full_row_replaces_the_oldest(self) -> None:
        """A stranger who fills the row cannot lock its owner out."""
        assert self.kept(self.full()) == [str(n) for n in range(1, MAX_ATTEMPTS)]

    def test_an_attempt_that_passed_is_never_replaced(self) -> None:
        """The person is in the middle of a reset."""
        assert self.kept(self.full(passed=MAILBOX)) == ["0", *(str(n) for n in range(2, MAX_ATTEMPTS))]

    def test_an_attempt_with_a_live_code_is_never_replaced(self) -> None:
        """Otherwise its code would get new tries."""
        person = self.full()
        sent = a_sent_code(id=replace(a_sent_code().id, attempt=person.attempts[0].id))
        assert self.kept(replace(person, sent_codes=(sent,))) == ["0", *(str(n) for n in range(2, MAX_ATTEMPTS))]

    def test_attempts_of_expired_tokens_are_removed_first(self) -> None:
        """No open attempt is replaced for them."""
        person = self.full()
        last = replace(person.attempts[-1], leaves_at=MONDAY_MORNING)
        person = replace(person, attempts=(*person.attempts[:-1], last))
        assert self.kept(person) == [str(n) for n in range(MAX_ATTEMPTS - 1)]


@pytest.mark.parametrize(("purpose", "in_a_row"), [(Purpose.RESET, 1), (Purpose.REGISTRATION, 0)])
def test_wrong_answers_at_registration_never_close_the_method_for_good(purpose: Purpose, in_a_row: int) -> None:
    """After 100 failures in a row only a confirmation reopens a method, so a confirmation must stay possible."""
    attempt = an_attempt(id=an_attempt_id(purpose=purpose))
    after = failed(a_person(), attempt, closed=False, nonce="n", now=MONDAY_MORNING, policy=a_policy()).person
    assert after.failures[attempt.id.failures_key].consecutive == in_a_row
    assert after.failures[attempt.id.failures_key].count == 1
