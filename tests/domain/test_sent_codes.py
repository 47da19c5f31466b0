"""Sent codes: where a code may be sent, which code can still be right, and what a full row does."""

from dataclasses import replace
from datetime import datetime

import pytest

from shared.domain.account import AccountKey
from shared.domain.person import AttemptId, CodeId, PendingMethod, Person, Purpose, SentCode, Source
from shared.domain.sent_codes import FOR_THE_OWNER, MAX_SENT_CODES, find_sent, live_code, target_of, with_sent_code
from shared.domain.trail import CodeOrder
from tests.builders import (
    EMAIL,
    PHONE,
    a_code_id,
    a_method,
    a_person,
    a_policy,
    a_sent_code,
    an_attempt_id,
    an_order,
    at,
    prefilled,
)  # fmt: skip
from tests.fakes.clock import MONDAY_MORNING

KEY = AccountKey("account")
POLICY = a_policy()
REGISTERING = a_code_id(purpose=Purpose.REGISTRATION, verification="r", gate=0)
OTHER_CODES = {
    "purpose": a_code_id(purpose=Purpose.REGISTRATION),
    "verification": a_code_id(verification="another"),
    "gate": a_code_id(gate=2),
    "method": a_code_id(method="mobile_phone"),
    "channel": a_code_id(channel="sms"),
    "send": a_code_id(send=2),
}
"""Code ids that differ from `a_code_id()` in one part."""


def each_other_code() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "other", [pytest.param(code, id=f"another {part}") for part, code in OTHER_CODES.items()]
    )


def a_pending(**changes: object) -> PendingMethod:
    """Return a pending address whose first code was ordered."""
    pending = PendingMethod(
        sealed=a_method("email", EMAIL, KEY).sealed, source=Source.SELF, attempt=REGISTERING.attempt,
        expires_at=at(minutes=15), nonce="begun", code=REGISTERING, code_key=1, sent_at=MONDAY_MORNING,
    )  # fmt: skip
    return replace(pending, **changes)


class TestTarget:
    """Where an ordered code would be sent."""

    def test_a_reset_sends_to_the_confirmed_contact(self) -> None:
        """That of the ordered method."""
        person = a_person(email=EMAIL, mobile_phone=PHONE)
        assert target_of(person, an_order(), POLICY, MONDAY_MORNING) == person.methods[0].sealed
        by_phone = an_order(code=a_code_id(method="mobile_phone", channel="sms"))
        assert target_of(person, by_phone, POLICY, MONDAY_MORNING) == person.methods[1].sealed

    @pytest.mark.parametrize(
        "person",
        [
            pytest.param(Person(account=KEY), id="nobody"),
            pytest.param(a_person(mobile_phone=PHONE), id="another method only"),
            pytest.param(a_person(methods=(prefilled("email", EMAIL, KEY),)), id="prefilled"),
            pytest.param(a_person(methods=(a_method("email", EMAIL, KEY, usable_from=at(hours=1)),)), id="resting"),
            pytest.param(a_person(pending=(a_pending(),)), id="pending"),
        ],
    )
    def test_a_reset_sends_nothing_without_a_usable_contact(self, person: Person) -> None:
        """An unconfirmed or resting contact gets no code for a gate."""
        assert target_of(person, an_order(), POLICY, MONDAY_MORNING) is None

    def test_a_reset_sends_nothing_by_a_method_that_is_no_longer_offered(self) -> None:
        """The policy at the time of the delivery decides."""
        policy = a_policy(methods=("mobile_phone", "authenticator_app"))
        assert target_of(a_person(email=EMAIL), an_order(), policy, MONDAY_MORNING) is None

    def test_a_registration_sends_to_the_pending_contact(self) -> None:
        """Never to the confirmed contact of the same method."""
        pending = a_pending()
        person = a_person(email="old@mail.example", pending=(pending,))
        assert target_of(person, an_order(code=REGISTERING), POLICY, MONDAY_MORNING) == pending.sealed

    @pytest.mark.parametrize(
        ("pending", "now"),
        [
            pytest.param((), at(), id="nothing is pending"),
            pytest.param((a_pending(),), at(minutes=15), id="expired"),
            pytest.param((a_pending(code=replace(REGISTERING, send=2)),), at(), id="a later code was asked for"),
            pytest.param((a_pending(code=replace(REGISTERING, channel="sms")),), at(), id="by another channel"),
            pytest.param(
                (a_pending(code=a_code_id(purpose=Purpose.REGISTRATION, verification="s", gate=0)),),
                at(), id="begun anew",
            ),
        ],
    )  # fmt: skip
    def test_a_registration_sends_only_the_code_of_its_pending_entry(
        self, pending: tuple[PendingMethod, ...], now: datetime
    ) -> None:
        """A late order must not send an address the code of its replacement."""
        person = a_person(email=EMAIL, pending=pending)
        assert target_of(person, an_order(code=REGISTERING), POLICY, now) is None


class TestFound:
    """Which claim belongs to a code, and whether the code can still be right."""

    @each_other_code()
    def test_only_the_claim_of_exactly_this_code_is_found(self, other: CodeId) -> None:
        """If one part differs, it is another code."""
        person = a_person(sent_codes=(a_sent_code(id=other),))
        assert find_sent(person, a_code_id()) is None
        assert live_code(person, a_code_id(), POLICY, MONDAY_MORNING) is None
        assert find_sent(replace(person, sent_codes=(*person.sent_codes, a_sent_code())), a_code_id()) == a_sent_code()

    @pytest.mark.parametrize(("channel", "minutes"), [("email", 10), ("sms", 5)])
    def test_a_code_expires_after_the_life_of_its_channel(self, channel: str, minutes: int) -> None:
        """Counted from the claim, exactly on the second."""
        code = a_code_id(channel=channel)
        person = a_person(sent_codes=(a_sent_code(id=code),))
        assert live_code(person, code, POLICY, at(minutes=minutes, seconds=-1))
        assert live_code(person, code, POLICY, at(minutes=minutes)) is None

    def test_a_newer_code_of_the_same_attempt_invalidates_the_older_one(self) -> None:
        """A resend makes the older code invalid, by any channel (R-18)."""
        newer = a_sent_code(id=a_code_id(send=2, channel="sms"), claimed_at=at(minutes=1))
        person = a_person(sent_codes=(a_sent_code(), newer))
        assert live_code(person, a_code_id(), POLICY, at(minutes=1)) is None
        assert live_code(person, newer.id, POLICY, at(minutes=1)) == newer

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(an_attempt_id(verification="another"), id="another verification"),
            pytest.param(an_attempt_id(gate=2), id="another gate"),
            pytest.param(an_attempt_id(method="mobile_phone"), id="another method"),
        ],
    )
    def test_a_newer_code_of_another_attempt_changes_nothing(self, other: AttemptId) -> None:
        """Two parallel resets, or a stranger's, do not affect each other's codes."""
        newer = a_sent_code(id=replace(a_code_id(send=2), attempt=other))
        assert live_code(a_person(sent_codes=(a_sent_code(), newer)), a_code_id(), POLICY, MONDAY_MORNING)


class TestClaimed:
    """The claim that a delivery writes before it sends."""

    TARGET = a_method("email", EMAIL, KEY).sealed

    def claimed(
        self, *earlier: SentCode, order: CodeOrder | None = None, now: datetime = MONDAY_MORNING
    ) -> Person | None:
        person = a_person(sent_codes=earlier)
        return with_sent_code(person, order or an_order(), self.TARGET, now, nonce="mine")

    def test_a_claim_has_its_destination_and_the_time_until_which_it_stays(self) -> None:
        """Until the token has expired, plus the margin for clocks that differ."""
        after = self.claimed()
        assert after is not None
        assert after.sent_codes == (
            SentCode(
                id=a_code_id(), code_key=1, destination=self.TARGET.destination, claimed_at=MONDAY_MORNING,
                leaves_at=at(minutes=17), nonce="mine",
            ),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("now", "stays"),
        [
            pytest.param(at(minutes=16, seconds=59), True, id="within the clock margin"),
            pytest.param(at(minutes=17), False, id="after it"),
        ],
    )
    def test_an_older_claim_is_removed_only_after_its_token_and_the_clock_margin(
        self, now: datetime, stays: bool
    ) -> None:
        """If it were removed earlier, an order that is delivered twice would be sent twice."""
        after = self.claimed(a_sent_code(), order=an_order(code=a_code_id(verification="another")), now=now)
        assert after is not None
        assert (find_sent(after, a_code_id()) is not None) is stays
        assert find_sent(after, a_code_id(verification="another"))

    def test_a_row_full_of_claims_takes_no_further_one(self) -> None:
        """Claims of live tokens stay. A claim of an expired one is replaced."""
        full = tuple(a_sent_code(id=a_code_id(verification=str(n))) for n in range(MAX_SENT_CODES - FOR_THE_OWNER))
        assert self.claimed(*full) is None
        over = replace(full[0], leaves_at=MONDAY_MORNING)
        after = self.claimed(over, *full[1:])
        assert after is not None
        assert len(after.sent_codes) == len(full)
        assert find_sent(after, over.id) is None
