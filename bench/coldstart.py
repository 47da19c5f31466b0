"""Cold start as deployed: from the start of a process to its first answer, compared with a floor program (`_floor.py`).

Python 3.13 with the packages that ship only; settings of Azure; a token from an identity endpoint; TLS to the store.

Both run in the same way, one after the other, so that other load on the machine affects both: start Python, import
asyncio and the app, index its functions, and call one with a request that the library builds. The bytecode is compiled
beforehand, as on an instance. Compare the ratio. The fastest rounds are those that other programs disturbed least.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench._deployed import by_key, deployed
from bench._floor import KEY, TABLE
from local.setup.locks import DEPLOYED, SHIPPED
from local.stack.storage import prepare_storage
from tests.worker.interpreters import deployed_pythons, environment_of

ROUNDS = 25
TARGET = 1.25
FLOOR, SERVICE = "floor program", "reset/start"
APPS = {FLOOR: ("bench._floor", "floor"), SERVICE: ("function_app", "reset_start")}
"""What is measured: the module and the function."""

FIRST_CALL = """
import asyncio
import importlib
import os
import sys

import azure.functions as func


module, name = sys.argv[1:]
found = {f.get_function_name(): f for f in importlib.import_module(module).app.get_functions()}
request = func.HttpRequest(
    method="POST",
    url="https://func-sesame.azurewebsites.net/api",
    headers={"content-type": "application/json", "x-forwarded-for": "203.0.113.7:50000"},
    body=b'{"identifier": "somebody%d"}' % os.getpid(),
)
handler = found[name].get_user_function()


async def first_call():
    answer = await handler(request)
    assert answer.status_code == 200, answer.get_body()
    sys.stdout.write("answered\\n")
    sys.stdout.flush()


asyncio.run(first_call())
"""


def main() -> int:
    """Measure and print."""
    found = deployed_pythons()
    if not found:
        print(f"This measurement needs Linux on x86-64 and Python {DEPLOYED}, as deployed: pyenv install {DEPLOYED}")
        return 2
    python = environment_of(found[0], SHIPPED)
    with deployed(
        {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ) as environment:
        # All these processes use the same client address.
        environment["SESAME_POLICY"] = '{"starts_per_client_minute": 1000, "starts_per_client_hour": 1000}'
        asyncio.run(_prepare(environment))
        times: dict[str, list[float]] = {name: [] for name in APPS}
        for _ in range(ROUNDS + 2):  # the first two rounds fill the bytecode and page caches
            for name, app in APPS.items():
                times[name].append(_until_answered(python, app, environment))
    medians = {name: statistics.median(spans[2:]) for name, spans in times.items()}
    fastest = {name: min(spans[2:]) for name, spans in times.items()}
    print(f"Python {DEPLOYED}, {ROUNDS} fresh processes each, interleaved, until the first answer")
    print("                 median   fastest")
    for name, median in medians.items():
        print(f"  {name:13} {median * 1000:6.0f} ms {fastest[name] * 1000:6.0f} ms")
    ratio, undisturbed = (spans[SERVICE] / spans[FLOOR] for spans in (medians, fastest))
    print(f"  ratio         {ratio:6.2f}    {undisturbed:6.2f}      (the median's at most {TARGET})")
    return 0 if ratio <= TARGET else 1


async def _prepare(environment: dict[str, str]) -> None:
    adapters = by_key(environment)
    await prepare_storage(adapters)
    table = await adapters.table_service.create_table(TABLE)
    await table.create_entity({"PartitionKey": KEY, "RowKey": KEY, "account": "x" * 52})
    await adapters.close()


def _until_answered(python: Path, app: tuple[str, ...], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    with subprocess.Popen(
        [python, "-c", FIRST_CALL, *app],
        cwd=Path(__file__).parent.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        span = time.perf_counter() - started
        if line != b"answered\n":
            raise RuntimeError(process.stderr.read().decode())
    return span


if __name__ == "__main__":
    sys.exit(main())
