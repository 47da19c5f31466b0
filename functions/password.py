"""HTTP: change a known password, and check a candidate against the password rules while it is typed."""

import azure.functions as func
from pydantic import Field

from functions._capacity import Load
from functions._contract import SessionAnswer
from functions._function import endpoint
from functions._http import Call
from functions._needs import Needs
from shared.domain.errors import Frozen, Limited, NotFound, OutcomeUnknown, PasswordRefused, Refused
from shared.domain.password_rules import Rule
from shared.validation.fields import Candidate, Password, Token
from shared.validation.model import Answer, Request

bp = func.Blueprint()

REFUSES = (NotFound, Refused, Frozen, PasswordRefused, Limited, OutcomeUnknown)


class ChangePasswordRequest(Request):
    """Change a known password."""

    current_password: Password
    new_password: Candidate


class PasswordCheckRequest(Request):
    """A candidate password to be held against the rules, and with `reset_token` against the person's names too."""

    new_password: Candidate
    reset_token: Token | None = None


class RuleAnswer(Answer):
    """One password rule and its verdict; `limit` is in characters, for the rules on length."""

    rule: Rule
    passed: bool | None = Field(description="null: not known before the name is")
    limit: int | None


class PasswordCheckAnswer(Answer):
    """Every rule, in the order in which a page shows them. `accepted`: no rule is broken as far as is known."""

    accepted: bool
    rules: tuple[RuleAnswer, ...]


@endpoint(bp, "POST", "v1/me/password", needs=Needs.SIGNED_IN, refuses=REFUSES, load=Load.HASHES)
async def me_password_change(call: Call, body: ChangePasswordRequest) -> SessionAnswer:
    """Change a known password; the session that comes back replaces every earlier one."""
    from shared.usecases.change_password import ChangePassword

    token, expires_at = await call.service.use(ChangePassword)(
        call.bearer, body.current_password, body.new_password, call.trail_of_page, client=call.client
    )
    expires_in = call.service.adapters.policy.session_seconds
    return SessionAnswer(token=token, expires_at=expires_at, expires_in=expires_in)


@endpoint(bp, "POST", "v1/password/check")
async def password_check(call: Call, body: PasswordCheckRequest) -> PasswordCheckAnswer:
    """Hold a candidate against the rules; it is neither logged nor stored."""
    from shared.usecases.check_password import CheckPassword

    check = call.service.use(CheckPassword)
    results = await check(body.new_password, call.trail, token=body.reset_token, client=call.client)
    rules = tuple(RuleAnswer.of(result) for result in results)
    return PasswordCheckAnswer(accepted=all(rule.passed is not False for rule in rules), rules=rules)
