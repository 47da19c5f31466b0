"""HTTP: prefill contacts, for an administrator."""

from typing import Annotated, Any, Final, Literal

import azure.functions as func
from pydantic import Field, WithJsonSchema

from functions._function import Role, endpoint
from functions._http import Call
from shared.methods import ALL, SentCodeMethod
from shared.validation.model import Answer, Request

bp = func.Blueprint()

CONTACTS: Final = tuple(name for name, method in ALL.items() if isinstance(method, SentCodeMethod))
"""The methods for which a contact can be supplied. Each is one column."""

ROW: Final = {
    "description": f"An object with the columns identifier, language, {', '.join(CONTACTS)}. A cell is text or a "
    "number; a blank cell and null are absent. What cannot be read is refused in the verdict.",
    "examples": [{"identifier": "noor.new", "language": "fr-CA", **dict.fromkeys(CONTACTS, "")}],
}
"""Rows and cells have no type: whatever one is, it is judged alone and stops no other (shared/validation/cells.py)."""


class PrefillRequest(Request):
    """Many people's contacts; `dry_run` judges and writes nothing."""

    rows: Annotated[list[Annotated[Any, WithJsonSchema(ROW)]], Field(min_length=1, max_length=5000)]
    dry_run: bool = False


class CellAnswer(Answer):
    """What became of one cell; `reason` is a stable word."""

    column: str
    verdict: Literal["prefilled", "unchanged", "refused"]
    reason: str | None


class VerdictAnswer(Answer):
    """What became of one row, numbered from 1; `code` says why not all of it was taken."""

    row: int
    identifier: str
    verdict: Literal["prefilled", "unchanged", "refused"]
    code: str | None
    cells: tuple[CellAnswer, ...]
    duplicate_of: int | None = Field(description="the row of this batch that has the same person")


class PrefillAnswer(Answer):
    """A verdict for each row, in order."""

    verdicts: tuple[VerdictAnswer, ...]
    unknown_columns: tuple[str, ...] = Field(description="each once; their cells were not read")


@endpoint(bp, "POST", "v1/admin/prefill", role=Role.ADMINISTRATOR, body_kib=lambda policy: policy.prefill_body_kib)
async def admin_prefill(call: Call, body: PrefillRequest) -> PrefillAnswer:
    """Prefill one person or thousands; a verdict for each row and each cell."""
    from shared.usecases.prefill import COLUMNS, Prefill
    from shared.validation.cells import read_batch

    batch = read_batch(body.rows, COLUMNS)
    verdicts = await call.service.use(Prefill)(call.bearer, batch.rows, call.trail, dry_run=body.dry_run)
    return PrefillAnswer(
        verdicts=tuple(VerdictAnswer.of(verdict) for verdict in verdicts), unknown_columns=batch.unknown_columns
    )
