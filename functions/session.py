"""HTTP: sign in to register."""

import azure.functions as func

from functions._capacity import Load
from functions._contract import SessionAnswer
from functions._function import endpoint
from functions._http import Call
from shared.domain.account import PasswordState
from shared.domain.errors import BotCheckRequired, Limited, SignInRequired
from shared.validation.fields import BotCheckSolution, Identifier, Password
from shared.validation.model import Request

bp = func.Blueprint()


class SessionRequest(Request):
    """Sign in with the directory's own name and password. A `bot_check` that is no solution asks for a check."""

    identifier: Identifier
    password: Password
    bot_check: BotCheckSolution | None = None


@endpoint(
    bp,
    "POST",
    "v1/session",
    refuses=(SignInRequired, BotCheckRequired, Limited),
    load=Load.BEGINS | Load.HASHES,
)
async def session_start(call: Call, body: SessionRequest) -> SessionAnswer:
    """Exchange a name and a password for a session token."""
    from shared.usecases.sign_in import SignIn

    sign_in, solution = call.service.use(SignIn), body.bot_check or ""
    token, session = await sign_in(
        body.identifier, body.password, call.trail_of_page, client=call.client, solution=solution
    )
    expires_in, state = call.service.adapters.policy.session_seconds, session.password_state
    return SessionAnswer(
        token=token,
        expires_at=session.expires_at,
        expires_in=expires_in,
        password_change_required=state is not PasswordState.FINE,
        password_change_reason=None if state is PasswordState.FINE else state,
    )
