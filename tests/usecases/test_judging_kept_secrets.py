"""Judging an answer by a kept secret: every possible credential is judged, at equal cost for strangers."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from shared.domain.person import Person, Sealed
from shared.methods import ALL, KeptSecretMethod
from shared.usecases._judging import Answer, Judging
from shared.usecases._sealing import Sealing
from tests.builders import CLIENT, EMAIL, a_context, a_person, an_attempt, an_attempt_id, at, at_once
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.keys import a_keyring
from tests.methods import about_authenticator_app
from tests.methods.work import cryptographic_calls
from tests.usecases.test_judging import CLOSED, KEY, KNOWN, SUSPENDED, failures_of, judging, only

APP = ALL["authenticator_app"]
assert isinstance(APP, KeptSecretMethod)
BY_APP = "reset:1:authenticator_app"


@dataclass
class Apps:
    """Ada and her apps, each with its own secret."""

    shown: list[dict[str, str]]
    person: Person

    @property
    def sealed(self) -> tuple[Sealed, ...]:
        return tuple(method.sealed for method in self.person.methods if method.name == APP.name)

    def code(self, place: int, now: datetime = MONDAY_MORNING) -> str:
        return about_authenticator_app.answer(self.shown[place], {}, now)

    def judged(
        self, text: str, *, by: Judging | None = None, known: bool = False, enrolling: bool = False,
        candidates: tuple[Sealed, ...] | None = None, now: datetime = MONDAY_MORNING,
    ) -> Any:  # fmt: skip
        answer = Answer(
            attempt=an_attempt_id(method=APP.name),
            text=text,
            expires_at=at(minutes=15),
            client=CLIENT if known else "198.51.100.9",
            nonce="mine",
            at=now,
            challenge=None if enrolling else {},
        )
        judge = (by or judging()).judge
        return at_once(judge(self.person, answer, self.sealed if candidates is None else candidates))


def apps(count: int, **row: Any) -> Apps:
    """Return Ada with this many apps, named a, b and c."""
    sealing, shown = Sealing(a_keyring()), []
    person = a_person(email=EMAIL, **row)
    like_email = person.methods[0]
    for n in range(count):
        enrolment = APP.begin_enrolment(bytes([n]) * 32, a_context(), account_name="ada")
        shown.append(dict(enrolment.shown))
        sealed = sealing.secret(KEY, APP, enrolment.kept, "abc"[n])
        person = replace(person, methods=(*person.methods, replace(like_email, sealed=sealed)))
    return Apps(shown, person)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "second", "third"])
def test_an_app_code_proves_its_own_app(place: int) -> None:
    """The evidence has its own destination, so two gates never count the same app. Only its code is used up."""
    ada = apps(3)
    judgement, proved = only(ada.judged(ada.code(place)))
    assert proved is not None
    assert (proved.credential, judgement.passed) == ("abc"[place], ada.sealed[place].evidence)
    ada.person = judgement.person.with_sealed(proved)
    fresh = replace(ada, person=replace(ada.person, attempts=()))
    assert only(fresh.judged(ada.code(place)))[1] is None
    for other in {0, 1, 2} - {place}:
        assert only(fresh.judged(ada.code(other)))[1] is not None


def test_a_wrong_app_code_is_counted() -> None:
    """On the attempt, the day and the consecutive failures."""
    ada = apps(2)
    judgement, proved = only(ada.judged(about_authenticator_app.wrong(ada.code(0))))
    assert (judgement.passed, proved) == (None, None)
    assert judgement.person.attempts == (an_attempt(id=an_attempt_id(method=APP.name), tries=1),)
    assert failures_of(judgement.person, BY_APP) == (1, 1)


def test_an_app_that_is_not_usable_is_refused_and_counted() -> None:
    """The code is right, but the account has changed since the first challenge, or the app rests."""
    ada = apps(1)
    judgement, proved = only(ada.judged(ada.code(0), candidates=()))
    assert (judgement.passed, proved) == (None, None)
    assert failures_of(judgement.person, BY_APP) == (1, 1)


def test_an_app_whose_key_was_removed_proves_nothing() -> None:
    """It is judged like a place without a credential."""
    ada = apps(1)
    assert only(ada.judged(ada.code(0), by=judging(a_keyring(seal_versions=(2,)))))[1] is None


def test_an_enrolment_is_judged_by_its_own_secret_only() -> None:
    """By its first answer, which is then used up. Codes of older apps do not confirm it."""
    ada = apps(2)
    old, new = ada.sealed
    judgement, proved = only(ada.judged(ada.code(1), enrolling=True, candidates=(new,)))
    assert judgement.passed == new.evidence
    assert proved is not None
    assert only(ada.judged(ada.code(1), candidates=(proved,)))[1] is None
    assert only(ada.judged(ada.code(0), enrolling=True, candidates=(new,)))[1] is None
    assert old.text != new.text


@pytest.mark.parametrize(
    ("known", "reserved", "right"),
    [
        pytest.param(False, 0, False, id="stranger"),
        pytest.param(True, 0, True, id="known client"),
        pytest.param(True, 5, False, id="known client, reserve spent"),
    ],
)
def test_a_suspension_closes_a_kept_secret_except_for_known_clients(known: bool, reserved: int, right: bool) -> None:
    """There is no sent code that a suspension would have to leave open (rule 10)."""
    ada = apps(1, failures={BY_APP: replace(SUSPENDED, reserved=reserved)}, known_clients=(KNOWN,))
    judgement, proved = only(ada.judged(ada.code(0), known=known))
    assert (proved is not None, judgement.passed is not None) == (right, right)
    assert judgement.person.failures[BY_APP].count == 10, "closed tries are not counted against the method"


@pytest.mark.parametrize("known", [False, True], ids=["stranger", "known client"])
def test_a_hundred_consecutive_failures_close_a_kept_secret_to_everybody(known: bool) -> None:
    """Until a confirmation after sign-in, or an erasure."""
    ada = apps(1, failures={BY_APP: CLOSED}, known_clients=(KNOWN,))
    assert only(ada.judged(ada.code(0), known=known))[1] is None


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_work_of_an_answer_does_not_depend_on_the_number_of_apps(count: int) -> None:
    """A wrong answer does the same work for three apps, for one, and for a stranger (rule 9)."""
    full, by = apps(3), judging()
    text = about_authenticator_app.wrong(full.code(0))
    only(full.judged(text, by=by))  # so that imports on first use are not counted
    expected = work_of(full, text, by)
    assert work_of(apps(count), text, by) == expected


def work_of(ada: Apps, text: str, by: Judging) -> Counter[str]:
    """Count the work. Sealing and opening count as one operation, because they cost the same."""
    work: Counter[str] = Counter()
    for name, times in cryptographic_calls(lambda: ada.judged(text, by=by)).items():
        work[name.replace("encrypt", "*crypt").replace("decrypt", "*crypt")] += times
    assert sum(work.values()) > 0, "nothing was measured"
    return work


def test_an_app_has_its_own_tries() -> None:
    """After five wrong codes by email the app still has five tries."""
    ada = apps(1, attempts=(an_attempt(tries=5),))
    assert only(ada.judged(ada.code(0)))[0].passed
