"""Policy: every number has its bounds, and the whole makes sense."""

from dataclasses import fields
from datetime import timedelta

import pytest

from shared.domain.policy import OFFERED_METHODS, Policy
from tests.builders import a_policy

NUMBERS = [knob for knob in fields(Policy) if "low" in knob.metadata]
DECLARED = {"password_min_length": {"sign_in_has_mfa": True}, "sends_per_destination_day": {"sends_reserved_day": 0}}


def test_the_defaults_are_sound() -> None:
    """And are the product's: two gates, eight digits, fifteen characters."""
    policy = Policy()
    assert policy.faults() == []
    assert (policy.gates, policy.code_digits, policy.password_min_length) == (2, 8, 15)


@pytest.mark.parametrize("knob", NUMBERS, ids=lambda knob: knob.name)
def test_every_number_is_refused_outside_its_bounds(knob: object) -> None:
    """Below and above, by name; the bounds themselves are allowed."""
    low, high = knob.metadata["low"], knob.metadata["high"]
    assert low <= knob.default <= high
    for value in (low - 1, high + 1):
        assert any(fault.startswith(f"{knob.name}: {value}") for fault in Policy(**{knob.name: value}).faults())
    for value in (low, high):
        assert Policy(**{knob.name: value, **DECLARED.get(knob.name, {})}).faults() == []


@pytest.mark.parametrize("knob", fields(Policy), ids=lambda knob: knob.name)
def test_every_knob_says_what_it_is(knob: object) -> None:
    """docs/settings.md is made from it."""
    assert knob.metadata["what"]


@pytest.mark.parametrize(
    ("knobs", "fault"),
    [
        ({"methods": ("email", "telepathy")}, "not offered"),
        ({"methods": ("email",)}, "fewer than there are gates"),
        ({"methods": ("email", "email")}, "fewer than there are gates"),
        ({"password_min_length": 14}, "sign_in_has_mfa"),
        ({"sends_reserved_day": 5, "sends_per_destination_day": 5}, "sends_reserved_day"),
    ],
)
def test_what_makes_no_sense_together_is_refused(knobs: dict[str, object], fault: str) -> None:
    """Each number may be in bounds, and the policy still leave nobody a way."""
    assert any(fault in found for found in Policy(**knobs).faults())


def test_waits_double_up_to_half_an_hour() -> None:
    """60 s, 120 s, 240 s... and never more than 32 minutes."""
    policy = a_policy()
    assert [policy.wait_after(send).total_seconds() for send in (1, 2, 3, 4)] == [60, 120, 240, 480]
    assert a_policy(send_interval_seconds=3600).wait_after(1) == timedelta(minutes=32)
    assert policy.wait_after(5) <= timedelta(minutes=32)


def test_a_code_lives_as_its_channel_says() -> None:
    """Ten minutes by email, five by phone, by voice as by SMS."""
    policy = a_policy()
    assert policy.code_life("email") == timedelta(minutes=10)
    assert policy.code_life("sms") == policy.code_life("voice") == timedelta(minutes=5)


def test_the_reserve_is_kept_from_those_who_are_not_known() -> None:
    """Ten a day: eight for everybody, two more for known clients (C11)."""
    policy = a_policy()
    assert [rate.limit for rate in policy.destination_rates(reserved=False)] == [3, 5, 8]
    assert [rate.limit for rate in policy.destination_rates(reserved=True)] == [3, 5, 10]


def test_what_is_offered_can_be_proved_with() -> None:
    """Each offered method has a channel."""
    from shared.methods import ALL

    assert all(ALL[name].channels for name in OFFERED_METHODS)
