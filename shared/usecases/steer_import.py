"""Cancel an import, or have one go on, on an administrator's request."""

import contextlib
from dataclasses import dataclass

from shared.domain.account import AccountKey
from shared.domain.imports import Import, State, index_day
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.due_index import DueIndex
from shared.ports.import_orders import ImportOrders
from shared.ports.store import StoreLost
from shared.usecases._imports import SealedImports
from shared.usecases._staff import Actor


@dataclass(frozen=True, slots=True)
class SteerImport:
    """What is done stays done. A portion that is under way is finished first."""

    sealed_imports: SealedImports
    unfinished: DueIndex
    import_orders: ImportOrders

    async def cancel(self, token: str, import_id: str, reason: str, trail: Trail) -> Import:
        """Return the import, cancelled if it was running. Raises SignInRequired, NotAllowed, NotFound and TryAgain."""
        actor, _ = await self.sealed_imports.admitted(token, Right.PREFILL, import_id, trail, reason)
        return await self._move(actor, import_id, trail, Tag.IMPORT_CANCELLED, State.CANCELLED, State.RUNNING)

    async def resume(self, token: str, import_id: str, reason: str, trail: Trail) -> Import:
        """Return the import, running if it is not done. Raises the same as above.

        Also for one that runs and whose message may be lost. Who began it must still be an administrator.
        """
        actor, found = await self.sealed_imports.admitted(token, Right.PREFILL, import_id, trail, reason)
        if found.state is State.DONE:
            return found
        await self.unfinished.add(index_day(found.id), AccountKey(found.id))
        found = await self._move(
            actor, import_id, trail, Tag.IMPORT_RESUMED, State.RUNNING, State.CANCELLED, State.STOPPED, State.RUNNING
        )
        with contextlib.suppress(StoreLost):  # the sweep finds it in the index
            await self.import_orders.send(found.id)
        return found

    async def _move(self, actor: Actor, import_id: str, trail: Trail, tag: Tag, to: State, *before: State) -> Import:
        found, moved = await self.sealed_imports.move(import_id, to, *before)
        if moved and to is State.CANCELLED:
            await self.unfinished.remove(index_day(found.id), AccountKey(found.id))
        if moved:
            self.sealed_imports.record(trail, tag, found, actor)
        return found
