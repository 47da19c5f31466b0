"""HTTP: stop a change by the code from its notice, which looks the same for every name and code."""

from typing import Annotated

import azure.functions as func
from pydantic import Field

from functions._capacity import Load
from functions._contract import EmptyAnswer
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import BotCheckRequired, Limited
from shared.domain.objection import LENGTH
from shared.validation.fields import BotCheckSolution, Identifier
from shared.validation.model import Request

bp = func.Blueprint()

ObjectionCode = Annotated[
    str,
    Field(
        min_length=LENGTH,
        max_length=2000,
        description="the code from the notice as typed, or the notice; blanks and hyphens are ignored, O is 0, I and L "
        "are 1",
    ),
]


class ObjectionRequest(Request):
    """The name of the account, and the code from the notice of a change."""

    identifier: Identifier
    code: ObjectionCode
    bot_check: BotCheckSolution | None = None


@endpoint(bp, "POST", "v1/objection", refuses=(BotCheckRequired, Limited), load=Load.BEGINS)
async def objection(call: Call, body: ObjectionRequest) -> EmptyAnswer:
    """Say that a change was not made by you. If name and code are right, it is stopped.

    The answer does not tell whether they are.
    """
    from shared.usecases.object_to_change import ObjectToChange

    await call.service.use(ObjectToChange)(
        body.identifier, body.code, call.client, call.trail, solution=body.bot_check or ""
    )
    return EmptyAnswer()
