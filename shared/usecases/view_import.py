"""Show an administrator how far an import has come, and what became of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from shared.domain.imports import Import, Portion, Row, Verdict
from shared.domain.roles import Right
from shared.domain.trail import Trail
from shared.usecases._imports import SealedImports

RESULTS: Final = ("created", "prefilled", "unchanged", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """An import, and how many of its rows have which verdict. Rows without one are still to do."""

    of: Import
    verdicts: Mapping[str, int] = field(default_factory=dict)
    faults: int = 0
    """Rows of which something was not taken."""
    activations: int = 0

    @property
    def done(self) -> int:
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class ViewImport:
    """Numbers are for every administrator, and rows for who began the import: they name people and their contacts."""

    sealed_imports: SealedImports

    async def __call__(self, token: str, import_id: str, trail: Trail) -> Progress:
        """Return the progress. Raises SignInRequired, NotAllowed, NotFound and TryAgain."""
        _, found = await self.sealed_imports.admitted(token, Right.READ_IMPORTS, import_id, trail)
        return await self.progress(found)

    async def progress(self, of: Import) -> Progress:
        """Return the progress of an import that was just read."""
        marks = (await self.sealed_imports.marks(of)).values()
        counts = {result: sum(one.verdicts.get(result, 0) for one in marks) for result in RESULTS}
        faults, activations = (sum(getattr(one, name) for one in marks) for name in ("faults", "activations"))
        return Progress(of=of, verdicts=counts, faults=faults, activations=activations)

    async def verdicts(self, token: str, import_id: str, trail: Trail) -> tuple[Import, list[tuple[Row, Verdict]]]:
        """Return the rows that have a verdict, each with it. Raises the same as above."""
        _, found = await self.sealed_imports.own(token, Right.READ_IMPORTS, import_id, trail)
        rows = await self.sealed_imports.portions(found, "rows", tuple[Row, ...])
        by_line = {row.line: row for portion in rows for row in portion}
        done = await self.sealed_imports.portions(found, "done", Portion)
        verdicts = (one.verdict for portion in done for one in portion.settled)
        return found, [(by_line[verdict.row], verdict) for verdict in verdicts]
