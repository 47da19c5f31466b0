"""Work off an import, portion by portion (M17).

Every step finds out from the store what is left to do. So a message that comes twice, late or out of order does no
harm, and an import goes on after a kill where it was.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.errors import NotFound, TryAgain
from shared.domain.imports import SHORT, Import, Marks, Portion, Row, Settled, State, index_day, marks_of
from shared.domain.roles import Right
from shared.domain.trail import AuditEvent, Tag, Trail
from shared.ports.audit_outbox import AuditOutbox
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.import_orders import ImportOrders
from shared.ports.people import Stored
from shared.usecases._imports import SealedImports
from shared.usecases._prefilling import Given, Prefilling
from shared.usecases._staff import Actor, Staff

AT_ONCE: Final = 4
"""Rows at the same time: enough to hide the store's latency, few enough to keep the instance responsive."""

SPELL: Final = timedelta(seconds=45)
"""How long one message works. The next one goes on, so that a new version of the app need not wait for a whole import,
and a kill costs little. Far below `functionTimeout` of host.json."""


@dataclass(frozen=True, slots=True)
class WorkImport:
    """Who began it must still have the right to (rule 24), and each row is for somebody of their scope."""

    sealed_imports: SealedImports
    prefilling: Prefilling
    staff: Staff
    audit_outbox: AuditOutbox
    unfinished: DueIndex
    import_orders: ImportOrders
    clock: Clock

    async def __call__(self, import_id: str, trail: Trail) -> None:
        """Work on the import for a while, and order the rest. Raises TryAgain, and then the message comes again."""
        until = self.clock.now() + SPELL
        claim = await self._claimed(import_id)
        if claim is None:
            return
        try:
            await self._portions(*claim, until, trail)
        except TryAgain:
            with contextlib.suppress(TryAgain):  # the message comes again, and need not wait for this claim
                await self.sealed_imports.move(import_id, State.RUNNING, State.RUNNING)
            raise

    async def _portions(self, of: Import, revision: str, until: datetime, trail: Trail) -> None:
        """Work off what is left until that time. Then order the rest, or end the import."""
        marks = await self.sealed_imports.marks(of)
        left = [number for number in range(of.portions) if number not in marks]
        for number in left:
            actor = await self.staff.resume(of.actor_id, Right.PREFILL, of.reason)
            claim = await self._allowed(of, revision, actor, trail)
            if claim is None or actor is None:
                return
            of, revision = claim
            marks[number] = await self._portion(of, number, marks, actor)
            if self.clock.now() >= until and number != left[-1]:
                await self.sealed_imports.released(of, revision)
                await self.import_orders.send(of.id)
                return
        await self._end(of.id, State.DONE, trail)

    async def _claimed(self, import_id: str) -> tuple[Import, str] | None:
        """Return the import to work on. None if there is nothing to do: then it also leaves the index."""
        try:
            found, revision = await self.sealed_imports.read(import_id)
        except NotFound:  # it has expired
            await self._leave_index(import_id)
            return None
        if found.state is not State.RUNNING:
            await self._leave_index(import_id)
        return await self.sealed_imports.claimed(found, revision)

    async def _allowed(self, of: Import, revision: str, actor: Actor | None, trail: Trail) -> tuple[Import, str] | None:
        """Return the claim for another portion. None if the import was cancelled, or who began it may not any more."""
        if actor is None:
            await self._end(of.id, State.STOPPED, trail)
            return None
        return await self.sealed_imports.kept(of, revision)

    async def _end(self, import_id: str, state: State, trail: Trail) -> None:
        found, moved = await self.sealed_imports.move(import_id, state, State.RUNNING)
        if moved:
            facts = {"actor": found.actor, "reason": found.reason, "verification": found.id, "cause": state.value}
            trail.record(Tag.IMPORT_ENDED, self.clock.now(), **facts)
        await self._leave_index(import_id)

    async def _leave_index(self, import_id: str) -> None:
        await self.unfinished.remove(index_day(import_id), AccountKey(import_id))

    async def _portion(self, of: Import, number: int, earlier: dict[int, Marks], actor: Actor) -> Marks:
        """Decide about all rows of a portion, then write them, record them, and settle their verdicts."""
        rows = await self.sealed_imports.portion(of, "rows", number, tuple[Row, ...]) or ()
        places = asyncio.Semaphore(AT_ONCE)

        async def given(row: Row) -> Given:
            async with places:
                return await self._permitted(await self.prefilling.given(of, row), actor)

        all_given = await asyncio.gather(*map(given, rows))
        firsts, at = list(self._firsts(all_given, earlier)), self.clock.now()

        async def planned(one: Given, first: int | None) -> tuple[Settled, Stored | None]:
            async with places:
                return await self.prefilling.planned(of, one, first, at)

        async def applied(one: Given, what: Settled, row: Stored | None) -> Settled:
            async with places:
                return await self.prefilling.applied(of, one, what, row, plan.at)

        decided = await asyncio.gather(*map(planned, all_given, firsts))
        plan = Portion(at=at, settled=tuple(one for one, _ in decided))
        settled = plan.settled
        if not of.wishes.dry_run:
            plan = await self.sealed_imports.plan(of, number, plan)
            stored = (row for _, row in decided)
            settled = tuple(await asyncio.gather(*map(applied, all_given, plan.settled, stored)))
            await self._record(of, number, plan, settled)
        marks = marks_of(settled)
        await self.sealed_imports.settle(of, number, Portion(at=plan.at, settled=settled), marks)
        return marks

    async def _permitted(self, given: Given, actor: Actor) -> Given:
        """Return the row, refused where it is about somebody to whom the actor may not do this."""
        if given.entry is None or given.code or given.is_new:
            return given
        why = await self.staff.refusal(actor, given.entry, self.prefilling.account_of(given))
        return replace(given, code=why) if why else given

    def _firsts(self, all_given: list[Given], earlier: dict[int, Marks]) -> Iterator[int | None]:
        """Yield for each row the earlier one that takes the same person, in this portion or in one before it."""
        taken = {account: row for marks in earlier.values() for account, row in marks.taken.items()}
        for given in all_given:
            account = self.prefilling.account_of(given)[:SHORT]
            if not account or given.code:
                yield None
                continue
            first = taken.setdefault(account, given.row.line)
            yield first if first != given.row.line else None

    async def _record(self, of: Import, number: int, plan: Portion, settled: tuple[Settled, ...]) -> None:
        """Have recorded what was done, under ids by which a repetition records nothing twice."""
        events = list(self._events(of, plan, settled))
        await self.audit_outbox.send(events, record_id=f"{of.id}-{number}")

    def _events(self, of: Import, plan: Portion, settled: tuple[Settled, ...]) -> Iterator[AuditEvent]:
        for one in settled:
            what = one.verdict
            facts = {"account": one.account, "actor": of.actor, "reason": of.reason, "verification": of.id}
            if what.verdict == "created":
                yield AuditEvent(tag=Tag.ACCOUNT_CREATED, at=plan.at, **facts)
            yield AuditEvent(tag=Tag.PREFILLED, at=plan.at, cause=what.code or what.verdict, **facts)
            if what.activation == "issued" and what.verdict in {"created", "prefilled"}:
                serial = self.prefilling.serial(of, what.row)
                yield AuditEvent(tag=Tag.ACTIVATION_ISSUED, at=plan.at, **{**facts, "verification": serial})
