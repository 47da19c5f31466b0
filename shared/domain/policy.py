"""Policy: every number an operator may change, with its default, its bounds and its source.

Sources are the rows of the security reference this product follows: N63B (NIST SP 800-63B-4), ASVS (OWASP ASVS 5.0),
CS-* (OWASP cheat sheets). A value outside its bounds is refused at start-up (R-104), never clipped.
"""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from shared.domain.rate import Rate

OFFERED_METHODS = ("email", "mobile_phone")
"""The methods this build can prove with, in the order in which a page shows them."""

DEMONSTRATION_COUNTRIES = (
    "AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "IE", "IT", "JP", "LU", "NL", "NO",
    "NZ", "PL", "PT", "SE", "SG", "US",
)  # fmt: skip


def _number(default: int, low: int, high: int, what: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "what": what})


def _list(default: tuple[str, ...], what: str) -> Any:
    return field(default=default, metadata={"what": what})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The knobs, flat on purpose: `SESAME_POLICY` names them exactly as they stand here."""

    gates: int = _number(2, 1, 2, "proofs needed for a reset; accounts with a role always need 2 (N63B 4.2.2.2, R-28)")
    methods: tuple[str, ...] = _list(OFFERED_METHODS, "methods people may register and prove with")

    code_digits: int = _number(8, 6, 12, "digits of a code (N63B 3.1.3.2 asks for 6; CS-MFA: consider 8)")
    code_seconds_phone: int = _number(300, 60, 600, "life of a code sent by SMS (ASVS 6.5.5 allows 10 min)")
    code_seconds_email: int = _number(600, 60, 600, "life of a code sent by email (ASVS 6.5.5)")
    tries_per_code: int = _number(5, 3, 10, "wrong answers to a method at one gate; a resend does not refill them")
    failures_per_method_day: int = _number(10, 5, 20, "wrong answers per account and method in 24 h, then suspension")
    failures_reserved_day: int = _number(5, 0, 5, "further ones in 24 h for clients seen in an earlier success")
    failures_consecutive: int = _number(100, 20, 100, "wrong answers in a row that disable the method (N63B 3.2.2)")

    sends_per_gate: int = _number(3, 1, 5, "codes per gate of one verification")
    send_interval_seconds: int = _number(60, 30, 3600, "wait before the second code of a gate; doubles, up to 32 min")
    sends_per_destination_10min: int = _number(3, 1, 20, "codes to one address or number in 10 min, over all accounts")
    sends_per_destination_hour: int = _number(5, 1, 20, "codes to one address or number in 1 h")
    sends_per_destination_day: int = _number(10, 2, 20, "codes to one address or number in 24 h")
    sends_reserved_day: int = _number(2, 0, 5, "of those, kept for clients seen in an earlier success (C11)")
    sends_per_prefix_hour: int = _number(20, 1, 1_000_000, "texts in 1 h to numbers alike but for 4 last digits")
    sends_by_phone_day: int = _number(500, 1, 1_000_000, "texts and calls in 24 h, all people together (API4)")
    sends_per_registration_hour: int = _number(10, 1, 100, "codes one signed-in person may ask for in 1 h")
    notices_per_destination_day: int = _number(20, 1, 100, "notices and reminders to one address in 24 h")

    starts_per_name_and_client_hour: int = _number(5, 1, 1_000_000, "verifications started for one name by one client")
    starts_per_name_hour: int = _number(20, 1, 1_000_000, "verifications started for one name in 1 h, all clients")
    starts_per_name_day: int = _number(50, 1, 1_000_000, "the same in 24 h")
    starts_per_client_minute: int = _number(20, 1, 1_000_000, "verifications started by one client address in 1 min")
    starts_per_client_hour: int = _number(100, 1, 1_000_000, "the same in 1 h")
    verify_failures_per_client_5min: int = _number(10, 1, 1_000_000, "wrong answers from one client address in 5 min")
    verify_failures_per_client_hour: int = _number(50, 1, 1_000_000, "the same in 1 h")
    session_failures_per_name_and_client_15min: int = _number(5, 1, 1_000_000, "failed sign-ins, one name and client")
    session_failures_per_client_5min: int = _number(20, 1, 1_000_000, "failed sign-ins from one client address")

    verification_seconds: int = _number(900, 60, 1800, "a verification's absolute life (ASVS 7.3.2)")
    verification_idle_seconds: int = _number(600, 60, 1800, "its life without a step (ASVS 7.3.1)")
    reset_token_seconds: int = _number(300, 30, 600, "time to choose the new password")
    reset_tries: int = _number(5, 1, 10, "passwords the directory may refuse before the proof is spent")
    session_seconds: int = _number(3600, 300, 28800, "life of a sign-in")
    method_change_seconds: int = _number(600, 60, 1800, "age of a sign-in that may still change a method (R-62)")

    password_min_length: int = _number(15, 8, 64, "code points; below 15 only with sign_in_has_mfa (N63B 3.1.1.2)")
    password_max_length: int = _number(256, 64, 256, "code points; longer is refused, never cut (ASVS 6.2.9)")
    sign_in_has_mfa: bool = field(default=False, metadata={"what": "declares that a password alone never signs in"})
    context_words: tuple[str, ...] = _list((), "words of the organisation that a password may not be built from")

    new_method_rest_hours: int = _number(24, 0, 72, "rest of a new method where older ones satisfy the gates (CS-MFA)")
    reconfirm_days: int = _number(180, 0, 730, "age at which a registration is asked about again; 0 is never")
    remind_again_days: int = _number(14, 1, 180, "days between two reminders to the same person")
    countries: tuple[str, ...] = _list(
        DEMONSTRATION_COUNTRIES, "countries (ISO 3166) whose numbers may be registered and texted (R-73)"
    )
    refused_email_domains: tuple[str, ...] = _list((), "domains of the directory's own mailboxes (M4)")

    def faults(self) -> list[str]:
        """Every value out of bounds, in words; empty when the policy is sound."""
        found = []
        for knob in fields(self):
            value, bounds = getattr(self, knob.name), knob.metadata
            if "low" in bounds and not bounds["low"] <= value <= bounds["high"]:
                found.append(f"{knob.name}: {value} is outside {bounds['low']}..{bounds['high']}")
        found += [
            f"methods: {name!r} is not offered by this build" for name in self.methods if name not in OFFERED_METHODS
        ]
        if len(set(self.methods)) < self.gates:
            found.append("methods: fewer than there are gates, so nobody could ever finish")
        if self.password_min_length < 15 and not self.sign_in_has_mfa:
            found.append("password_min_length: below 15 only where sign_in_has_mfa is declared (N63B 3.1.1.2)")
        if self.sends_reserved_day >= self.sends_per_destination_day:
            found.append("sends_reserved_day: must leave at least one send for everybody else")
        return found

    # -- the same numbers as spans and rates, so that no rule does arithmetic of its own --

    def code_life(self, channel: str) -> timedelta:
        """How long a code lives after its claim was written."""
        return timedelta(seconds=self.code_seconds_email if channel == "email" else self.code_seconds_phone)

    def wait_after(self, send: int) -> timedelta:
        """The wait after send number `send` of a gate: it doubles, up to 32 minutes."""
        return min(timedelta(seconds=self.send_interval_seconds * 2 ** (send - 1)), timedelta(minutes=32))

    def destination_rates(self, *, reserved: bool) -> tuple[Rate, ...]:
        """Sends to one destination; without `reserved` the day's reserve stays untouched (C11)."""
        kept = 0 if reserved else self.sends_reserved_day
        return (
            Rate(self.sends_per_destination_10min, timedelta(minutes=10)),
            Rate(self.sends_per_destination_hour, timedelta(hours=1)),
            Rate(self.sends_per_destination_day - kept, timedelta(days=1)),
        )

    @property
    def prefix_rate(self) -> Rate:
        return Rate(self.sends_per_prefix_hour, timedelta(hours=1))

    @property
    def phone_rate(self) -> Rate:
        return Rate(self.sends_by_phone_day, timedelta(days=1))

    @property
    def notice_rates(self) -> tuple[Rate, ...]:
        return (Rate(self.notices_per_destination_day, timedelta(days=1)),)

    @property
    def registration_send_rates(self) -> tuple[Rate, ...]:
        return (Rate(self.sends_per_registration_hour, timedelta(hours=1)),)

    @property
    def start_client_rates(self) -> tuple[Rate, ...]:
        return (
            Rate(self.starts_per_client_minute, timedelta(minutes=1)),
            Rate(self.starts_per_client_hour, timedelta(hours=1)),
        )

    @property
    def start_name_and_client_rates(self) -> tuple[Rate, ...]:
        return (Rate(self.starts_per_name_and_client_hour, timedelta(hours=1)),)

    @property
    def start_name_rates(self) -> tuple[Rate, ...]:
        return (Rate(self.starts_per_name_hour, timedelta(hours=1)), Rate(self.starts_per_name_day, timedelta(days=1)))

    @property
    def verify_client_rates(self) -> tuple[Rate, ...]:
        return (
            Rate(self.verify_failures_per_client_5min, timedelta(minutes=5)),
            Rate(self.verify_failures_per_client_hour, timedelta(hours=1)),
        )

    @property
    def session_name_and_client_rates(self) -> tuple[Rate, ...]:
        return (Rate(self.session_failures_per_name_and_client_15min, timedelta(minutes=15)),)

    @property
    def session_client_rates(self) -> tuple[Rate, ...]:
        return (Rate(self.session_failures_per_client_5min, timedelta(minutes=5)),)
