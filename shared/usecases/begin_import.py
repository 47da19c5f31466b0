"""Accept what an administrator brings in, to be worked off later (M17)."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput
from shared.domain.imports import LONGEST_BASIS, Import, Permission, Row, Wishes, index_day
from shared.domain.periods import week_of
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.methods import CONTACTS
from shared.ports.account_register import AccountRegister
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.import_orders import ImportOrders
from shared.ports.randomness import Randomness
from shared.ports.store import StoreLost
from shared.usecases._imports import SealedImports
from shared.validation.cells import Batch

ROWS_OF_A_PORTION: Final = 100
SIGNS_OF_A_ROW: Final = 300
CHARACTERS_OF_A_PORTION: Final = 100_000
"""Sealed they are far below the megabyte of a row in the table."""


@dataclass(frozen=True, slots=True)
class BeginImport:
    """Judges nothing but the request, so that the answer comes at once whatever the number of rows."""

    sealed_imports: SealedImports
    accounts_here: AccountRegister | None
    unfinished: DueIndex
    import_orders: ImportOrders
    randomness: Randomness
    clock: Clock

    async def __call__(
        self, token: str, batch: Batch, wishes: Wishes, permission: Permission | None, reason: str, trail: Trail
    ) -> Import:
        """Return the import.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, StoreLost, and InvalidInput for what this directory
        cannot do, and where contacts come without the permission of their people.
        """
        actor = await self.sealed_imports.staff.admit(token, Right.PREFILL, trail, reason)
        if wishes.create_accounts and self.accounts_here is None:
            raise InvalidInput("create_accounts", "not_offered")
        if permission is None and not wishes.dry_run and any(_has_contact(row) for row in batch.rows):
            raise InvalidInput("permission", "missing")
        if permission is not None and not permission.attested_by:
            permission = Permission(basis=permission.basis, attested_by=actor.name[:LONGEST_BASIS])
        now, portions = self.clock.now(), _portions(batch.rows)
        made = Import(
            id=f"{week_of(now)}-{self.randomness.token()}",
            actor=actor.account,
            actor_id=actor.entry.object_id,
            reason=reason,
            began_at=now,
            rows=len(batch.rows),
            portions=len(portions),
            wishes=wishes,
            permission=permission,
            read=batch.read,
            unknown_columns=batch.unknown_columns,
            secret=self.randomness.seed().hex(),
        )
        seal = self.sealed_imports.sealed
        texts = [seal(portion, made.id, f"rows-{number}") for number, portion in enumerate(portions)]
        await self.sealed_imports.imports.add(made.id, seal(made, made.id, "import"), texts)
        await self.unfinished.add(index_day(made.id), AccountKey(made.id))
        with contextlib.suppress(StoreLost):  # the sweep finds it in the index
            await self.import_orders.send(made.id)
        self.sealed_imports.record(trail, Tag.IMPORT_BEGUN, made, actor)
        return made


def _has_contact(row: Row) -> bool:
    return any(column in CONTACTS for column in row.texts)


def _portions(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    portions: list[tuple[Row, ...]] = []
    together: list[Row] = []
    size = 0
    for row in rows:
        length = SIGNS_OF_A_ROW + sum(len(text) for part in (row.texts, row.given) for text in part.values())
        if together and (len(together) == ROWS_OF_A_PORTION or size + length > CHARACTERS_OF_A_PORTION):
            portions.append(tuple(together))
            together, size = [], 0
        together.append(row)
        size += length
    return [*portions, tuple(together)] if together else portions
