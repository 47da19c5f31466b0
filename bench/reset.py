"""Cost of a whole reset: table calls, queue messages and CPU time of each step, for a known and an unknown name.

It runs in one process with a real store, and prints the second of two resets (warm). CPU time is that of this process.
The last step includes the password hash, which is slow by design. Counted queue messages are those of the output
bindings (outbox, audit) and the delayed notices that a step queues itself.
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass
from typing import Any

from azure.storage.queue.aio import QueueClient

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
        self.steps.append(Step(name, calls, len(trail.orders), len(trail.events), promised, spent))
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
        await meter.step("  deliver", meter.running.deliver(trail.orders[0], delivered), delivered)
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
    found = re.search(r"\d{4} \d{4}", messages[-1].text) if messages else None
    return found[0] if found else "0000 0000"


def _show(meter: Meter, name: str, gates: int) -> None:
    total = sum(step.calls for step in meter.steps)
    print(f"\n{name}, {gates} gate{'s' * (gates > 1)}{'':22}calls  outbox   audit  promised  CPU ms")
    for step in meter.steps:
        print(f"  {step.name:32}{step.calls:6}{step.outbox:8}{step.audit:8}{step.promised:10}{step.milliseconds:8.1f}")
    print(f"  {'total':32}{total:6}   (at most {BUDGET[gates]})")


if __name__ == "__main__":
    asyncio.run(main())
