"""Seal and open imports, and admit the administrators who begin and look at them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

from shared.domain.account import AccountKey
from shared.domain.errors import NotAllowed, NotFound, TryAgain
from shared.domain.imports import Import, Marks, Portion, State
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.imports import Imports, Part
from shared.ports.keyring import Keyring
from shared.ports.store import Conflict
from shared.usecases._staff import Actor, Staff
from shared.validation.records import decode, encode

T = TypeVar("T")

RACES: Final = 5

CLAIM: Final = timedelta(seconds=30)
"""How long who works on an import is left alone. It is renewed for each portion, and a kill costs this time."""


@dataclass(frozen=True, slots=True)
class SealedImports:
    """The ports for imports. What an import has in it is sealed for this import and this part of it."""

    imports: Imports
    staff: Staff
    keyring: Keyring
    clock: Clock

    async def admitted(
        self, token: str, right: Right, import_id: str, trail: Trail, reason: str = ""
    ) -> tuple[Actor, Import]:
        """Admit whoever may look at this import, or steer it. Raises NotFound and what `Staff.admit` does.

        Somebody whose role has a scope may do that to their own imports alone.
        """
        actor = await self.staff.admit(token, right, trail, reason)
        found, _ = await self.read(import_id)
        if found.actor != actor.account and not actor.reaches_everybody:
            raise self.staff.refused(trail, actor, "", "out_of_scope")
        return actor, found

    async def own(self, token: str, right: Right, import_id: str, trail: Trail) -> tuple[Actor, Import]:
        """Admit who began the import, for what shows contacts or codes. Raises NotFound and what `Staff.admit` does."""
        actor, found = await self.admitted(token, right, import_id, trail)
        if found.actor != actor.account:
            raise NotAllowed
        return replace(actor, reason=found.reason), found

    async def read(self, import_id: str) -> tuple[Import, str]:
        """Return the import and its revision. Raises NotFound and StoreLost."""
        stored = await self.imports.read(import_id)
        if stored is None:
            raise NotFound
        return self.opened(Import, stored[0], import_id, "import"), stored[1]

    async def move(self, import_id: str, to: State, *before: State) -> tuple[Import, bool]:
        """Return the import, and whether it was moved from one of these states. Raises NotFound and TryAgain.

        Nobody is taken to be working on it any more.
        """
        for _ in range(RACES):
            found, revision = await self.read(import_id)
            if found.state not in before:
                return found, False
            moved = await self._changed(replace(found, state=to, busy_until=None), revision)
            if moved is not None:
                return moved[0], True
        raise TryAgain

    async def claimed(self, found: Import, revision: str) -> tuple[Import, str] | None:
        """Return the import to work on, and its revision. None if it is not running, or somebody works on it.

        Raises StoreLost. Where the clocks of two instances differ, two may work on it.
        """
        is_busy = found.busy_until is not None and self.clock.now() < found.busy_until
        return None if is_busy else await self.kept(found, revision)

    async def kept(self, of: Import, revision: str) -> tuple[Import, str] | None:
        """Return the import with a claim that lasts again. None if it was cancelled, or somebody else changed it."""
        if of.state is not State.RUNNING:
            return None
        return await self._changed(replace(of, busy_until=self.clock.now() + CLAIM), revision)

    async def released(self, of: Import, revision: str) -> None:
        """End the claim, so that the next message need not wait for it."""
        await self._changed(replace(of, busy_until=None), revision)

    async def _changed(self, to: Import, revision: str) -> tuple[Import, str] | None:
        try:
            return to, await self.imports.change(to.id, self.sealed(to, to.id, "import"), revision)
        except Conflict:
            return None

    async def marks(self, of: Import) -> dict[int, Marks]:
        """Return the marks of the settled portions, by number. Raises StoreLost."""
        return {number: decode(Marks, text) for number, text in (await self.imports.settled(of.id)).items()}

    async def portions(self, of: Import, part: Part, kind: type[T]) -> list[T]:
        """Return that part of every portion that has it, in order. Raises StoreLost."""
        found = sorted((await self.imports.parts(of.id, part)).items())
        return [self.opened(kind, text, of.id, f"{part}-{number}") for number, text in found]

    async def portion(self, of: Import, part: Part, number: int, kind: type[T]) -> T | None:
        """Return that part of one portion. Raises StoreLost."""
        text = await self.imports.part(of.id, part, number)
        return None if text is None else self.opened(kind, text, of.id, f"{part}-{number}")

    async def plan(self, of: Import, number: int, plan: Portion) -> Portion:
        """Write the plan of a portion, and return the one that was written first: maybe by an earlier delivery."""
        try:
            await self.imports.plan(of.id, number, self.sealed(plan, of.id, f"plan-{number}"))
        except Conflict:
            return await self.portion(of, "plan", number, Portion) or plan
        return plan

    async def settle(self, of: Import, number: int, done: Portion, marks: Marks) -> None:
        """Write the verdicts of a portion, if no other delivery has."""
        try:
            await self.imports.settle(of.id, number, self.sealed(done, of.id, f"done-{number}"), encode(marks))
        except Conflict:
            return

    def sealed(self, value: object, import_id: str, what: str) -> str:
        return self.keyring.seal(encode(value), account=AccountKey(import_id), purpose=what)

    def opened(self, kind: type[T], text: str, import_id: str, what: str) -> T:
        return decode(kind, self.keyring.open(text, account=AccountKey(import_id), purpose=what), lenient=True)

    def record(self, trail: Trail, tag: Tag, of: Import, actor: Actor) -> None:
        """Leave an event about the whole import."""
        self.staff.record(trail, tag, actor, verification=of.id)
