"""The authenticator app: codes by time (RFC 6238), each right once, and a URI that every app reads."""

import base64
import json
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from shared.methods.authenticator_app import AuthenticatorApp
from tests.builders import a_context
from tests.fakes.clock import MONDAY_MORNING
from tests.methods import about_authenticator_app

APP = AuthenticatorApp()
RFC_SECRET = b"12345678901234567890"
"""RFC 6238, appendix B, for SHA-1."""
STEP = 30
START = int(MONDAY_MORNING.timestamp())
"""The first second of a step, as a Unix time."""


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def set_up(secret: bytes = RFC_SECRET) -> str:
    """Return what is stored for an app with this secret that was not used yet."""
    return APP.begin_enrolment(secret.ljust(32, b"\0"), a_context(), account_name="ada").kept


def code_at(seconds: int, secret: bytes = RFC_SECRET) -> str:
    return about_authenticator_app.code(secret, instant(seconds))


def judged(stored: str | None, answer: str, seconds: int) -> str | None:
    return APP.judge(stored, {}, answer, a_context(instant(seconds))).kept


VECTORS = [
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
    (2000000000, "69279037"), (20000000000, "65353130"),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "eight_digits"), VECTORS, ids=[f"{seconds} s" for seconds, _ in VECTORS])
def test_the_app_codes_of_rfc_6238_are_right(seconds: int, eight_digits: str) -> None:
    """Appendix B has eight digits; six digits are its last six. The app in the tests gives the same."""
    assert code_at(seconds) == eight_digits[-6:]
    assert judged(set_up(), eight_digits[-6:], seconds) is not None
    assert judged(set_up(), eight_digits[:6], seconds) is None


@pytest.mark.parametrize(
    ("later", "right"),
    [
        pytest.param(-STEP - 1, False, id="two steps early"),
        pytest.param(-STEP, True, id="the first second of the step before"),
        pytest.param(-1, True, id="one second early"),
        pytest.param(0, True, id="on time"),
        pytest.param(STEP - 1, True, id="the last second of its step"),
        pytest.param(2 * STEP - 1, True, id="the last second of the step after"),
        pytest.param(2 * STEP, False, id="two steps late"),
    ],
)
def test_an_app_code_is_right_one_step_before_and_after_its_own(later: int, right: bool) -> None:
    """Clocks differ and people type slowly (RFC 6238 5.2). Other steps are wrong."""
    assert (judged(set_up(), code_at(START), START + later) is not None) is right


@pytest.mark.parametrize(
    ("step", "right"),
    [
        pytest.param(-1, False, id="the step before"),
        pytest.param(0, False, id="the same step"),
        pytest.param(1, True, id="the step after"),
    ],
)
def test_only_a_later_app_code_than_the_last_one_is_right(step: int, right: bool) -> None:
    """An attacker who saw a code cannot use it, nor an earlier one that nobody used (RFC 6238 5.2)."""
    after = judged(set_up(), code_at(START), START)
    assert after is not None
    assert (judged(after, code_at(START + step * STEP), START) is not None) is right


def test_an_app_code_that_was_typed_early_uses_up_its_own_step() -> None:
    """Then the current step is earlier than the last one, and so it is no longer right."""
    after = judged(set_up(), code_at(START + STEP), START)
    assert after is not None
    assert judged(after, code_at(START), START) is None
    assert judged(after, code_at(START + STEP), START + STEP) is None
    assert judged(after, code_at(START + 2 * STEP), START + STEP) is not None


def test_a_used_app_code_does_not_change_the_secret() -> None:
    """Only the last step changes."""
    before, after = set_up(), judged(set_up(), code_at(START), START)
    assert after is not None
    assert json.loads(after) == {**json.loads(before), "last_step": START // STEP}


def test_the_secret_of_an_app_has_160_bits_in_32_characters_without_padding() -> None:
    """As long as the HMAC's output (RFC 4226 4), in the alphabet that every app accepts."""
    shown = APP.begin_enrolment(bytes(range(32)), a_context(), account_name="ada").shown
    assert re.fullmatch("[A-Z2-7]{32}", shown["secret"])
    assert base64.b32decode(shown["secret"]) == bytes(range(20))


NAMES = {
    "plain": ("ada", "S\u00e9same"),
    "an address": ("ada@mail.example", "Globex"),
    "blanks": ("ada lovelace", "Globex Corporation Europe"),
    "not ASCII": ("\u00e0d\u00e8le \u6f22\u5b57 \U0001f600", "Soci\u00e9t\u00e9 G\u00e9n\u00e9rale \u2013 \u0421"),
    "plus signs": ("ada+reset", "A+B"),
    "ampersands": ("a&b=c", "Marks & Spencer"),
    "question marks, slashes and hashes": ("a?b/c#d", "What? Globex/Europe #1"),
    "per cent signs": ("100%25", "100 % Globex"),
    "a colon in the name of the account": ("ad:lovelace", "Globex"),
    "a colon in the name of the issuer": ("ada", "Globex: Europe"),
}


def read_by_an_app(uri: str) -> tuple[str, str, dict[str, str]]:
    """Return issuer, account and parameters as the key URI format defines them.

    label = issuer (":" / "%3A") *"%20" accountname; "neither issuer nor account name may themselves contain a colon".
    """
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    issuer, _, account = re.sub("%3[aA]", ":", parts.path.removeprefix("/")).partition(":")
    return unquote(issuer), unquote(account), dict(parse_qsl(parts.query, strict_parsing=True))


@pytest.mark.parametrize(("account", "issuer"), NAMES.values(), ids=NAMES)
def test_the_uri_of_an_app_has_the_names_and_the_parameters(account: str, issuer: str) -> None:
    """For all names. An app computes codes with the same parameters as the service."""
    shown = APP.begin_enrolment(bytes(range(32)), a_context(name=issuer), account_name=account).shown
    label_issuer, label_account, parameters = read_by_an_app(shown["uri"])
    assert parameters == {
        "secret": shown["secret"], "issuer": parameters["issuer"], "algorithm": "SHA1", "digits": "6", "period": "30",
    }  # fmt: skip
    assert label_account == account
    assert label_issuer == parameters["issuer"], "apps refuse or mix up two issuers"
    if ":" not in issuer:  # a colon must not appear in the label
        assert label_issuer == issuer


@pytest.mark.parametrize(("account", "issuer"), NAMES.values(), ids=NAMES)
def test_the_uri_of_an_app_is_ascii_without_a_plus(account: str, issuer: str) -> None:
    """Apps show a plus as it is, and not every scanner reads other characters: a blank is %20, a plus is %2B."""
    uri = APP.begin_enrolment(bytes(range(32)), a_context(name=issuer), account_name=account).shown["uri"]
    assert re.fullmatch("[!-~]+", uri)
    assert "+" not in uri
