"""Policy: every number has bounds, and the settings are consistent."""

from dataclasses import Field, fields
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.policy import DEFAULT_METHODS, Policy
from shared.methods import evidence_by_name
from tests.builders import a_policy

EVIDENCE = evidence_by_name()
NUMBERS = [knob for knob in fields(Policy) if "low" in knob.metadata]
DECLARED: dict[str, dict[str, Any]] = {
    "password_min_length": {"sign_in_has_mfa": True},
    "sends_per_destination_day": {"sends_reserved_day": 0},
}
"""Settings that a number needs before it may be set to its bounds."""


def faults(**knobs: Any) -> list[str]:
    return Policy(**knobs).faults(EVIDENCE)


def test_the_default_policy_is_valid() -> None:
    """It asks for two gates, eight digits and fifteen characters."""
    policy = Policy()
    assert policy.faults(EVIDENCE) == []
    assert (policy.gates, policy.code_digits, policy.password_min_length) == (2, 8, 15)


@pytest.mark.parametrize("knob", NUMBERS, ids=lambda knob: knob.name)
@pytest.mark.parametrize(("bound", "step"), [("low", -1), ("high", 1)], ids=["low", "high"])
def test_a_number_of_the_policy_is_refused_outside_its_bounds(knob: Field[int], bound: str, step: int) -> None:
    """The message names the setting. The bound itself is allowed."""
    value = knob.metadata[bound]
    assert knob.metadata["low"] <= knob.default <= knob.metadata["high"]
    assert any(fault.startswith(f"{knob.name}: {value + step}") for fault in faults(**{knob.name: value + step}))
    assert faults(**{knob.name: value, **DECLARED.get(knob.name, {})}) == []


@pytest.mark.parametrize("knob", fields(Policy), ids=lambda knob: knob.name)
def test_every_setting_of_the_policy_has_a_description(knob: Field[Any]) -> None:
    """docs/settings.md is made from it."""
    assert knob.metadata["what"]


@pytest.mark.parametrize(
    ("knobs", "fault"),
    [
        pytest.param({"methods": ("email", "telepathy")}, "not offered", id="unknown method"),
        pytest.param({"methods": ("email",)}, "fewer classes of evidence", id="one method for two gates"),
        pytest.param({"methods": ("email", "email")}, "fewer classes of evidence", id="one method named twice"),
        pytest.param({"methods": (), "gates": 1}, "fewer classes of evidence", id="no method"),
        pytest.param({"hash_passes": 1, "hash_memory_kib": 47103}, "hash_passes", id="a hash below OWASP's minimum"),
        pytest.param({"password_min_length": 14}, "sign_in_has_mfa", id="short passwords without a second factor"),
        pytest.param(
            {"sends_reserved_day": 5, "sends_per_destination_day": 5}, "sends_reserved_day", id="all codes in reserve"
        ),
        pytest.param({"methods_to_register": 1}, "methods_to_register", id="fewer methods than gates"),
        pytest.param(
            {"methods": ("email", "passkey", "authenticator_app"), "methods_to_register": 3},
            "methods_to_register",
            id="more methods than classes",
        ),
        pytest.param({"overdue_methods": "some"}, "overdue_methods: must be", id="an unknown value for overdue ones"),
        pytest.param({"require_strong_gate": "some"}, "require_strong_gate: must be", id="an unknown value"),
        pytest.param({"require_strong_gate": "all"}, "such as passkey", id="nothing that resists phishing"),
        pytest.param({"require_strong_gate": "privileged"}, "such as passkey", id="nothing for accounts with a role"),
        pytest.param({"sign_in_factors": ("passkey",)}, "not one of methods", id="a factor that is not offered"),
        pytest.param({"sign_in_factors": DEFAULT_METHODS}, "no other one", id="nothing but factors"),
        pytest.param(
            {
                "methods": ("passkey", "authenticator_app", "email"),
                "require_strong_gate": "all",
                "sign_in_factors": ("passkey", "email"),
            },
            "fewer classes",
            id="the only pairs are of one class or of factors",
        ),
        pytest.param({"gates": 1, "methods": ("email", "security_questions")}, "too little alone", id="one gate"),
        pytest.param({"questions_registered": 3, "questions_asked": 4}, "questions_asked", id="more asked than known"),
        pytest.param({"networks": ("198.51.100.7/24",)}, "networks", id="an address instead of a network"),
    ],
)
def test_a_policy_with_inconsistent_settings_is_refused(knobs: dict[str, Any], fault: str) -> None:
    """Each setting may be within its bounds, and still no person could complete a reset."""
    assert any(fault in found for found in faults(**knobs))


def test_a_policy_with_two_gates_needs_two_classes_of_evidence() -> None:
    """Otherwise the second gate could not be passed."""
    line = EVIDENCE["mobile_phone"]
    both = {"mobile_phone": line, "office_phone": line}
    assert any("fewer classes" in found for found in Policy(methods=tuple(both)).faults(both))
    assert Policy(methods=tuple(both), gates=1).faults(both) == []


def test_waits_between_codes_double_up_to_32_minutes() -> None:
    """60 s, 120 s, 240 s and so on."""
    policy = a_policy()
    assert [policy.wait_after(send).total_seconds() for send in (1, 2, 3, 4)] == [60, 120, 240, 480]
    assert a_policy(send_interval_seconds=3600).wait_after(1) == timedelta(minutes=32)
    assert policy.wait_after(5) <= timedelta(minutes=32)


@pytest.mark.parametrize(("channel", "minutes"), [("email", 10), ("sms", 5), ("voice", 5)])
def test_the_life_of_a_code_depends_on_its_channel(channel: str, minutes: int) -> None:
    """Ten minutes by email, five minutes by SMS and by voice."""
    assert a_policy().code_life(channel) == timedelta(minutes=minutes)


@pytest.mark.parametrize("name", DEFAULT_METHODS)
def test_a_method_that_is_offered_by_default_can_prove_something(name: str) -> None:
    """It has a channel, or a kept secret."""
    assert name in EVIDENCE
