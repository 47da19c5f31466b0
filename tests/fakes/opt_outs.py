"""OptOuts in memory."""

from datetime import datetime


class MemoryOptOuts:
    def __init__(self) -> None:
        self.rows: dict[str, tuple[datetime, bool]] = {}
        self.reads = 0

    async def stands(self, destination: str) -> bool:
        self.reads += 1
        return destination in self.rows and self.rows[destination][1]

    async def note(self, destination: str, *, opted_out: bool, at: datetime) -> bool:
        known = self.rows.get(destination)
        if known is not None and at <= known[0]:
            return False
        self.rows[destination] = (at, opted_out)
        return opted_out is not (known is not None and known[1])
