"""What a run of `remind` reads where few of many registrations are due, and what a killed run leaves.

    people    registrations, of which all but the due ones fall due in the next two days
    due       registrations whose reminder may be sent now

The timer must read the entries that are due, a page of 1,000 at a time, and each delivery its own row; nothing of the
others. At the end a run is killed half way, and another one is repeated: everybody has one reminder.

    ./sesame bench reminders [PEOPLE] [DUE]    100,000 and 500 if they are not given
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from bench._store import store
from bench.upkeep import AT_ONCE, insert
from local.registered_person import registered_person, where_it_is_noon
from shared.domain.account import AccountKey, ObjectId
from shared.domain.person import Person
from shared.domain.reminders import index_hour
from shared.usecases._reminding import AMBIGUOUS_AFTER
from shared.usecases.remind import Remind
from tests.integration.in_process import Bench as Instance
from tests.integration.in_process import bench as instance

DAYS: Final = 180


async def main() -> int:
    """Measure and print; fail if others were read, or if somebody has no reminder or two."""
    given = [int(text) for text in sys.argv[1:]]
    people, due = (*given, *(100_000, 500)[len(given) :])
    with store() as environment:
        keys = {name: value for name, value in environment.items() if name.startswith("SESAME_")}
        async with instance(environment["SESAME_STORAGE_CONNECTION"], "{}", keys) as running:
            await _fill(running, people - due, due)
            return await _measure(running, people, due)


async def _fill(running: Instance, later: int, due: int) -> None:
    """Write the entries of all, and the rows of those that are due: the others' would only be read by mistake."""
    adapters = running.service.adapters
    now, index = adapters.clock.now(), adapters.due
    rows = [_overdue(running, number) for number in range(due)]
    places = asyncio.Semaphore(AT_ONCE)

    async def write(row: Person) -> None:
        async with places:
            await adapters.people.write(row, None)

    await asyncio.gather(*map(write, rows))
    others = [AccountKey(adapters.keyring.digest("later", str(number))) for number in range(later)]
    entries = [(index.partition(row.reminder_day, row.account), row.account) for row in rows]
    entries += [
        (index.partition(index_hour(now + timedelta(hours=1 + number % 48)), key), key)
        for number, key in enumerate(others)
    ]
    await insert(index.table, iter(sorted(entries)))
    running.calls()


def _overdue(running: Instance, number: int) -> Person:
    adapters, now = running.service.adapters, running.service.adapters.clock.now()
    return registered_person(
        adapters.keyring,
        ObjectId(f"due{number}"),
        {"email": f"due{number}@mail.example"},
        at=now - timedelta(days=DAYS + 7),
        time_zone=where_it_is_noon(now),
        reminder_day=index_hour(now),
    )


async def _measure(running: Instance, people: int, due: int) -> int:
    remind, began = running.service.use(Remind), time.perf_counter()
    await remind()
    run, seconds = running.calls(), time.perf_counter() - began
    print(f"Python {sys.version.split()[0]}; {people:,} registrations, {due:,} due")
    print(f"one run of remind: {seconds:.1f} s, {len(running.orders):,} orders, {_told(run)}")
    killed = [asyncio.create_task(running.deliver(order)) for order in running.orders[: due // 2]]
    while len(running.drawer.messages) < due // 8:
        await asyncio.sleep(0.001)
    for task in killed:  # in the middle of whatever each of them does
        task.cancel()
    await asyncio.gather(*killed, return_exceptions=True)
    print(f"killed after {len(running.drawer.messages):,} reminders")
    running.calls()
    await _deliver(running, list(running.orders))
    print(f"repeated: {_told(running.calls())}")
    await asyncio.sleep(AMBIGUOUS_AFTER.total_seconds())
    running.orders.clear()
    await remind()
    await _deliver(running, list(running.orders))
    sent = {(message.to, message.idempotency) for message in running.drawer.messages}
    left = len([entry async for entry in running.service.adapters.due.due(running.service.adapters.clock.now())])
    print(f"{len(sent):,} reminders to {len({to for to, _ in sent}):,} people, {left:,} entries left")
    one_each = len(sent) == len({to for to, _ in sent}) == due and not left
    return 0 if one_each and run == {"GET Due": 2 + (due - 1) // 1000} else 1


async def _deliver(running: Instance, orders: Sequence[Any]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def deliver(order: Any) -> None:
        async with places:
            await running.deliver(order)

    await asyncio.gather(*map(deliver, orders))


def _told(calls: Counter[str]) -> str:
    return ", ".join(f"{count:,} {call}" for call, count in sorted(calls.items()))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
