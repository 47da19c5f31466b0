"""Is a reset behind one address of many people, such as an office's, as quick as from many addresses (rule 15)?

Five resets a second over three instances, in short turns: each from an address of its own; all from one
address in a network that the policy declares; and all from one address that it does not declare, with the limits of one
client raised instead. Prints medians in milliseconds, table calls, and conflicts of writes for each reset.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench._people import register
from local.stack import parts
from local.stack.environment import service_environment
from local.stack.keys import fresh_keys
from local.stack.ports import Ports
from local.stack.storage import prepare_storage
from local.strict_store.store import StrictStore
from local.strict_store.wire import Answer, Request
from shared.settings import settings_from
from shared.wiring import Adapters, Service
from tests.builders import CODE
from tests.processes import AzuriteServer
from tests.stack import Stack

INSTANCES, A_SECOND, SECONDS, TURNS = 3, 5, 4, 6
MANY, DECLARED, OTHER = "many addresses", "one address, declared", "one address, not declared"
ADDRESSES = {MANY: "10.{}.{}.7", DECLARED: "198.51.100.7", OTHER: "203.0.113.7"}
UNLIMITED = ("starts_per_client_minute", "starts_per_client_hour", "verify_failures_per_client_hour")
POLICY = {"gates": 1, "networks": ["198.51.100.0/24"], **dict.fromkeys(UNLIMITED, 100_000)}
MOST_RATIO = 1.25


@dataclass
class Seen:
    """What was measured in one way: seconds by step, and counts of the store."""

    spans: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    resets: int = 0
    calls: int = 0
    conflicts: int = 0
    refused: int = 0


@contextmanager
def counted(store: StrictStore, seen: Seen) -> Iterator[None]:
    """Count the calls of tables and those that met another write."""
    rules = store.tables._rules  # noqa: SLF001  the proxy shows no answers
    assert rules is not None
    after = rules.after

    def noting(request: Request, answer: Answer) -> Answer:
        seen.calls += 1
        seen.conflicts += answer.status in {409, 412}
        return after(request, answer)

    rules.after = noting  # type: ignore[method-assign]
    try:
        yield
    finally:
        rules.after = after  # type: ignore[method-assign]


async def reset(http: httpx.AsyncClient, stack: Stack, number: int, address: str, seen: Seen) -> None:
    """One person's whole reset, on one of the instances."""
    name, base = f"person{number}", f"{stack.instances[number % INSTANCES]}/api/v1/reset"

    async def step(path: str, body: dict[str, str]) -> dict[str, Any]:
        began = time.perf_counter()
        while True:
            answer = await http.post(f"{base}/{path}", json=body, headers={"X-Forwarded-For": address})
            if answer.status_code not in {429, 503}:
                break
            seen.refused += 1
            await asyncio.sleep(int(answer.headers["Retry-After"]))
        assert answer.status_code == 200, answer.text
        seen.spans[path].append(time.perf_counter() - began)
        data: dict[str, Any] = answer.json()
        return data

    token = (await step("start", {"identifier": name}))["verification_token"]
    asked = await step("challenge", {"verification_token": token, "method": "email"})
    while not (sent := (await http.get(f"{stack.inbox}/messages", params={"to": f"{name}@mail.example"})).json()):
        await asyncio.sleep(0.2)
    code = CODE.search(sent[0]["text"])
    assert code
    proved = await step("verify", {"verification_token": asked["verification_token"], "answer": code[0]})
    await step("complete", {"reset_token": proved["reset_token"], "new_password": f"a new password of {name}"})
    seen.resets += 1


async def measure(stack: Stack, store: StrictStore) -> dict[str, Seen]:
    """Take turns, each with the same number of resets."""
    found, number = {way: Seen() for way in ADDRESSES}, 0
    async with httpx.AsyncClient(timeout=60) as http:
        for turn in range(TURNS):
            # In another order each time, because other programs disturb the machine.
            for way in (ways := list(ADDRESSES))[turn % len(ways) :] + ways[: turn % len(ways)]:
                address = ADDRESSES[way]
                with counted(store, found[way]):
                    async with asyncio.TaskGroup() as under_way:
                        for _ in range(A_SECOND * SECONDS):
                            client = address.format(number // 250, number % 250)
                            under_way.create_task(reset(http, stack, number, client, found[way]))
                            number += 1
                            await asyncio.sleep(1 / A_SECOND)
    return found


async def people(environment: dict[str, str], count: int) -> None:
    """Register everybody before the measurement."""
    adapters = Adapters(settings_from(environment))
    await prepare_storage(adapters)
    service = Service(adapters)
    for number in range(count):
        await register(adapters, service, f"person{number}", {"email": f"person{number}@mail.example"})
    await adapters.close()


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="sesame-bench-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        server = AzuriteServer(data / "azurite")
        with server.new_store() as store:
            ports = Ports.free(INSTANCES)
            # The last entry of the header is the peer's, which the local host adds; the one before is ours.
            caller = {"PATH": "/usr/bin:/bin", "SESAME_POLICY": json.dumps(POLICY), "SESAME_TRUSTED_HOPS": "2"}
            environment = service_environment(caller, ports, fresh_keys(), store.connection)
            stack = Stack(data, ports, environment, parts.Place(data), parts.LOCAL_LEASE)
            try:
                asyncio.run(people(environment, A_SECOND * SECONDS * TURNS * len(ADDRESSES)))
                stack.start(parts.INBOX, *map(parts.api_name, range(1, INSTANCES + 1)))
                found = asyncio.run(measure(stack, store))
            finally:
                stack.stop()
        server.stop()
    base = found[MANY]
    steps = list(base.spans)
    print(f"{A_SECOND} resets/s, {INSTANCES} instances, {base.resets} resets each; median ms by step, then for a reset")
    print(f"{'':28}" + "".join(f"{step:>11}" for step in steps) + f"{'calls':>8}{'conflicts':>11}{'refused':>9}")
    worst = 0.0
    for way, seen in found.items():
        medians = {step: statistics.median(seen.spans[step]) * 1000 for step in steps}
        ratios = {step: medians[step] / statistics.median(base.spans[step]) / 1000 for step in steps}
        worst = max(worst, *ratios.values()) if way == DECLARED else worst
        shown = "".join(f"{medians[step]:11.1f}" for step in steps)
        counts = f"{seen.calls / seen.resets:8.1f}{seen.conflicts / seen.resets:11.2f}{seen.refused:9}"
        print(f"{way:28}{shown}{counts}")
        print(f"{'  ratio':28}" + "".join(f"{ratios[step]:11.2f}" for step in steps))
    return 0 if worst <= MOST_RATIO and not found[DECLARED].refused else 1


if __name__ == "__main__":
    sys.exit(main())
