"""Define every setting that an operator may change, with its default, its bounds and its source.

Long: one entry for each setting.

docs/rules.md lists the standards and explains citations such as R-28 or C11. A value out of bounds is refused at
start-up (R-104).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network
from typing import Any

from shared.domain.access_pass import PassBy, lacks_for_access_pass
from shared.domain.code_shape import CodeShape
from shared.domain.gates import Lack, Overdue, Proof, needed_for_reset
from shared.domain.person import NEVER_FIRST, Evidence
from shared.domain.security_questions import BUILT_IN, OwnQuestion


class Addresses(StrEnum):
    """What audit events say of the client's address, the setting `audit_addresses`."""

    COARSE = "coarse"
    WHOLE = "whole"
    DIGEST = "digest"


DEFAULT_METHODS = ("email", "mobile_phone", "authenticator_app")
"""The default of `methods`, in the order in which a page shows them."""

LANGUAGE = "language"
TAKEN_FROM_DIRECTORY = ("email", "mobile_phone", "office_phone", LANGUAGE)
"""What a directory may tell of a person who has not registered yet."""

OVERDUE = tuple(Overdue)

ADDRESSES = tuple(Addresses)

STRONG_GATES = ("none", "privileged", "all")
"""For whom one of the gates must resist phishing."""

NEVER_MET = {
    Lack.ANOTHER: "methods: fewer classes of evidence than there are gates, so nobody could ever finish",
    Lack.PHISHING_RESISTANT: "require_strong_gate: methods has none that resists phishing, such as passkey",
    Lack.OUTSIDE_SIGN_IN: "sign_in_factors: methods has no other one, so nobody could ever finish",
}
"""What is wrong with a policy whose requirement even all of its methods do not meet."""

LEAST_MEMORY_OF_ONE_PASS = 47104
"""KiB of Argon2id with one pass (OWASP Password Storage Cheat Sheet). With two passes 19456 are enough."""


def _number(default: int, low: int, high: int, what: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "what": what})


def _list(default: tuple[str, ...], what: str) -> Any:
    return field(default=default, metadata={"what": what})


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings. The keys of `SESAME_POLICY` are the names of these fields."""

    gates: int = _number(
        2, 1, 2, "proofs needed for a reset; accounts with a role always need 2 (NIST SP 800-63B-4 4.2.2.2, R-28)"
    )
    methods: tuple[str, ...] = _list(DEFAULT_METHODS, "methods people may register and prove with")
    methods_to_register: int = _number(
        0,
        0,
        3,
        "methods of different classes that a registration asks for, so that a lost one locks nobody out; 0: as many as "
        "`gates`; a reset needs no more than `gates` (NIST SP 800-63B-4 4.2)",
    )
    require_strong_gate: str = field(
        default="none",
        metadata={
            "what": "for whom one gate must be a method that resists phishing, such as a passkey: `none`, `privileged` "
            "(accounts with a role) or `all` (NIST SP 800-63B-4 3.2.5)"
        },
    )
    temporary_access_pass: str = field(
        default=PassBy.OFF.value,
        metadata={
            "what": "whether a reset may end in a Temporary Access Pass, where the directory issues some (Microsoft "
            "Entra): `off`, `phishing_resistant` (one gate must be a passkey) or `app_or_code` (two gates, one of them "
            "a passkey, an authenticator app or a saved code); never for accounts with a role (M23)"
        },
    )
    temporary_access_pass_minutes: int = _number(
        60, 10, 480, "life of such a pass, which signs in once (Microsoft Graph: 10 minutes to 30 days)"
    )
    sign_in_factors: tuple[str, ...] = _list(
        (), "methods that are a second factor at sign-in too; a reset needs one that is not among them (M16)"
    )

    code_digits: int = _number(
        8, 6, 12, "digits of a code (NIST SP 800-63B-4 3.1.3.2 asks for 6; OWASP MFA Cheat Sheet: consider 8)"
    )
    code_seconds_phone: int = _number(300, 180, 600, "life of a code sent by SMS (OWASP ASVS 5.0 6.5.5 allows 10 min)")
    code_seconds_email: int = _number(600, 180, 600, "life of a code sent by email (OWASP ASVS 5.0 6.5.5)")
    tries_per_code: int = _number(5, 3, 10, "wrong answers to a method at one gate; a resend does not refill them")
    failures_per_method_day: int = _number(10, 5, 20, "wrong answers per account and method in 24 h, then suspension")
    failures_reserved_day: int = _number(
        5, 0, 5, "further wrong answers in 24 h for known clients, and as many for solved bot checks"
    )
    failures_consecutive: int = _number(
        100, 20, 100, "consecutive wrong answers that disable the method (NIST SP 800-63B-4 3.2.2)"
    )

    sends_per_gate: int = _number(3, 1, 5, "codes per gate of one verification")
    send_interval_seconds: int = _number(60, 30, 3600, "wait before the second code of a gate; doubles, up to 32 min")
    sends_per_destination_10min: int = _number(3, 1, 20, "codes to one address or number in 10 min, over all accounts")
    sends_per_destination_hour: int = _number(5, 1, 20, "codes to one address or number in 1 h")
    sends_per_destination_day: int = _number(10, 2, 20, "codes to one address or number in 24 h")
    sends_reserved_day: int = _number(
        2, 0, 5, "of the codes in 24 h, those kept for known clients, and as many for solved bot checks (C11)"
    )
    sends_per_prefix_hour: int = _number(
        20, 1, 1_000_000, "text messages in 1 h to numbers that differ only in the last 4 digits"
    )
    sends_by_phone_day: int = _number(
        500, 1, 1_000_000, "text messages and calls of the installation in 24 h (OWASP API4:2023)"
    )
    sends_per_registration_hour: int = _number(10, 1, 100, "codes one signed-in person may ask for in 1 h")
    reminders_per_destination_day: int = _number(20, 1, 100, "reminders to one address in 24 h, over all accounts")

    passwords_per_account_day: int = _number(
        5, 1, 6, "passwords set for one account in 24 h; one reset more where none of them was a reset"
    )
    method_changes_per_account_day: int = _number(
        10, 1, 12, "methods that one person may add, change and remove in 24 h"
    )

    starts_per_name_and_client_hour: int = _number(
        5,
        1,
        1_000_000,
        "starts of a verification for one name by one client in 1 h; then the bot check, for as many again",
    )
    starts_per_name_hour: int = _number(
        20, 1, 1_000_000, "the same by all clients; then the bot check, for as many again"
    )
    starts_per_name_day: int = _number(50, 1, 1_000_000, "the same in 24 h")
    starts_per_client_minute: int = _number(
        20, 1, 1_000_000, "verifications started by one client address in 1 min; then the bot check, for as many again"
    )
    starts_per_client_hour: int = _number(100, 1, 1_000_000, "the same in 1 h")
    starts_reserved_hour: int = _number(
        10, 1, 100, "further starts in 1 h, for one name and for one address, for clients seen in an earlier success"
    )
    challenges_per_verification: int = _number(12, 6, 100, "challenges that one verification may ask for")
    verify_failures_per_client_5min: int = _number(
        10,
        1,
        1_000_000,
        "wrong answers for one name from one client address in 5 min, or from all in 24 h; then the bot check",
    )
    verify_failures_per_client_hour: int = _number(
        50, 1, 1_000_000, "wrong answers from one client address in 1 h, or a fifth as many names; then the bot check"
    )
    verify_failures_5min: int = _number(
        200,
        10,
        1_000_000,
        "wrong answers of the installation in 5 min; then every start needs the bot check; raise it with the number of "
        "people",
    )
    conversion_percent: int = _number(
        20, 0, 100, "of 30 or more texted codes in 1 h, the share that must come back; below it, an alarm is logged"
    )
    audit_addresses: str = field(
        default=Addresses.COARSE.value,
        metadata={
            "what": "what audit events say of the client's address: `coarse` (IPv4 /24, IPv6 /48), `whole`, or "
            "`digest` (keyed, of the address or the IPv6 /64)"
        },
    )
    networks: tuple[str, ...] = _list(
        (), "networks (CIDR) of the organisation with many people behind one address; their limits are wider"
    )
    network_factor: int = _number(20, 2, 1000, "how many times the limits of one client such a network has")
    session_failures_per_name_and_client_15min: int = _number(
        5,
        1,
        1_000_000,
        "failed sign-ins of one name from one client address in 15 min; then the bot check, for as many again",
    )
    session_failures_consecutive: int = _number(
        100,
        20,
        100,
        "failed sign-ins in a row of an account, or of a name in 24 h; then only known clients and the bot check, for "
        "as many again in 24 h each (NIST SP 800-63B-4 3.2.2)",
    )
    sessions_per_name_and_client_hour: int = _number(
        60, 10, 1_000_000, "sign-ins of one name from one client address in 1 h, successes included (OWASP API4:2023)"
    )
    session_failures_per_client_5min: int = _number(
        20, 1, 1_000_000, "failed sign-ins from one client address in 5 min; then the bot check, for as many again"
    )

    requests_at_once: int = _number(
        64, 8, 1000, "requests that one instance serves at the same time; a quarter is kept for steps under way"
    )
    hashes_at_once: int = _number(
        16,
        2,
        64,
        "of them, those that compute a password hash, a quarter of them too for steps under way (OWASP Password "
        "Storage Cheat Sheet: about 46 MiB each)",
    )
    hash_memory_kib: int = _number(
        47104,
        19456,
        131072,
        "memory of a password hash of the embedded directory (Argon2id), in KiB; four are computed at once (OWASP "
        "Password Storage Cheat Sheet)",
    )
    hash_passes: int = _number(
        2, 1, 5, "passes of a password hash; 1 only with at least 47104 KiB (OWASP Password Storage Cheat Sheet)"
    )
    hash_lanes: int = _number(1, 1, 4, "lanes of a password hash (RFC 9106)")
    body_kib: int = _number(16, 8, 64, "size of a request's body, in KiB (OWASP REST Security Cheat Sheet)")
    prefill_body_kib: int = _number(4096, 64, 16384, "the same of `admin/prefill`; 5,000 rows need about 1 MiB")

    verification_seconds: int = _number(900, 300, 1800, "a verification's absolute life (OWASP ASVS 5.0 7.3.2)")
    verification_idle_seconds: int = _number(
        600, 180, 1800, "a verification's life without a step (OWASP ASVS 5.0 7.3.1)"
    )
    reset_token_seconds: int = _number(300, 180, 600, "time to choose the new password")
    reset_tries: int = _number(5, 1, 10, "passwords the directory may refuse before the reset ends")
    session_seconds: int = _number(3600, 300, 28800, "life of a sign-in")
    method_change_seconds: int = _number(
        600, 180, 1800, "age of a sign-in that may still change a method or be used by an administrator (R-62)"
    )

    password_min_length: int = _number(
        15, 8, 64, "code points; below 15 only with sign_in_has_mfa (NIST SP 800-63B-4 3.1.1.2)"
    )
    password_max_length: int = _number(256, 64, 256, "code points; longer is refused, never cut (OWASP ASVS 5.0 6.2.9)")
    bot_check_memory_kib: int = _number(
        8192, 4096, 65536, "memory of each Argon2id of the bot check, in KiB (RFC 9106)"
    )
    bot_check_tries: int = _number(
        50, 1, 1000, "Argon2id computations that solve the bot check at most; on average half as many"
    )
    sign_in_has_mfa: bool = field(default=False, metadata={"what": "states that a password alone never signs in"})
    context_words: tuple[str, ...] = _list((), "words of the organisation; a password made mostly of them is refused")

    questions_registered: int = _number(5, 3, 5, "security questions that a person registers (Microsoft Entra: 3 to 5)")
    questions_asked: int = _number(
        3, 3, 5, "of them, those that are asked in a reset, all at once (Microsoft Entra: 3 to 5)"
    )
    own_questions: tuple[OwnQuestion, ...] = _list(
        (), "security questions of the organisation beside ours, at most 20, by name and language"
    )

    new_method_rest_hours: int = _number(
        24, 0, 72, "rest of a new method where older ones satisfy the gates (OWASP MFA Cheat Sheet)"
    )
    loss_wait_days: int = _number(
        7, 3, 30, "wait of a person who has lost every method, before one may be added without a proof"
    )
    activation_days: int = _number(
        21, 1, 30, "life of an activation code (NIST SP 800-63B-4 4.2.1.2: 21 days by post, 30 from abroad)"
    )
    reconfirm_days: int = _number(180, 0, 730, "days until a registration must be reconfirmed; 0 means never")
    reregister_days: int = _number(
        14, 0, 90, "days for which methods that many people must confirm again still open gates; 0: none"
    )
    overdue_methods: str = field(
        default=Overdue.NOT_ALONE.value,
        metadata={
            "what": "what a method that is overdue is worth in a reset: `allow` (as much as others), `not_alone` (it "
            "is not the only gate), `one_more_gate` (one gate more is needed) or `block` (nothing) (A-52)"
        },
    )
    overdue_grace_days: int = _number(0, 0, 365, "days after that day until the setting above holds for a method")
    remind_first_days: int = _number(
        14, 0, 60, "days before that day of the first reminder, at most half of `reconfirm_days`; 0 means none"
    )
    remind_second_days: int = _number(3, 0, 30, "the same of the second reminder; the third is on the day")
    remind_again_days: int = _number(7, 2, 90, "days between two reminders once a registration is overdue")
    reminders_overdue: int = _number(6, 0, 52, "reminders to one person after that day; then they end")
    snooze_days: int = _number(7, 1, 30, "days for which a person may put off the question, and its reminders")
    snoozes: int = _number(2, 0, 12, "times that they may before they must answer; 0 means never")
    expiry_first_days: int = _number(
        14, 0, 60, "days before a password expires of the first notice, where the directory tells the day; 0 means none"
    )
    expiry_second_days: int = _number(3, 0, 30, "the same of the second notice")
    remind_from_hour: int = _number(8, 0, 12, "hour from which people may be reminded, in their time zone")
    remind_until_hour: int = _number(20, 13, 24, "hour until which they may be")
    registration_required: bool = field(
        default=True, metadata={"what": "whether a sign-in page is told to require what is due, after the days below"}
    )
    registration_skip_days: int = _number(
        7, 0, 365, "days for which a person may put it off, from the first time that a sign-in page asked; 0 means none"
    )
    countries: tuple[str, ...] = _list(
        (),
        "countries (ISO 3166) whose numbers may be registered and texted; left out: what the senders reach (R-73)",
    )
    home_country: str = field(
        default="FR",
        metadata={"what": "country (ISO 3166) of numbers that are typed without a +; empty: a + is needed"},
    )
    dotless_email_domains: tuple[str, ...] = _list(
        ("gmail.com", "googlemail.com"), "domains whose mailboxes ignore dots; all spellings share one budget of codes"
    )
    refused_email_domains: tuple[str, ...] = _list((), "domains of the directory's own mailboxes (M4)")
    prefill_from_directory: tuple[str, ...] = _list(
        (),
        "what is taken from the directory at a sign-in, to be confirmed, until a first method is: `email`, "
        "`mobile_phone`, `office_phone`, `language`; none of it where people may write it there themselves (M6)",
    )

    def faults(self, evidence: Mapping[str, Evidence]) -> list[str]:
        """Return a message for each value that is not allowed. Empty when the policy is valid.

        `evidence`: for every method of this build, what it proves.
        """
        found = []
        for knob in fields(self):
            value, bounds = getattr(self, knob.name), knob.metadata
            if "low" in bounds and not bounds["low"] <= value <= bounds["high"]:
                found.append(f"{knob.name}: {value} is outside {bounds['low']}..{bounds['high']}")
        found += [f"methods: {name!r} is not offered by this build" for name in self.methods if name not in evidence]
        found += self._faults_of_gates(evidence)
        found += [
            f"prefill_from_directory: {name!r} is not one of {', '.join(TAKEN_FROM_DIRECTORY)}"
            for name in self.prefill_from_directory
            if name not in TAKEN_FROM_DIRECTORY
        ]
        if self.questions_asked > self.questions_registered:
            found.append("questions_asked: more than questions_registered")
        if self.hash_passes == 1 and self.hash_memory_kib < LEAST_MEMORY_OF_ONE_PASS:
            found.append(f"hash_passes: 1 only with at least {LEAST_MEMORY_OF_ONE_PASS} KiB in hash_memory_kib")
        if self.password_min_length < 15 and not self.sign_in_has_mfa:
            found.append(
                "password_min_length: below 15 only where sign_in_has_mfa is declared (NIST SP 800-63B-4 3.1.1.2)"
            )
        if self.home_country and self.countries and self.home_country not in self.countries:
            found.append(f"home_country: {self.home_country!r} is not one of countries")
        if self.audit_addresses not in ADDRESSES:
            found.append(f"audit_addresses: must be one of {', '.join(ADDRESSES)}")
        networks = [text for text in self.networks if not _is_network(text)]
        found += [f"networks: {text!r} is not a network such as 198.51.100.0/24" for text in networks]
        if self.sends_reserved_day >= self.sends_per_destination_day:
            found.append("sends_reserved_day: must leave at least one send for everybody else")
        return found

    def _faults_of_gates(self, evidence: Mapping[str, Evidence]) -> list[str]:
        """Return why nobody could finish a registration or a reset, not even with every method that is offered."""
        found = [
            f"sign_in_factors: {name!r} is not one of methods"
            for name in self.sign_in_factors
            if name not in self.methods
        ]
        if self.overdue_methods not in OVERDUE:
            return [*found, f"overdue_methods: must be one of {', '.join(OVERDUE)}"]
        if self.require_strong_gate not in STRONG_GATES:
            return [*found, f"require_strong_gate: must be one of {', '.join(STRONG_GATES)}"]
        if self.gates == 1:
            found += [
                f"methods: {name!r} proves too little alone, so gates must be 2 (rule 14)"
                for name in self.methods
                if name in evidence and evidence[name].kind in NEVER_FIRST
            ]
        if self.temporary_access_pass not in tuple(PassBy):
            return [*found, f"temporary_access_pass: must be one of {', '.join(PassBy)}"]
        every = [Proof(method=name, evidence=evidence[name]) for name in self.methods if name in evidence]
        lacks = set(needed_for_reset(self, privileged=False).lacks(every))
        # Accounts with a role may be left without a reset, but not by a setting that is meant for them.
        lacks |= {Lack.PHISHING_RESISTANT} & set(needed_for_reset(self, privileged=True).lacks(every))
        if lacks_for_access_pass(self, every, privileged=False):
            found.append("temporary_access_pass: methods has none that is strong enough")
        if 0 < self.methods_to_register < self.gates:
            found.append("methods_to_register: must not be below gates")
        if self.methods_to_register > len({proof.evidence.kind for proof in every}):
            found.append("methods_to_register: more than methods has classes of evidence, so nobody could ever finish")
        return found + [NEVER_MET[lack] for lack in NEVER_MET if lack in lacks]

    @property
    def questions(self) -> tuple[str, ...]:
        """The ids of all security questions, the organisation's first."""
        return (*(question.id for question in self.own_questions), *BUILT_IN)

    # -- the same numbers as durations and shapes, so that every rule computes them in the same way --

    @property
    def code_shape(self) -> CodeShape:
        """What a sent code looks like."""
        return CodeShape(self.code_digits)

    def code_life(self, channel: str) -> timedelta:
        """Return how long a code is valid after its claim was written."""
        return timedelta(seconds=self.code_seconds_email if channel == "email" else self.code_seconds_phone)

    def wait_after(self, send: int) -> timedelta:
        """Return the wait after send number `send` (from 1) of a gate. It doubles each time, up to 32 minutes."""
        return min(timedelta(seconds=self.send_interval_seconds * 2 ** (send - 1)), timedelta(minutes=32))
