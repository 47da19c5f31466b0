"""HTTP: bring in contacts of many people, follow the import, and fetch verdicts and letters, for an administrator."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import azure.functions as func
from pydantic import AfterValidator, Field, WithJsonSchema

from functions._contract import Reason, shown_reason
from functions._function import endpoint
from functions._http import Call
from functions._imports import ImportAnswer, answer_of
from functions._shapes import Shape, accepted, csv_of, is_csv
from shared.domain.errors import BodyTooLarge, InvalidInput, UnsupportedContent
from shared.domain.imports import LONGEST_BASIS, MOST_ROWS, Permission, Wishes
from shared.domain.policy import Policy
from shared.domain.roles import Right
from shared.methods import COLUMN_NAMES, CONTACTS, NUMBERS
from shared.validation.model import Request

if TYPE_CHECKING:  # not at a cold start
    from shared.validation.cells import Batch

bp = func.Blueprint()

ROW: Final = {
    "description": f"An object with the columns {', '.join(COLUMN_NAMES)}. A cell is text or a number; blank and null "
    "are absent. What cannot be read is refused in the verdict.",
    "examples": [{"identifier": "noor.new", "language": "fr-CA", **dict.fromkeys(CONTACTS, "")}],
}
"""Rows and cells have no type: whatever one is, it is judged alone and stops no other (shared/validation/cells.py)."""

FLAGS: Final = ("dry_run", "replace_confirmed", "create_accounts", "activation")
Word = Annotated[str, Field(min_length=3, max_length=LONGEST_BASIS), AfterValidator(shown_reason)]


class ImportOptions(Request):
    """What an import does. Beside a CSV file they are in the query: `true` and `false`, and JSON in `columns`."""

    dry_run: Annotated[bool, Field(description="judge every row, and write nothing")] = False
    replace_confirmed: Annotated[
        bool, Field(description="also where a person confirmed another contact: it is told, and still proves changes")
    ] = False
    create_accounts: Annotated[bool, Field(description="for names of nobody; the embedded directory only")] = False
    activation: Annotated[bool, Field(description="issue a code to who never confirmed a method")] = False
    permission: Annotated[
        Word | None,
        Field(description="on which basis contacts may be used, such as `form of 3 May`; shown to each person"),
    ] = None
    attested_by: Annotated[Word | None, Field(description="who says so; left out: the caller")] = None
    reason: Reason
    columns: Annotated[
        dict[Annotated[str, Field(max_length=32)], Annotated[str, Field(max_length=320)]],
        Field(max_length=16, description="header by column, where its name is not known; empty: not read"),
    ] = Field(default_factory=dict)


class PrefillRequest(ImportOptions):
    """The rows of an import, as JSON."""

    rows: Annotated[list[Annotated[Any, WithJsonSchema(ROW)]], Field(min_length=1, max_length=MOST_ROWS)]


def _size(policy: Policy) -> int:
    return policy.prefill_body_kib


@endpoint(
    bp,
    "POST",
    "v1/admin/prefill",
    needs=Right.PREFILL,
    body_kib=_size,
    reads=PrefillRequest,
    refuses=(InvalidInput, BodyTooLarge, UnsupportedContent),
    shape=Shape(status=202, query=ImportOptions),
)
async def admin_prefill(call: Call) -> ImportAnswer:
    """Accept contacts of one person or thousands, as JSON or CSV; follow the job for a verdict on each row."""
    from shared.usecases.begin_import import BeginImport
    from shared.usecases.view_import import Progress

    options, batch = await _read(call)
    wishes = Wishes(**{name: getattr(options, name) for name in FLAGS})
    word = options.permission and Permission(basis=options.permission, attested_by=options.attested_by or "")
    begin = call.service.use(BeginImport)
    made = await begin(call.bearer, batch, wishes, word or None, options.reason, call.trail)
    return accepted(answer_of(Progress(of=made)))


async def _read(call: Call) -> tuple[ImportOptions, "Batch"]:
    """Return the options and the rows. In a thread: other requests go on while a large file is read."""
    from shared.validation.cells import Columns, read_batch, read_table
    from shared.validation.columns import known
    from shared.validation.csv_table import csv_table

    if not is_csv(call):
        body = call.body(PrefillRequest)
        given = Columns(names=COLUMN_NAMES, numbers=NUMBERS, given=body.columns)
        return body, await asyncio.to_thread(read_batch, body.rows, given)
    options, file = csv_of(call, ImportOptions, _option)
    given = Columns(names=COLUMN_NAMES, numbers=NUMBERS, given=options.columns)

    def batch() -> "Batch":
        table = csv_table(file, lambda header: known(header, COLUMN_NAMES, options.columns.values()))
        if not 0 < len(table.lines) <= MOST_ROWS:
            raise InvalidInput("rows", "too_many" if table.lines else "too_short")
        return read_table(table, given)

    return options, await asyncio.to_thread(batch)


def _option(name: str, text: str) -> object:
    """Return the value of a parameter of the query, for the model to judge."""
    if name in FLAGS:
        return {"true": True, "false": False}.get(text, text)
    if name == "columns":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
