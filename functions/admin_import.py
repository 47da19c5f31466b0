"""HTTP: follow an import, and fetch its verdicts and letters, for an administrator."""

from datetime import datetime
from typing import Annotated, Any, Literal

import azure.functions as func
from pydantic import Field

from functions._contract import ACTIVATION_PAGE, Reason
from functions._function import endpoint
from functions._http import Call
from functions._imports import ImportAnswer, ImportId, answer_of
from functions._shapes import CSV, Shape, csv_answer
from shared.domain.activation import shown
from shared.domain.roles import Right
from shared.methods import COLUMN_NAMES
from shared.validation.fields import WHOLE
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class CellAnswer(Answer):
    """What became of one cell; `reason` is a stable word."""

    column: str
    verdict: Literal["prefilled", "unchanged", "refused"]
    reason: str | None


class VerdictAnswer(Answer):
    """What became of one row; `code` says why not all of it was taken."""

    row: int = Field(description="the line of the file where it begins, or its place in the list; from 1")
    identifier: str
    verdict: Literal["created", "prefilled", "unchanged", "refused"]
    code: str | None
    cells: tuple[CellAnswer, ...]
    duplicate_of: int | None = Field(description="the row of this import that has the same person")
    activation: str | None = Field(description="`issued`, or why no code was; null where none was asked for")


class VerdictsAnswer(Answer):
    """A verdict for each row that is done, in order."""

    verdicts: tuple[VerdictAnswer, ...]


class SteerRequest(Request):
    """Say why."""

    reason: Reason


class LettersRequest(Request):
    """From where to go on: the `next` of the answer before."""

    after: Annotated[int, Field(ge=0, le=10_000_000), WHOLE] = 0


class LetterAnswer(Answer):
    """One activation code. The same again as long as it is good."""

    row: int
    identifier: str
    code: str = Field(description="in groups, to be given to the person and to nobody else")
    expires_at: datetime
    first_password: bool = Field(description="the person never had a password here, and will choose the first one")
    language: str | None = Field(description="that of messages to the person")


class LettersAnswer(Answer):
    """Some letters, and what all of them say."""

    letters: tuple[LetterAnswer, ...]
    next: int | None = Field(description="null at the end")
    page: str = Field(description="the address where a code is entered; it is all that a QR code may hold")
    organisation: str
    helpdesk: str


@endpoint(bp, "GET", "v1/admin/prefill/{job}", needs=Right.READ_IMPORTS)
async def admin_import_view(call: Call, job: ImportId) -> ImportAnswer:
    """Show how far an import has come."""
    from shared.usecases.view_import import ViewImport

    return answer_of(await call.service.use(ViewImport)(call.bearer, job, call.trail))


@endpoint(bp, "GET", "v1/admin/prefill/{job}/verdicts", needs=Right.READ_IMPORTS)
async def admin_import_verdicts(call: Call, job: ImportId) -> VerdictsAnswer:
    """Return the verdicts on the rows that are done, to who began the import."""
    from shared.usecases.view_import import ViewImport

    _, found = await call.service.use(ViewImport).verdicts(call.bearer, job, call.trail)
    return VerdictsAnswer(verdicts=tuple(VerdictAnswer.of(verdict) for _, verdict in found))


@endpoint(bp, "GET", "v1/admin/prefill/{job}/file", needs=Right.READ_IMPORTS, shape=Shape(answers=CSV))
async def admin_import_file(call: Call, job: ImportId) -> str:
    """Return the verdicts and what was given as CSV, to who began the import; corrected, it can be imported again."""
    from shared.usecases.view_import import ViewImport
    from shared.validation.verdict_file import verdict_file

    made, found = await call.service.use(ViewImport).verdicts(call.bearer, job, call.trail)
    return csv_answer(verdict_file(found, [column for column in COLUMN_NAMES if column in made.read], made.read))


@endpoint(bp, "POST", "v1/admin/prefill/{job}/cancel", needs=Right.PREFILL)
async def admin_import_cancel(call: Call, job: ImportId, body: SteerRequest) -> ImportAnswer:
    """Cancel an import: what is done stays, and nothing more is done."""
    from shared.usecases.steer_import import SteerImport
    from shared.usecases.view_import import ViewImport

    steered = await call.service.use(SteerImport).cancel(call.bearer, job, body.reason, call.trail)
    return answer_of(await call.service.use(ViewImport).progress(steered))


@endpoint(bp, "POST", "v1/admin/prefill/{job}/resume", needs=Right.PREFILL)
async def admin_import_resume(call: Call, job: ImportId, body: SteerRequest) -> ImportAnswer:
    """Have an import go on that was cancelled, or that does not advance."""
    from shared.usecases.steer_import import SteerImport
    from shared.usecases.view_import import ViewImport

    steered = await call.service.use(SteerImport).resume(call.bearer, job, body.reason, call.trail)
    return answer_of(await call.service.use(ViewImport).progress(steered))


@endpoint(bp, "POST", "v1/admin/prefill/{job}/letters", needs=Right.PREFILL)
async def admin_import_letters(call: Call, job: ImportId, body: LettersRequest) -> LettersAnswer:
    """Show the activation codes that an import issued and that are still good, some at a time, to who began it."""
    from shared.usecases.letters_of_import import LettersOfImport

    letters, further = await call.service.use(LettersOfImport)(call.bearer, job, body.after, call.trail)
    settings = call.service.settings
    return LettersAnswer(
        letters=tuple(LetterAnswer(**{**_fields(letter), "code": shown(letter.code)}) for letter in letters),
        next=further,
        page=settings.web_origin + ACTIVATION_PAGE,
        organisation=settings.organisation.name,
        helpdesk=settings.organisation.helpdesk,
    )


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
