"""HTTP: sign in to register, with a password or with a token of Microsoft Entra ID."""

from typing import Annotated

import azure.functions as func
from pydantic import Field

from functions._capacity import Load
from functions._contract import SessionAnswer
from functions._function import endpoint
from functions._http import Call
from shared.domain.account import PasswordState
from shared.domain.errors import BotCheckRequired, Limited, NotFound, SignInRequired
from shared.validation.fields import BotCheckSolution, Identifier, Password
from shared.validation.model import Request

bp = func.Blueprint()


class SessionRequest(Request):
    """Sign in with the directory's own name and password. A `bot_check` that is no solution asks for a check."""

    identifier: Identifier
    password: Password
    bot_check: BotCheckSolution | None = None


class TokenRequest(Request):
    """Sign in with what Microsoft Entra ID gave to the page. Whatever is wrong with the token, the answer is one."""

    access_token: Annotated[str, Field(description="for the API of this service, as it was issued a moment ago")]


class TokenSessionAnswer(SessionAnswer):
    """A session, and whose it is: the page has not asked for a name."""

    identifier: str


@endpoint(
    bp,
    "POST",
    "v1/session",
    refuses=(NotFound, SignInRequired, BotCheckRequired, Limited),
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


@endpoint(bp, "POST", "v1/session/entra", refuses=(SignInRequired, Limited), load=Load.BEGINS)
async def session_entra(call: Call, body: TokenRequest) -> TokenSessionAnswer:
    """Exchange an access token of Microsoft Entra ID for a session token. Each is good for one exchange."""
    from shared.usecases.sign_in_with_token import SignInWithToken

    exchange = call.service.use(SignInWithToken)
    token, session = await exchange(body.access_token, call.trail_of_page, client=call.client)
    expires_in = call.service.adapters.policy.session_seconds
    return TokenSessionAnswer(
        token=token, expires_at=session.expires_at, expires_in=expires_in, identifier=session.name
    )
