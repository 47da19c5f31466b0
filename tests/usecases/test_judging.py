"""Judging an answer to a sent code: against its own attempt and code only, and counted for every outcome."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from shared.domain.account import AccountKey
from shared.domain.judgement import Judgement
from shared.domain.person import CodeId, Failures, Person, Purpose, Sealed, SentCode
from shared.domain.sent_codes import derive_code
from shared.ports.keyring import Keyring
from shared.usecases._judging import Answer, Judging
from tests.builders import (
    CLIENT,
    EMAIL,
    PHONE,
    a_code_id,
    a_person,
    a_sent_code,
    a_world,
    an_attempt,
    at,
    at_once,
    wrong,
)  # fmt: skip
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.keys import a_keyring
from tests.methods.work import cryptographic_calls

KEY = AccountKey("account")
BY_EMAIL = "reset:1:email"
SUSPENDED = Failures(since=at(), count=10, consecutive=10, suspended_until=at(days=1))
CLOSED = Failures(since=at(), count=0, consecutive=100)
KNOWN = a_keyring().digest("client", CLIENT)


def judging(keyring: Keyring | None = None) -> Judging:
    world = a_world()
    if keyring is not None:
        world.adapters.keyring = keyring  # type: ignore[assignment]
    return world.service.use(Judging)


def code_of(sent: SentCode, account: AccountKey = KEY) -> str:
    """Return the code in the message."""
    return derive_code(a_keyring().code_key(sent.code_key), account, sent, digits=8)


def only(judged: tuple[Judgement, Sealed | None] | None) -> tuple[Judgement, Sealed | None]:
    assert judged is not None, "no try was left"
    return judged


def failures_of(person: Person, key: str = BY_EMAIL) -> tuple[int, int]:
    """Return the day's count and the consecutive failures."""
    failures = person.failures[key]
    return failures.count, failures.consecutive


@dataclass
class ByCode:
    """Ada, a code that was sent to her address, and an answer to it."""

    person: Person
    sent: SentCode
    code: CodeId
    text: str = ""
    client: str = "198.51.100.9"
    now: datetime = MONDAY_MORNING

    def judged(self, *, by: Judging | None = None, candidates: tuple[Sealed, ...] | None = None, text: str = "") -> Any:
        answer = Answer(
            attempt=self.code.attempt,
            text=text or self.text or code_of(self.sent),
            expires_at=at(minutes=15),
            client=self.client,
            nonce="mine",
            at=self.now,
            code=self.code,
        )
        if candidates is None:
            candidates = tuple(method.sealed for method in self.person.methods if method.name == "email")
        return at_once((by or judging()).judge(self.person, answer, candidates))


def by_code(**row: Any) -> ByCode:
    """Return the situation just after the code of gate 1 was sent."""
    person = a_person(email=EMAIL, **row)
    sent = a_sent_code(destination=person.methods[0].destination)
    return ByCode(replace(person, sent_codes=(sent, *person.sent_codes)), sent, sent.id)


class TestByCode:
    """A sent code."""

    def test_the_code_that_was_sent_passes_its_gate(self) -> None:
        """With the evidence of the contact to which it was sent. A wrong code does not."""
        asked = by_code()
        judgement, proved = only(asked.judged())
        assert proved == asked.person.methods[0].sealed
        assert judgement.passed == proved.evidence
        judgement, proved = only(asked.judged(text=wrong(code_of(asked.sent))))
        assert (judgement.passed, proved) == (None, None)

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(a_code_id(purpose=Purpose.REGISTRATION), id="purpose"),
            pytest.param(a_code_id(verification="another"), id="verification"),
            pytest.param(a_code_id(gate=2), id="gate"),
            pytest.param(a_code_id(method="mobile_phone"), id="method"),
            pytest.param(a_code_id(channel="sms"), id="channel"),
            pytest.param(a_code_id(send=2), id="send"),
        ],
    )
    def test_an_answer_is_judged_against_its_own_code_only(self, other: CodeId) -> None:
        """The code of another purpose, verification, gate, method, channel or send is wrong and counted (A-14)."""
        asked = by_code()
        sent = replace(asked.sent, id=other)
        asked.person = replace(asked.person, sent_codes=(sent,))
        judgement, proved = only(asked.judged(text=code_of(sent)))
        assert (judgement.passed, proved) == (None, None)
        assert judgement.person.attempts == (an_attempt(tries=1),)

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"code_key": 2}, id="another key"),
            pytest.param({"destination": "elsewhere"}, id="another destination"),
        ],
    )
    def test_a_code_is_bound_to_its_key_and_its_destination(self, change: dict[str, Any]) -> None:
        """A code that was derived from other values does not match the claim."""
        asked = by_code()
        text = derive_code(a_keyring(code_versions=(1, 2)).code_key(2), KEY, replace(asked.sent, **change), digits=8)
        judgement, _ = only(asked.judged(text=text, by=judging(a_keyring(code_versions=(1, 2)))))
        assert judgement.passed is None

    def test_the_code_of_another_account_is_wrong(self) -> None:
        """With the same verification id, gate and destination, but the key of another account."""
        asked = by_code()
        judgement, _ = only(asked.judged(text=code_of(asked.sent, AccountKey("another account"))))
        assert judgement.passed is None

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda asked: {"sent_codes": ()}, id="never sent"),
            pytest.param(
                lambda asked: {"sent_codes": (replace(asked.sent, claimed_at=at(minutes=-10)),)}, id="expired"
            ),
            pytest.param(
                lambda asked: {"sent_codes": (asked.sent, replace(asked.sent, id=a_code_id(send=2)))}, id="superseded"
            ),
            pytest.param(lambda asked: {"failures": {BY_EMAIL: CLOSED}}, id="closed after a hundred in a row"),
        ],
    )  # fmt: skip
    def test_a_code_that_can_no_longer_be_right_is_refused_and_its_try_counted(self, spoil: Any) -> None:
        """A try at an open gate always counts (rule 3). Otherwise it would tell what is on the row."""
        asked = by_code()
        asked.person = replace(asked.person, **spoil(asked))
        judgement, proved = only(asked.judged())
        assert (judgement.passed, proved) == (None, None)
        assert judgement.person.attempts == (an_attempt(tries=1),)

    @pytest.mark.parametrize(
        "elsewhere",
        [
            pytest.param((), id="the account has changed"),
            pytest.param((a_person(mobile_phone=PHONE).methods[0].sealed,), id="another contact is left"),
        ],
    )
    def test_a_code_for_a_contact_that_is_not_usable_is_refused_and_counted(
        self, elsewhere: tuple[Sealed, ...]
    ) -> None:
        """Only the contact to which it was sent counts, and only while it may pass this gate."""
        judgement, proved = only(by_code().judged(candidates=elsewhere))
        assert (judgement.passed, proved) == (None, None)
        assert judgement.person.attempts == (an_attempt(tries=1),)

    def test_a_code_whose_key_was_removed_is_refused_and_counted(self) -> None:
        """Like a wrong one. The next verification uses the current key."""
        judgement, _ = only(by_code().judged(by=judging(a_keyring(code_versions=(2,)))))
        assert judgement.passed is None
        assert failures_of(judgement.person) == (1, 1)

    def test_all_codes_of_a_gate_share_its_tries(self) -> None:
        """Four wrong answers to the first code and one to the second: then the right code is refused."""
        asked = by_code(attempts=(an_attempt(tries=4),))
        second = replace(asked.sent, id=a_code_id(send=2))
        asked = ByCode(replace(asked.person, sent_codes=(asked.sent, second)), second, second.id)
        judgement, _ = only(asked.judged(text=wrong(code_of(second))))
        assert replace(asked, person=judgement.person).judged() is None

    @pytest.mark.parametrize("send", [1, 2])
    def test_a_gate_is_passed_once(self, send: int) -> None:
        """Neither the same code nor a later one passes it again."""
        asked = by_code()
        judgement, _ = only(asked.judged())
        later = replace(asked.sent, id=a_code_id(send=send))
        person = replace(judgement.person, sent_codes=(later,))
        assert ByCode(person, later, later.id).judged() is None

    @pytest.mark.parametrize("tries", [5, 6])
    def test_an_answer_without_tries_left_is_refused_before_anything_is_computed(self, tries: int) -> None:
        """A flood of answers costs no hash (rule 3)."""
        by, asked = judging(), by_code(attempts=(an_attempt(tries=tries),))
        text = code_of(asked.sent)
        assert cryptographic_calls(lambda: asked.judged(by=by, text=text)) == Counter()


class TestSuspendedMethod:
    """Ten failures in a day, and a hundred consecutive ones (rule 10)."""

    def test_a_code_sent_before_a_suspension_can_still_be_answered(self) -> None:
        """A right answer is right, and a wrong one is counted."""
        asked = by_code(failures={BY_EMAIL: SUSPENDED})
        assert only(asked.judged())[0].passed
        judgement, _ = only(asked.judged(text=wrong(code_of(asked.sent))))
        assert failures_of(judgement.person) == (11, 11)

    def test_a_try_in_a_suspension_without_a_code_counts_for_the_attempt_only(self) -> None:
        """A stranger cannot prolong the suspension with attempts that are still open."""
        asked = by_code(failures={BY_EMAIL: SUSPENDED})
        asked.person = replace(asked.person, sent_codes=())
        judgement, _ = only(asked.judged())
        assert judgement.person.attempts == (an_attempt(tries=1),)
        assert judgement.person.failures[BY_EMAIL] == SUSPENDED

    def test_a_known_client_uses_its_reserve_in_a_suspension(self) -> None:
        """The client that answers must be known, not the one that asked for the code."""
        asked = by_code(failures={BY_EMAIL: SUSPENDED}, known_clients=(KNOWN,))
        asked.client = CLIENT
        judgement, _ = only(asked.judged(text=wrong(code_of(asked.sent))))
        assert judgement.person.failures[BY_EMAIL].reserved == 1
        assert judgement.person.failures[BY_EMAIL].count == 10

    @pytest.mark.parametrize("client", [pytest.param("198.51.100.9", id="stranger"), pytest.param(CLIENT, id="known")])
    def test_a_hundred_consecutive_failures_close_a_sent_code(self, client: str) -> None:
        """For known clients too (NIST SP 800-63B-4 3.2.2). The hundredth answer itself is still judged."""
        asked = by_code(failures={BY_EMAIL: CLOSED}, known_clients=(KNOWN,))
        asked.client = client
        assert only(asked.judged())[0].passed is None
        almost = by_code(failures={BY_EMAIL: replace(CLOSED, consecutive=99)}, known_clients=(KNOWN,))
        almost.client = client
        assert only(almost.judged())[0].passed


def test_an_answer_where_no_code_was_sent_does_the_same_work_as_a_wrong_one() -> None:
    """A stranger's row has no claim, but a code is derived and compared all the same (rule 9)."""
    by, asked = judging(), by_code()
    text = wrong(code_of(asked.sent))
    nobody = replace(asked, person=Person(account=KEY))
    asked.judged(by=by, text=text)
    expected = cryptographic_calls(lambda: asked.judged(by=by, text=text))
    assert sum(expected.values()) > 0, "nothing was measured"
    assert cryptographic_calls(lambda: nobody.judged(by=by, text=text, candidates=())) == expected
