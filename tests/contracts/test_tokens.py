"""Tokens: sealed for one purpose, with one length per purpose, and refused if they were not sealed here."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.sealed_tokens import PLAIN_BYTES, TOKEN_LIMIT
from shared.domain.account import AccountKey, ObjectId
from shared.domain.calls import PhoneCall
from shared.domain.errors import Refused, SignInRequired
from shared.domain.person import AttemptId, CodeId, Evidence, EvidenceClass, Purpose
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.verification import Challenge, PassedGate, Sent, Verification, granted
from shared.methods import RelyingParty
from shared.methods.passkey import Passkey
from shared.ports.tokens import TokenPurpose
from shared.usecases.require_registrations import Place
from shared.usecases.search_audit import AuditPlace
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.keys import some_tokens

TOKENS = some_tokens()
LATER = MONDAY_MORNING + timedelta(minutes=15)
LONG = "a" * 52
VERIFICATION = Verification(
    id="v" * 22, account=AccountKey(LONG), code_key=1, started_at=MONDAY_MORNING, expires_at=LATER, idle_at=LATER
)
SESSION = Session(
    account=AccountKey(LONG),
    object_id=ObjectId("id"),
    name="n" * 320,
    roles=("administrator",),
    version="V" * 22,
    password_stamp="S" * 64,
    issued_at=MONDAY_MORNING,
    expires_at=LATER,
)
EVIDENCE = Evidence(kind=EvidenceClass.PHONE_LINE, destination=LONG)
ASKED = Passkey().challenge(b"c" * 32, RelyingParty(id="d" * 128, name="", origins=()))
LONGEST = replace(
    VERIFICATION,
    name=LONG,
    version="v" * 22,
    code_key=9999,
    started_at=MONDAY_MORNING + timedelta(microseconds=1),
    passed=(PassedGate(gate=1, method="authenticator_app", evidence=EVIDENCE),),
    challenge=Challenge(method="authenticator_app", channel="voice", send=5, shown=ASKED),
    tries={"authenticator_app": 5, "security_questions": 5, "recovery_codes": 5, "passkey": 5},
    sends=(Sent(method="authenticator_app", at=MONDAY_MORNING + timedelta(microseconds=1)),) * 5,
)
LONGEST_CALL = PhoneCall(
    account=AccountKey(LONG),
    code=CodeId(
        attempt=AttemptId(purpose=Purpose.REGISTRATION, verification="v" * 32, gate=2, method="m" * 32),
        channel="voice",
        send=10,
    ),
    language="en",
    expires_at=MONDAY_MORNING + timedelta(microseconds=1),
)


@pytest.mark.parametrize(
    ("purpose", "value"),
    [
        (TokenPurpose.VERIFICATION, VERIFICATION),
        (TokenPurpose.VERIFICATION, LONGEST),
        (TokenPurpose.RESET, granted(LONGEST, MONDAY_MORNING, Policy())),
        (TokenPurpose.SESSION, SESSION),
        (TokenPurpose.CALL, LONGEST_CALL),
    ],
    ids=["verification", "longest verification", "reset", "session", "call"],
)
def test_a_token_opens_with_every_field_as_it_was_sealed(purpose: TokenPurpose, value: object) -> None:
    """With times to the microsecond."""
    assert TOKENS.open(purpose, TOKENS.seal(purpose, value), type(value)) == value


def test_all_tokens_of_a_purpose_have_one_length_within_the_request_limit() -> None:
    """A length that depended on the number of gates would reveal who has methods (R-01)."""
    values = (VERIFICATION, LONGEST, replace(VERIFICATION, version="x"))
    lengths = {len(TOKENS.seal(TokenPurpose.VERIFICATION, value)) for value in values}
    assert len(lengths) == 1
    assert lengths.pop() <= TOKEN_LIMIT
    assert PLAIN_BYTES < TOKEN_LIMIT


@pytest.mark.parametrize("sealed_for", list(TokenPurpose))
@pytest.mark.parametrize("used_as", list(TokenPurpose))
def test_a_token_is_refused_for_another_purpose(sealed_for: TokenPurpose, used_as: TokenPurpose) -> None:
    """Even if its fields would fit (R-29)."""
    values = {
        TokenPurpose.VERIFICATION: VERIFICATION,
        TokenPurpose.CHANGE: replace(VERIFICATION, purpose=Purpose.CHANGE),
        TokenPurpose.RESET: granted(VERIFICATION, MONDAY_MORNING, Policy()),
        TokenPurpose.SESSION: SESSION,
        TokenPurpose.ACTIVATION: SESSION,
        TokenPurpose.CALL: LONGEST_CALL,
        TokenPurpose.PLACE: Place(after="a"),
        TokenPurpose.AUDIT_PLACE: AuditPlace(
            reader="r", reference="", person="p", object_id="o", actor="", since=MONDAY_MORNING, until=LATER, after="a"
        ),
        TokenPurpose.COVERAGE_PLACE: Place(after="b"),
    }
    token = TOKENS.seal(sealed_for, values[sealed_for])
    if sealed_for is used_as:
        assert TOKENS.open(used_as, token, type(values[used_as]))
    else:
        with pytest.raises(Refused):
            TOKENS.open(used_as, token, type(values[sealed_for]))


@pytest.mark.parametrize("change", [lambda t: t[:-4], lambda t: t + "AAAA", lambda t: t[:40] + "AAAA" + t[44:]])
@pytest.mark.parametrize(("purpose", "no"), [(TokenPurpose.RESET, Refused), (TokenPurpose.SESSION, SignInRequired)])
def test_an_altered_token_is_refused(purpose: TokenPurpose, no: type[Exception], change: object) -> None:
    """Cut, extended or changed. The error is Refused; for a session the one that asks to sign in."""
    token = TOKENS.seal(purpose, SESSION)
    with pytest.raises(no):
        TOKENS.open(purpose, change(token), Session)


def test_a_session_survives_a_key_rotation_until_its_key_is_removed() -> None:
    """A person who signed in before the rotation stays signed in while the old version is available."""
    token = TOKENS.seal(TokenPurpose.SESSION, SESSION)
    assert some_tokens((1, 2)).open(TokenPurpose.SESSION, token, Session) == SESSION
    with pytest.raises(SignInRequired):
        some_tokens((2,)).open(TokenPurpose.SESSION, token, Session)


def test_a_token_value_that_is_too_long_raises() -> None:
    """It is a programming error. A longer token would reveal something."""
    with pytest.raises(ValueError, match="bytes"):
        TOKENS.seal(TokenPurpose.VERIFICATION, replace(LONGEST, id="v" * 2000))
