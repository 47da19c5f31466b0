"""Verification: what the browser's token contains from step to step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput, Limited, Refused
from shared.domain.person import AttemptId, CodeId, Evidence, EvidenceClass, Purpose
from shared.domain.verification import Challenge, Verification, granted
from tests.builders import a_policy, at
from tests.fakes.clock import MONDAY_MORNING

POLICY = a_policy()
FRESH = Verification(
    id="v", account=AccountKey("a"), code_key=1, started_at=MONDAY_MORNING, expires_at=at(minutes=15),
    idle_at=at(minutes=10),
)  # fmt: skip
MAILBOX, LINE, DEVICE = EvidenceClass.MAILBOX, EvidenceClass.PHONE_LINE, EvidenceClass.DEVICE
Asking = Callable[..., Verification]
PROOF = Evidence(kind=MAILBOX, destination="d")


def asked(
    verification: Verification, method: str = "email", *, version: str = "version", **span: float
) -> Verification:
    """Return the verification with a challenge by a sent code. The phone's code goes by SMS."""
    kind, channel = (MAILBOX, "email") if method == "email" else (LINE, "sms")
    return verification.asked_to_send(method, kind, channel, at(**span), POLICY).bound_to(version)


def to_prove(verification: Verification, *, version: str = "version", **span: float) -> Verification:
    """Return the verification with a challenge by app."""
    return verification.asked_to_prove("authenticator_app", DEVICE, {"x": "y"}, at(**span), POLICY).bound_to(version)


def test_a_verification_ends_after_fifteen_minutes_or_ten_idle_minutes() -> None:
    """On the second. A step moves the idle limit and never the absolute one (R-30)."""
    assert FRESH.still_open(at(minutes=9, seconds=59))
    with pytest.raises(Refused):
        FRESH.still_open(at(minutes=10))
    touched = FRESH.touched(at(minutes=9), POLICY)
    assert touched.idle_at == touched.expires_at == at(minutes=15)
    with pytest.raises(Refused):
        touched.still_open(at(minutes=15))


@pytest.mark.parametrize("first", [pytest.param(asked, id="code"), pytest.param(to_prove, id="kept secret")])
def test_only_the_first_challenge_sets_the_account_version(first: Asking) -> None:
    """A later challenge does not take a newer version, because the passed gates belong to the first."""
    once = first(FRESH)
    assert asked(once, "mobile_phone", version="another", seconds=1).version == once.version == "version"
    assert to_prove(once, version="another", seconds=1).version == "version"


def test_a_resend_needs_a_wait_and_another_method_does_not() -> None:
    """The wait is counted by method, the number of sends by gate."""
    first = asked(FRESH)
    with pytest.raises(Limited):
        asked(first, seconds=59)
    other = asked(first, "mobile_phone", seconds=1)
    assert other.challenge == Challenge(method="mobile_phone", channel="sms", send=2)
    third = asked(other, seconds=60)
    assert third.challenge is not None
    assert third.challenge.send == 3
    with pytest.raises(Limited) as limited:
        asked(third, "mobile_phone", minutes=5)
    assert limited.value.retry_after == 600


def test_a_challenge_by_a_kept_secret_needs_no_wait_and_no_send() -> None:
    """The codes of the gate are counted as before."""
    once = to_prove(asked(FRESH))
    again = to_prove(once)
    assert again.challenge == Challenge(method="authenticator_app", shown={"x": "y"})
    assert again.sends == asked(FRESH).sends
    assert again.wait("authenticator_app", POLICY) == 0
    with pytest.raises(Limited):
        asked(again, seconds=59)


def test_a_kept_secret_can_be_challenged_after_the_last_send() -> None:
    """A method without a send does not need one (rule 14)."""
    full = replace(FRESH, sends=asked(FRESH).sends * POLICY.sends_per_gate)
    with pytest.raises(Limited):
        asked(full, minutes=5)
    assert to_prove(full, minutes=5).challenge


def test_the_next_code_can_be_sent_after_the_wait_in_the_answer() -> None:
    """The wait in the answer is exactly the wait that is enforced."""
    first = asked(FRESH)
    assert first.wait("email", POLICY) == 60
    assert first.wait("mobile_phone", POLICY) == 0
    assert asked(first, seconds=60).wait("email", POLICY) == 120


def test_the_ids_of_an_attempt_and_of_a_code_contain_the_gate() -> None:
    """They say where an answer is counted, and for which code it may be right."""
    first = asked(FRESH)
    attempt = AttemptId(purpose=Purpose.RESET, verification="v", gate=1, method="email")
    assert first.attempt_id("email") == attempt
    assert first.challenge is not None
    assert first.code_id(first.challenge) == CodeId(attempt=attempt, channel="email", send=1)
    second = asked(first.gate_passed("email", PROOF, at(minutes=1), POLICY), "mobile_phone", minutes=1)
    assert second.challenge is not None
    assert second.code_id(second.challenge).attempt == replace(attempt, gate=2, method="mobile_phone")


def test_a_refused_answer_leaves_one_try_less_by_that_method() -> None:
    """According to the token alone. A resend gives no new tries, and another method has its own (rule 19)."""
    assert FRESH.tries_left("email", POLICY) == 5
    twice = asked(FRESH).refused("email").refused("email")
    assert asked(twice, seconds=60).tries_left("email", POLICY) == 3
    assert twice.tries_left("mobile_phone", POLICY) == 5
    spent = twice.refused("email").refused("email").refused("email")
    assert (spent.tries_left("email", POLICY), spent.refused("email").tries_left("email", POLICY)) == (0, 0)


def test_a_passed_gate_clears_the_challenge_the_sends_and_the_tries() -> None:
    """The next gate starts with its own. No progress moves to another method (CVE-2026-18963)."""
    after = asked(FRESH).refused("email").gate_passed("email", PROOF, at(minutes=1), POLICY)
    assert (after.challenge, after.sends, after.tries, after.gate) == (None, (), {}, 2)
    assert [(g.gate, g.method, g.evidence) for g in after.passed] == [(1, "email", PROOF)]
    assert asked(after, "mobile_phone", minutes=2).attempt_id("mobile_phone").gate == 2


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        pytest.param(MAILBOX, asked, id="a mailbox, by a code"),
        pytest.param(DEVICE, to_prove, id="a device, by a kept secret"),
    ],
)
def test_a_class_of_evidence_that_passed_a_gate_is_refused_at_the_next(kind: EvidenceClass, ask: Asking) -> None:
    """The next gate needs another class, whatever the method is called (R-26)."""
    after = FRESH.gate_passed("some method", replace(PROOF, kind=kind), at(minutes=1), POLICY)
    with pytest.raises(InvalidInput) as refused:
        ask(after, minutes=2)
    assert (refused.value.field, refused.value.reason) == ("method", "already_proved")


def test_a_grant_lasts_five_minutes_and_no_longer_than_its_verification() -> None:
    """The attempts that prove it are removed with the verification."""
    after = asked(FRESH).gate_passed("email", PROOF, at(minutes=1), POLICY)
    grant = granted(after, at(minutes=1), POLICY)
    assert (grant.expires_at, grant.attempt, grant.version) == (at(minutes=6), 1, "version")
    assert granted(after, at(minutes=12), POLICY).expires_at == at(minutes=15)
    long = replace(POLICY, reset_token_seconds=600)
    assert granted(after, at(minutes=1), long).expires_at == MONDAY_MORNING + timedelta(minutes=11)
