"""Define the answer of every endpoint that begins, shows or steers an import."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from shared.validation.model import Answer

if TYPE_CHECKING:  # not at a cold start
    from shared.usecases.view_import import Progress

ImportId = Annotated[str, Field(pattern=r"^[0-9]{8}-[A-Za-z0-9_-]{22}$")]


class ImportAnswer(Answer):
    """How far an import has come. The counts are of rows; those that are not done yet have no verdict."""

    job: str
    state: Literal["running", "done", "cancelled", "stopped"]
    dry_run: bool
    began_at: datetime
    rows: int
    done: int
    created: int
    prefilled: int
    unchanged: int
    refused: int
    faults: int = Field(description="rows of which something was not taken; their verdicts have a `code`")
    activations: int = Field(description="activation codes that were issued, or would be")
    columns: dict[str, tuple[str, ...]] = Field(description="the headers that were read, by column")
    unknown_columns: tuple[str, ...] = Field(description="each once; their cells were not read")


def answer_of(progress: "Progress") -> ImportAnswer:
    of, counts = progress.of, progress.verdicts
    return ImportAnswer(
        job=of.id,
        state=of.state.value,
        dry_run=of.wishes.dry_run,
        began_at=of.began_at,
        rows=of.rows,
        done=progress.done,
        **{name: counts.get(name, 0) for name in ("created", "prefilled", "unchanged", "refused")},
        faults=progress.faults,
        activations=progress.activations,
        columns=dict(of.read),
        unknown_columns=of.unknown_columns,
    )
