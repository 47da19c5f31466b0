"""HTTP: sign in to register."""

import azure.functions as func

from functions._capacity import Load
from functions._contract import SessionAnswer
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import Limited, SignInRequired
from shared.validation.fields import Identifier, Password
from shared.validation.model import Request

bp = func.Blueprint()


class SessionRequest(Request):
    """Sign in with the directory's own name and password."""

    identifier: Identifier
    password: Password


@endpoint(bp, "POST", "v1/session", refuses=(SignInRequired, Limited), load=Load.BEGINS | Load.HASHES)
async def session_start(call: Call, body: SessionRequest) -> SessionAnswer:
    """Exchange a name and a password for a session token."""
    from shared.usecases.sign_in import SignIn

    sign_in = call.service.use(SignIn)
    token, expires_at = await sign_in(body.identifier, body.password, call.trail, client=call.client)
    return SessionAnswer(token=token, expires_at=expires_at)
