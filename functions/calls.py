"""HTTP: what the provider reports about a call that speaks a code."""

from typing import Annotated, Any

import azure.functions as func
from pydantic import Field

from functions._contract import EmptyAnswer
from functions._function import WITH_A_BODY, endpoint
from functions._http import Call
from shared.domain.errors import Refused

bp = func.Blueprint()

CallEvents = Annotated[list[dict[str, Any]], Field(description="CloudEvents 1.0 (JSON batch) of Call Automation")]
CallToken = Annotated[str, Field(min_length=1, max_length=2048, description="names the call; it is sealed")]


@endpoint(bp, "POST", "v1/calls/{call_token}", refuses=(Refused, *WITH_A_BODY), reads=CallEvents)
async def calls(call: Call, call_token: CallToken) -> EmptyAnswer:
    """Report about a call, as the provider of calls does, with its signed token.

    Everything else gets one answer, whatever is wrong with it. So the body is read last.
    """
    from shared.usecases.conduct_call import ConductCall
    from shared.validation.call_reports import call_reports

    conduct = call.service.use(ConductCall)
    admitted = await conduct.admit(call_token, call.bearer_or_none)
    await conduct(admitted, call.body_read_by(call_reports), call.trail)
    return EmptyAnswer()
