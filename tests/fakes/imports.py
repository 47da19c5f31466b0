"""Imports and their orders in memory."""

from collections.abc import Mapping, Sequence

from shared.ports.imports import Part
from shared.ports.store import Conflict, StoreLost


class MemoryImports:
    def __init__(self) -> None:
        self.imports: dict[str, tuple[str, int]] = {}
        self.portions: dict[tuple[str, str, int], str] = {}

    async def add(self, import_id: str, text: str, portions: Sequence[str]) -> None:
        self.portions |= {(import_id, "rows", n): each for n, each in enumerate(portions)}
        self.imports[import_id] = (text, 1)

    async def read(self, import_id: str) -> tuple[str, str] | None:
        found = self.imports.get(import_id)
        return (found[0], str(found[1])) if found else None

    async def change(self, import_id: str, text: str, revision: str) -> str:
        if str(self.imports[import_id][1]) != revision:
            raise Conflict
        self.imports[import_id] = (text, int(revision) + 1)
        return str(int(revision) + 1)

    async def part(self, import_id: str, part: Part, number: int) -> str | None:
        return self.portions.get((import_id, part, number))

    async def plan(self, import_id: str, number: int, text: str) -> None:
        self._put(import_id, number, {"plan": text})

    async def settle(self, import_id: str, number: int, text: str, marks: str) -> None:
        self._put(import_id, number, {"done": text, "mark": marks})

    async def settled(self, import_id: str) -> Mapping[int, str]:
        return self._all(import_id, "mark")

    async def parts(self, import_id: str, part: Part) -> Mapping[int, str]:
        return self._all(import_id, part)

    def _all(self, import_id: str, part: str) -> dict[int, str]:
        return {n: text for (of, kind, n), text in sorted(self.portions.items()) if (of, kind) == (import_id, part)}

    def _put(self, import_id: str, number: int, texts: dict[str, str]) -> None:
        if any((import_id, kind, number) in self.portions for kind in texts):
            raise Conflict
        self.portions |= {(import_id, kind, number): text for kind, text in texts.items()}


class MemoryImportOrders:
    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_lost = False

    async def send(self, import_id: str) -> None:
        if self.is_lost:
            raise StoreLost
        self.sent.append(import_id)
