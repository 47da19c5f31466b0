"""Cost of a whole reset: table calls, queue messages and CPU time of each step, for a known and an unknown name.

It runs in one process with a real store, and prints the second of two resets (warm). CPU time is that of this process.
The last step includes the password hash, which is slow by design. Counted queue messages are the orders of
codes (outbox), the one with the step's audit events, and the promised notices. At the end it prints CPU time by part.
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from azure.storage.queue.aio import QueueClient

from bench._parts import ARGON2, REST, SDK, TRANSPORT, cpu_by_part
from bench._people import register
from bench._store import store
from shared.domain.errors import Refused
from shared.domain.trail import Trail
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.set_password import SetPassword
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import Verify
from shared.wiring import OUTBOX
from tests.integration.in_process import Bench as Instance
from tests.integration.in_process import bench as instance

CLIENT = "203.0.113.7"
METHODS = ("email", "mobile_phone")
BUDGET = {1: 16, 2: 24}


@dataclass
class Step:
    """Return one line of the table."""

    name: str
    calls: int
    outbox: int
    audit: int
    promised: int
    milliseconds: float


class Meter:
    """Measures the steps of one reset."""

    def __init__(self, running: Instance, queue: QueueClient) -> None:
        self.running = running
        self.queue = queue
        self.steps: list[Step] = []

    async def step(self, name: str, work: Any, trail: Trail) -> Any:
        self.running.calls()
        before = await self._queued()
        began = time.process_time()
        try:
            outcome = await work
        except Refused as refused:
            outcome = refused
        spent = (time.process_time() - began) * 1000
        calls = self.running.calls().total()
        promised = await self._queued() - before
        ordered = len(self.running.orders)
        self.steps.append(Step(name, calls, ordered, len(trail.events), promised, spent))
        return outcome

    async def _queued(self) -> int:
        return (await self.queue.get_queue_properties()).approximate_message_count or 0


async def main() -> None:
    """Measure and print."""
    print(f"Python {sys.version.split()[0]}; table calls, queue messages, CPU ms")
    with store() as environment:
        for gates in (1, 2):
            keys = {name: environment[name] for name in environment if name.startswith("SESAME_")}
            policy = json.dumps({"gates": gates})
            connection = environment["SESAME_STORAGE_CONNECTION"]
            async with (
                instance(connection, policy, keys) as running,
                QueueClient.from_connection_string(connection, OUTBOX) as queue,
            ):
                contacts = {"email": f"ada{gates}@mail.example", "mobile_phone": f"+3363998000{gates}"}
                await register(running.service.adapters, running.service, f"known{gates}", contacts)
                for name in (f"known{gates}", f"nobody{gates}"):
                    for _ in range(2):
                        meter = Meter(running, queue)
                        await _reset(meter, name, gates)
                    _show(meter, name, gates)
        await _show_parts(environment)


async def _reset(meter: Meter, name: str, gates: int) -> None:
    service = meter.running.service
    trail = Trail()
    token, _ = await meter.step("start", service.use(StartVerification)(name, CLIENT, trail), trail)
    outcome: Any = None
    for method in METHODS[:gates]:
        trail = Trail()
        challenge = service.use(IssueChallenge)(
            token, method, trail, channel=None, contact=None, client=CLIENT, language="en"
        )
        token = (await meter.step(f"challenge {method}", challenge, trail)).verification_token
        delivered = Trail()
        await meter.step("  deliver", meter.running.deliver(meter.running.orders.pop(), delivered), delivered)
        trail = Trail()
        code = _code(meter.running)
        outcome = await meter.step("verify", service.use(Verify)(token, code, trail, client=CLIENT), trail)
        if isinstance(outcome, Refused):
            return  # an unknown name gets no further; up to here the cost is the same
        token = getattr(outcome, "verification_token", "")
    trail = Trail()
    password = "another password, long enough"
    await meter.step("complete", service.use(SetPassword)(outcome.reset_token, password, trail, client=CLIENT), trail)


def _code(running: Instance) -> str:
    """Return the code from the message, or a guess where none was sent."""
    messages, running.drawer.messages = running.drawer.messages, []
    found = re.search(r"\d{4}-\d{4}", messages[-1].text) if messages else None
    return found[0] if found else "0000 0000"


def _show(meter: Meter, name: str, gates: int) -> None:
    total = sum(step.calls for step in meter.steps)
    print(f"\n{name}, {gates} gate{'s' * (gates > 1)}{'':22}calls  outbox   audit  promised  CPU ms")
    for step in meter.steps:
        print(f"  {step.name:32}{step.calls:6}{step.outbox:8}{step.audit:8}{step.promised:10}{step.milliseconds:8.1f}")
    print(f"  {'total':32}{total:6}   (at most {BUDGET[gates]})")


# -- CPU by part --

ROUNDS = 15
LIMITS = {"starts_per_client_minute": 1000, "sends_per_prefix_hour": 1000}
"""Enough for the rounds, which one client makes."""


class Unmetered(Meter):
    """Runs the steps and measures nothing, so that only the service uses CPU."""

    async def step(self, name: str, work: Any, trail: Trail) -> Any:  # noqa: ARG002
        return await work


async def _show_parts(environment: dict[str, str]) -> None:
    """Print the mean of resets in a warm process, in milliseconds and in password hashes of this machine."""
    keys = {name: environment[name] for name in environment if name.startswith("SESAME_")}
    connection = environment["SESAME_STORAGE_CONNECTION"]
    for gates in (1, 2):
        spent, hashes = dict.fromkeys((ARGON2, SDK, TRANSPORT, REST), 0.0), 0
        async with (
            instance(connection, json.dumps({"gates": gates, **LIMITS}), keys) as running,
            QueueClient.from_connection_string(connection, OUTBOX) as queue,
        ):
            for number in range(ROUNDS + 1):  # the first one is a warm-up
                name = f"person{gates}{number:02}"  # one each, because a row keeps a limited number of sent codes
                contacts = {"email": f"{name}@mail.example", "mobile_phone": f"+33639981{gates}{number:02}"}
                await register(running.service.adapters, running.service, name, contacts)
                clock = await cpu_by_part(partial(_reset, Unmetered(running, queue), name, gates))
                if number:
                    spent = {part: seconds + clock.spent[part] for part, seconds in spent.items()}
                    hashes += clock.hashes
        one = spent[ARGON2] / hashes
        print(f"\nCPU by part, {gates} gate{'s' * (gates > 1)}, mean of {ROUNDS} resets{'':9}CPU ms   Argon2 hashes")
        for part, seconds in (spent | {"total": sum(spent.values())}).items():
            print(f"  {part:38}{seconds / ROUNDS * 1000:8.1f}{seconds / ROUNDS / one:16.2f}")


if __name__ == "__main__":
    asyncio.run(main())
