"""Judgement: what one answer does to a row. Pure, so every rule is a row in and a row out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.judgement import Judgement, Question, bears, judge
from shared.domain.person import Claim, Failures, Person, Purpose, Standing
from tests.builders import a_claim, a_person, a_policy, at
from tests.fakes.clock import MONDAY_MORNING

POLICY = a_policy()
KEY = "reset:1:email"
QUESTION = Question(purpose=Purpose.RESET, verification="v", gate=1, method="email", channel="email", send=1)


def judged(person: Person, *, right: bool, now: timedelta = timedelta(), question: Question = QUESTION) -> Judgement:
    return judge(
        person,
        question,
        lambda _claim: right,
        accepts=lambda _claim: True,
        nonce="mine",
        now=MONDAY_MORNING + now,
        policy=POLICY,
    )


def row(*claims: Claim, failures: Failures | None = None) -> Person:
    return a_person(claims=claims or (a_claim(),), failures={KEY: failures} if failures else {})


def test_a_right_answer_uses_the_claim_and_clears_the_consecutive_count() -> None:
    """Used, with this request's nonce; the day's count stays, so that guesses are not washed away."""
    judgement = judged(row(failures=Failures(since=MONDAY_MORNING, count=4, consecutive=44)), right=True)
    assert judgement.right
    assert judgement.person is not None
    assert judgement.person.claims[0].used == "mine"
    assert judgement.person.failures[KEY].consecutive == 0
    assert judgement.person.failures[KEY].count == 4


def test_a_wrong_answer_adds_a_try_and_a_failure() -> None:
    """The claim, the day and the run of failures all count it."""
    judgement = judged(row(), right=False)
    assert judgement.person is not None
    assert judgement.person.claims[0].tries == ("mine",)
    failures = judgement.person.failures[KEY]
    assert (failures.count, failures.consecutive) == (1, 1)


@pytest.mark.parametrize("standing", [Standing.VOID, Standing.CLOSED])
def test_only_a_live_claim_can_be_answered_right(standing: Standing) -> None:
    """A stranger's claim and a suspended method's refuse even the right code, and the try is counted."""
    judgement = judged(row(a_claim(standing=standing)), right=True)
    assert not judgement.right
    assert judgement.person is not None
    assert judgement.person.claims[0].tries == ("mine",)


@pytest.mark.parametrize(
    "other",
    [
        {"purpose": Purpose.REGISTRATION},
        {"verification": "another"},
        {"gate": 2},
        {"method": "mobile_phone"},
        {"channel": "sms"},
        {"send": 2},
    ],
)
def test_an_answer_is_judged_against_its_own_claim_only(other: dict[str, object]) -> None:
    """Another purpose, verification, gate, method, channel or send is another challenge (A-14)."""
    assert judged(row(a_claim(**other)), right=True).person is None


def test_tries_are_shared_by_every_send_of_the_gate() -> None:
    """Four on the first code and one on the second are five."""
    old = a_claim(tries=("a", "b", "c", "d"))
    new = a_claim(send=2)
    question = replace(QUESTION, send=2)
    after = judged(row(old, new), right=False, question=question).person
    assert after is not None
    assert judged(after, right=True, question=question).person is None


def test_a_gate_opens_once() -> None:
    """A used claim closes its gate for every later send of it."""
    rows = (row(a_claim(used="earlier")), row(a_claim(used="earlier"), a_claim(send=2)))
    for person, send in zip(rows, (1, 2), strict=True):
        assert judged(person, right=True, question=replace(QUESTION, send=send)).person is None


def test_ten_failures_a_day_suspend_the_method_once() -> None:
    """The tenth suspends for 24 hours and says so; the eleventh, of a claim still live, does not prolong it."""
    tenth = judged(row(failures=Failures(since=MONDAY_MORNING, count=9)), right=False)
    assert tenth.suspends
    assert tenth.person is not None
    assert tenth.person.failures[KEY].suspended_until == at(days=1)
    eleventh = judged(tenth.person, right=False, now=timedelta(minutes=1))
    assert not eleventh.suspends
    assert eleventh.person is not None
    assert eleventh.person.failures[KEY].suspended_until == at(days=1)


def test_a_suspension_that_has_run_out_does_not_protect_from_the_next() -> None:
    """A reserve's wrong answer may carry the old suspension into the next day's window; ten failures suspend again."""
    stale = Failures(since=MONDAY_MORNING - timedelta(hours=2), count=9, suspended_until=MONDAY_MORNING)
    judgement = judged(row(failures=stale), right=False, now=timedelta(minutes=1))
    assert judgement.suspends
    assert judgement.person is not None
    assert judgement.person.failures[KEY].suspended_until == at(days=1, minutes=1)


def test_a_closed_claim_counts_a_try_and_no_failure() -> None:
    """Strangers cannot prolong a suspension by answering the codes they asked for meanwhile (rule 10)."""
    judgement = judged(row(a_claim(standing=Standing.CLOSED)), right=False)
    assert judgement.person is not None
    assert judgement.person.failures[KEY].count == 0
    assert judgement.person.failures[KEY].consecutive == 0


def test_a_known_clients_failures_in_a_suspension_count_against_its_reserve() -> None:
    """The reserve has a count of its own, so that it ends."""
    suspended = Failures(since=MONDAY_MORNING, count=10, suspended_until=at(days=1))
    judgement = judged(row(a_claim(known_client=True), failures=suspended), right=False)
    assert judgement.person is not None
    failures = judgement.person.failures[KEY]
    assert (failures.count, failures.reserved) == (10, 1)


def test_a_judgement_is_known_by_its_nonce() -> None:
    """Right or wrong, one's own write is recognised, and nobody else's."""
    for right in (True, False):
        after = judged(row(), right=right).person
        assert after is not None
        assert bears(after, "mine")
        assert not bears(after, "theirs")
    assert not bears(row(), "")
