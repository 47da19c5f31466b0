"""Tokens: sealed for one purpose, of one length, and refused when anybody else made them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.sealed_tokens import PLAIN_BYTES, TOKEN_LIMIT
from shared.domain.account import AccountKey, ObjectId
from shared.domain.errors import Refused, SignInRequired
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.verification import Challenge, PassedGate, ResetGrant, Sent, Verification, granted
from shared.ports.tokens import TokenPurpose
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.keys import some_tokens

TOKENS = some_tokens()
LATER = MONDAY_MORNING + timedelta(minutes=15)
LONG = "a" * 52
VERIFICATION = Verification(
    id="v" * 22, account=AccountKey(LONG), code_key=1, started_at=MONDAY_MORNING, expires_at=LATER, idle_at=LATER
)
SESSION = Session(
    account=AccountKey(LONG), object_id=ObjectId("id"), roles=("administrator",), issued_at=MONDAY_MORNING,
    expires_at=LATER,
)  # fmt: skip
LONGEST = replace(
    VERIFICATION,
    version="v" * 22,
    code_key=9999,
    started_at=MONDAY_MORNING + timedelta(microseconds=1),
    passed=(PassedGate(gate=1, method="authenticator_app", destination=LONG),),
    challenge=Challenge(gate=2, method="authenticator_app", channel="voice", send=5),
    sends=(Sent(method="authenticator_app", at=MONDAY_MORNING + timedelta(microseconds=1)),) * 5,
)


def test_what_was_sealed_opens() -> None:
    """Every field, to the microsecond."""
    for purpose, value in (
        (TokenPurpose.VERIFICATION, VERIFICATION),
        (TokenPurpose.VERIFICATION, LONGEST),
        (TokenPurpose.RESET, granted(LONGEST, MONDAY_MORNING, Policy())),
        (TokenPurpose.SESSION, SESSION),
    ):
        assert TOKENS.open(purpose, TOKENS.seal(purpose, value), type(value)) == value


def test_all_are_of_one_length_and_within_the_limit_of_a_request() -> None:
    """A length that told the number of gates would tell who has methods (R-01)."""
    values = (VERIFICATION, LONGEST, replace(VERIFICATION, version="x"))
    lengths = {len(TOKENS.seal(TokenPurpose.VERIFICATION, value)) for value in values}
    assert len(lengths) == 1
    assert lengths.pop() <= TOKEN_LIMIT
    assert PLAIN_BYTES < TOKEN_LIMIT


@pytest.mark.parametrize("sealed_for", list(TokenPurpose))
@pytest.mark.parametrize("used_as", list(TokenPurpose))
def test_one_never_serves_as_another(sealed_for: TokenPurpose, used_as: TokenPurpose) -> None:
    """Even where the fields would fit (R-29)."""
    kinds = {TokenPurpose.VERIFICATION: Verification, TokenPurpose.RESET: ResetGrant, TokenPurpose.SESSION: Session}
    values = {
        TokenPurpose.VERIFICATION: VERIFICATION,
        TokenPurpose.RESET: granted(VERIFICATION, MONDAY_MORNING, Policy()),
        TokenPurpose.SESSION: SESSION,
    }
    token = TOKENS.seal(sealed_for, values[sealed_for])
    if sealed_for is used_as:
        assert TOKENS.open(used_as, token, kinds[used_as])
    else:
        with pytest.raises(Refused):
            TOKENS.open(used_as, token, kinds[sealed_for])


@pytest.mark.parametrize("change", [lambda t: t[:-4], lambda t: t + "AAAA", lambda t: t[:40] + "AAAA" + t[44:]])
@pytest.mark.parametrize(("purpose", "no"), [(TokenPurpose.RESET, Refused), (TokenPurpose.SESSION, SignInRequired)])
def test_an_altered_token_is_refused(purpose: TokenPurpose, no: type[Exception], change: object) -> None:
    """Cut, extended or changed: the one public no, and for a session the one that asks to sign in."""
    token = TOKENS.seal(purpose, SESSION)
    with pytest.raises(no):
        TOKENS.open(purpose, change(token), Session)


def test_a_token_outlives_the_rotation_of_its_key_while_that_is_held() -> None:
    """Signed in before, still signed in after; and gone with the key."""
    token = TOKENS.seal(TokenPurpose.SESSION, SESSION)
    assert some_tokens((1, 2)).open(TokenPurpose.SESSION, token, Session) == SESSION
    with pytest.raises(SignInRequired):
        some_tokens((2,)).open(TokenPurpose.SESSION, token, Session)


def test_a_value_that_does_not_fit_is_a_fault_of_ours() -> None:
    """Loud, and never a longer token."""
    with pytest.raises(ValueError, match="bytes"):
        TOKENS.seal(TokenPurpose.VERIFICATION, replace(LONGEST, id="v" * 2000))
