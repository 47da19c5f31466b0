"""Table calls of a person's timeline, of a page of the audit log, and of the coverage, as the number of people grows.

Each person has an event of the same day. None of the calls may depend on how many people there are.

    ./sesame bench audit [MOST]    the largest number of people, 20,000 if it is not given
"""

import asyncio
import sys
import time
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bench._store import store
from shared.adapters.azure_tables.audit_log import partition_of
from shared.domain.account import ObjectId
from shared.domain.coverage import Standing
from shared.domain.trail import AuditEvent, Tag
from shared.ports.audit_log import By
from shared.validation.records import encode
from shared.wiring import Adapters
from tests.integration.in_process import bench as instance

AT_ONCE: Final = 4
PAGE: Final = 100
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
READY: Final = Standing(object_id="", enabled=True, privileged=False, registered=True, methods=("email",), capable=True)


async def main() -> int:
    """Measure and print; fail if the calls grow with the number of people."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(f"Python {sys.version.split()[0]}; people, table calls")
    print("  people  timeline    day  actor  reference  coverage  not ready   seconds to fill")
    costs = [await _measure(people) for people in (most // 100, most // 10, most)]
    print("flat" if len(set(costs)) == 1 else "NOT FLAT")
    return 0 if len(set(costs)) == 1 else 1


async def _measure(people: int) -> tuple[int, ...]:
    with store() as environment:
        keys = {name: value for name, value in environment.items() if name.startswith("SESAME_")}
        async with instance(environment["SESAME_STORAGE_CONNECTION"], "{}", keys) as running:
            adapters, began = running.service.adapters, time.perf_counter()
            one = await _fill(adapters, people)
            spent, costs = time.perf_counter() - began, []
            running.calls()
            keyed = {By.ACCOUNT: one.account, By.TIME: "", By.ACTOR: one.actor, By.REFERENCE: one.reference}
            for by, value in keyed.items():
                found = adapters.audit_log.find(by, value, one.at - DAY, one.at + MINUTE, most=PAGE)
                assert len([event async for event in found]) == (min(PAGE, people) if by is By.TIME else 1)
                costs.append(running.calls().total())
            sums = await adapters.coverage.sums(one.at.date())
            assert sums[""]["people"] == people
            costs.append(running.calls().total())
            assert len(await adapters.coverage.following("a", "", 10, not_ready=True)) == 0
            costs.append(running.calls().total())
    widths = zip(costs, (8, 5, 5, 9, 8, 9), strict=True)
    print(f"{people:8,}  {'  '.join(f'{cost:{width}}' for cost, width in widths)}  {spent:16.0f}", flush=True)
    return tuple(costs)


async def _fill(adapters: Adapters, people: int) -> AuditEvent:
    """Write an event and a standing of each person, and return the event of one of them."""
    now = adapters.clock.now()
    accounts = [adapters.keyring.account_key(ObjectId(f"person {number}")) for number in range(people)]
    events: dict[str, list[AuditEvent]] = defaultdict(list)
    shards: dict[str, list[str]] = defaultdict(list)
    for number, account in enumerate(accounts):
        event = AuditEvent(tag=Tag.SESSION_STARTED, at=now - number * DAY / people, account=account)
        events[partition_of(account)].append(event)
        shards[account[0]].append(account)
    one = replace(events[partition_of(accounts[0])][0], actor="administrator", reference="bcdfghjkmnpq")
    events[partition_of(one.account)][0] = one
    work: list[Any] = []
    for partition, some in events.items():
        parts = [some[first : first + 25] for first in range(0, len(some), 25)]
        work += [adapters.audit_log.record(part, record_id=f"{partition}-{n}") for n, part in enumerate(parts)]
    table, row = adapters.coverage.table, {"standing": encode(READY), "is_ready": True}
    for shard, mine in shards.items():
        parts_of_shard = [mine[first : first + 100] for first in range(0, len(mine), 100)]
        work += [table.insert_together(shard, [(f"p-{key}", row) for key in part]) for part in parts_of_shard]
    places = asyncio.Semaphore(AT_ONCE)

    async def placed(one: Any) -> None:
        async with places:
            await one

    await asyncio.gather(*map(placed, work))
    for shard in adapters.coverage.shards:
        await adapters.coverage.add_up(shard, now.date())
    return one


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
