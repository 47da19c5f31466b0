"""AuditLog: append-only rows by day and shard, kept for a year (R-105)."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.adapters.azure_tables._table import Table
from shared.domain.trail import AuditEvent
from shared.ports.store import Conflict

SHARDS: Final = 16
KEPT: Final = timedelta(days=365)
PURGED_AT_ONCE: Final = 2000


@dataclass(frozen=True, slots=True)
class TableAuditLog:
    table: Table

    async def record(self, event: AuditEvent, *, delivery: str) -> None:
        digest = hashlib.sha256(delivery.encode()).hexdigest()
        partition = f"{event.at:%Y%m%d}-{int(digest[0], 16) % SHARDS:x}"
        # The key is ordered by time, and the same for every delivery of one message. A second insert is a conflict.
        row = f"{event.at:%H%M%S%f}-{digest[:16]}"
        try:
            await self.table.insert(partition, row, {**asdict(event), "tag": event.tag.value})
        except Conflict:
            return

    async def purge(self, now: datetime) -> int:
        """Delete events that are older than a year."""
        last = (now - KEPT).strftime("%Y%m%d")
        count = 0
        async for row in self.table.query("PartitionKey lt @last", {"last": last}, page=PURGED_AT_ONCE):
            await self.table.delete(row.values["PartitionKey"], row.values["RowKey"])
            count += 1
            if count >= PURGED_AT_ONCE:
                break
        return count
