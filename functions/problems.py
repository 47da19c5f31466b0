"""HTTP: explain a refusal by its stable code. The `type` of each problem document is this address (M15)."""

from typing import Annotated

import azure.functions as func
from pydantic import Field

from functions._contract import codes, kinds
from functions._function import endpoint
from functions._http import PROBLEMS, Call, status_of
from shared.domain.errors import NotFound
from shared.validation.model import Answer

bp = func.Blueprint()

Code = Annotated[str, Field(json_schema_extra={"enum": codes()})]


class ProblemExplained(Answer):
    """A problem of the catalogue, in the caller's language (`Accept-Language`)."""

    type: str
    code: Code
    statuses: tuple[int, ...] = Field(description="of the answers that have this code")
    title: str
    explanation: str = Field(description="why it happens")
    next_step: str


@endpoint(bp, "GET", f"{PROBLEMS}/{{code}}", load=None)
async def problem_explained(call: Call, code: Code) -> ProblemExplained:
    """What does this problem mean, and what can I do?"""
    from shared.messages.problems import problem_explanation, problem_text

    if code not in codes():
        raise NotFound
    title, next_step = problem_text(code, call.language)
    return ProblemExplained(
        type=f"/api/{PROBLEMS}/{code}",
        code=code,
        statuses=tuple(sorted({status_of(kind) for kind in kinds() if kind.code == code})),
        title=title,
        explanation=problem_explanation(code, call.language),
        next_step=next_step,
    )
