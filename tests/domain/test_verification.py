"""Verification: what the browser's token carries from step to step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput, Limited, Refused
from shared.domain.verification import Verification, granted
from tests.builders import a_policy, at
from tests.fakes.clock import MONDAY_MORNING

POLICY = a_policy()
FRESH = Verification(
    id="v", account=AccountKey("a"), code_key=1, started_at=MONDAY_MORNING, expires_at=at(minutes=15),
    idle_at=at(minutes=10),
)  # fmt: skip


def asked(verification: Verification, method: str = "email", **span: float) -> Verification:
    return verification.challenged(method, "email", "version", at(**span), POLICY)


def test_it_ends_after_fifteen_minutes_or_ten_of_silence() -> None:
    """On the second; a step moves the silence and never the end (R-30)."""
    assert FRESH.still_open(at(minutes=9, seconds=59))
    with pytest.raises(Refused):
        FRESH.still_open(at(minutes=10))
    touched = FRESH.touched(at(minutes=9), POLICY)
    assert touched.idle_at == touched.expires_at == at(minutes=15)
    with pytest.raises(Refused):
        touched.still_open(at(minutes=15))


def test_a_challenge_pins_the_account_version_once() -> None:
    """A later one does not take over a newer version: what was passed belongs to the first."""
    first = asked(FRESH)
    second = first.challenged("mobile_phone", "sms", "another version", at(seconds=1), POLICY)
    assert first.version == second.version == "version"


def test_a_resend_of_a_method_waits_and_another_method_does_not() -> None:
    """The wait is the method's; the number of sends is the gate's."""
    first = asked(FRESH)
    with pytest.raises(Limited):
        asked(first, seconds=59)
    other = asked(first, "mobile_phone", seconds=1)
    assert (other.challenge.send, other.challenge.method) == (2, "mobile_phone")
    third = asked(other, seconds=60)
    assert third.challenge.send == 3
    with pytest.raises(Limited) as limited:
        asked(third, "mobile_phone", minutes=5)
    assert limited.value.retry_after == 600


def test_the_wait_that_is_told_is_the_wait_that_holds() -> None:
    """Asked again after exactly so many seconds, the next code is on its way."""
    first = asked(FRESH)
    assert first.wait("email", POLICY) == 60
    assert first.wait("mobile_phone", POLICY) == 0
    assert asked(first, seconds=60).wait("email", POLICY) == 120


def test_a_gate_behind_clears_the_challenge_and_the_sends() -> None:
    """The next gate starts with its own; progress never moves to another method's answer (CVE-2026-18963)."""
    behind = asked(FRESH).gate_passed("d", at(minutes=1), POLICY)
    assert (behind.challenge, behind.sends, behind.gate) == (None, (), 2)
    assert [(g.gate, g.method, g.destination) for g in behind.passed] == [(1, "email", "d")]
    with pytest.raises(Refused):
        behind.gate_passed("d", at(minutes=1), POLICY)
    with pytest.raises(InvalidInput):
        asked(behind, "email", minutes=2)
    assert asked(behind, "mobile_phone", minutes=2).challenge.gate == 2


def test_a_grant_lives_five_minutes_and_never_longer_than_its_verification() -> None:
    """The claims that prove it leave with the verification."""
    behind = asked(FRESH).gate_passed("d", at(minutes=1), POLICY)
    grant = granted(behind, at(minutes=1), POLICY)
    assert (grant.expires_at, grant.attempt, grant.version) == (at(minutes=6), 1, "version")
    assert granted(behind, at(minutes=12), POLICY).expires_at == at(minutes=15)
    long = replace(POLICY, reset_token_seconds=600)
    assert granted(behind, at(minutes=1), long).expires_at == MONDAY_MORNING + timedelta(minutes=11)
