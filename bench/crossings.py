"""Count the files and the layer crossings of four steps, which run through their triggers on fakes.

    verify            POST reset/verify, with the right answer at gate one by email; a second gate is left
    complete          POST reset/complete, with every gate passed and an accepted password
    register confirm  POST me/methods/email/confirm, with the right code, for a person who already has a phone
    deliver           one order for a code by email, from the queue

**Files**: the source files of functions/ and shared/ from which any function ran. Files with rules (functions/,
shared/usecases/, shared/methods/, shared/domain/) are also counted separately. A lambda, a generator and a nested
function count for the file that contains them; the `__init__` of a dataclass counts for the file of the class. Before
the counted run, each step runs once in its own world, so that imports and first uses of caches do not count. The fakes
of tests/ replace the adapters and are not counted.

**Calls up**: calls from a lower layer to a higher one, each time that they are made. The layers are those of
.importlinter: the triggers, then the contract `service`. Parts of use-cases, whose names begin with an underscore, are
below the use-cases. The caller is the nearest frame of functions/ or shared/; frames of the standard library and of C
are skipped. For example, it is a call up when `_judging.py` or the domain calls a function that `verify.py` passed to
it. Not counted are calls through a port to the wiring and the adapters (here: the fakes), returns, and coroutines or
generators that continue.

`./sesame bench crossings` prints the table. `-v` also prints the files and the calls. The limits are in
tests/architecture/test_crossings.py.
"""

import argparse
import asyncio
import configparser
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType

import azure.functions as func
import pytest

from functions import _function, _http, deliver, register, reset, verify
from shared.validation.records import encode_order
from tests.builders import EMAIL, NEW_PASSWORD, PHONE, World, a_world

ROOT = Path(__file__).parent.parent
RULES = ("functions", "shared/usecases", "shared/methods", "shared/domain")
SUPPLY = ("shared.wiring", "shared.adapters", "tests.fakes")

Trigger = Callable[[], Awaitable[func.HttpResponse | None]]


@dataclass
class Trace:
    """The files and calls of one step."""

    files: set[str] = field(default_factory=set)
    up: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Caller and called function of each call up, and how often."""

    @property
    def calls_up(self) -> int:
        return self.up.total()

    def files_in(self, *folders: str) -> list[str]:
        """Return the files that are in these folders."""
        return sorted(name for name in self.files if any(name.startswith(f"{folder}/") for folder in folders))


# -- layers --


@cache
def layers() -> tuple[frozenset[str], ...]:
    """Return the packages of each layer, from the lowest to the highest."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    lines = contracts["importlinter:contract:service"]["layers"].strip().splitlines()
    service = [frozenset(f"shared.{module.strip()}" for module in line.split("|")) for line in lines]
    return tuple(reversed([frozenset({"functions"}), *service]))


@cache
def height(module: str) -> float | None:
    """Return the layer of a module, counted from the bottom. None for a module outside the layers.

    Parts of use-cases, whose names begin with an underscore, are half a layer below the use-cases.
    """
    within = "shared.adapters" if module.startswith("tests.fakes") else module
    for number, layer in enumerate(layers()):
        if _is_within(within, *layer):
            return number - 0.5 if within.startswith("shared.usecases._") else number
    return None


def _is_within(module: str, *wholes: str) -> bool:
    return any(module == whole or module.startswith(f"{whole}.") for whole in wholes)


# -- recording --


@contextmanager
def watched(trace: Trace) -> Iterator[None]:
    """Record every function of functions/ and shared/ that starts on this thread."""
    # A coroutine that continues is reported like a call. Its frame is known then. Frames are kept, so ids stay unique.
    begun: dict[int, FrameType] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and id(frame) not in begun:
            begun[id(frame)] = frame
            _note(frame, trace)

    earlier = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(earlier)


def _note(frame: FrameType, trace: Trace) -> None:
    module = _module(frame)
    called = height(module)
    if called is None or frame.f_code.co_name == "<module>":
        return
    if _is_within(module, "functions", "shared"):
        trace.files.add(_file(module))
    caller = frame.f_back
    while caller is not None and height(_module(caller)) is None:
        caller = caller.f_back
    calling = None if caller is None else height(_module(caller))
    if caller is not None and calling is not None and calling < called and not _is_within(module, *SUPPLY):
        trace.up[_place(caller), _place(frame)] += 1


def _module(frame: FrameType) -> str:
    """Return the module of the frame's code. For a generated method, the module of its class."""
    return str(frame.f_globals.get("__name__", ""))


@cache
def _file(module: str) -> str:
    return Path(sys.modules[module].__file__ or "").relative_to(ROOT).as_posix()


def _place(frame: FrameType) -> str:
    return f"{_file(_module(frame))} {frame.f_code.co_qualname}"


# -- the steps --


def _post(body: object, *, route: dict[str, str] | None = None, **headers: str) -> func.HttpRequest:
    return func.HttpRequest(
        "POST", "http://localhost/api/v1/x", headers={"content-type": "application/json", **headers}, params={},
        route_params=route or {}, body=json.dumps(body).encode(),
    )  # fmt: skip


async def _verify(world: World) -> Trigger:
    await world.ada()
    token = await world.challenge(await world.start())
    asked = _post({"verification_token": token, "answer": world.code()})
    return lambda: verify.reset_verify(asked)


async def _complete(world: World) -> Trigger:
    await world.ada()
    asked = _post({"reset_token": await world.prove(), "new_password": NEW_PASSWORD})
    return lambda: reset.reset_complete(asked)


async def _register_confirm(world: World) -> Trigger:
    await world.account("ada", mobile_phone=PHONE)
    session = await world.sign_in()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    asked = _post({"answer": world.code()}, route={"method": "email"}, authorization=f"Bearer {session}")
    return lambda: register.me_method_confirm(asked)


async def _deliver(world: World) -> Trigger:
    await world.ada()
    await world.ask(await world.start())
    message = func.QueueMessage(body=encode_order(world.orders.pop()).encode())
    return lambda: deliver.deliver(message)


STEPS: dict[str, Callable[[World], Awaitable[Trigger]]] = {
    "verify": _verify,
    "complete": _complete,
    "register confirm": _register_confirm,
    "deliver": _deliver,
}
"""Each prepares one step and returns the call to record."""


async def trace_of(step: str) -> Trace:
    """Run the step twice and record the second run."""
    await _walk(step, Trace())
    trace = Trace()
    await _walk(step, trace)
    return trace


async def _walk(step: str, trace: Trace) -> None:
    world = a_world()
    with pytest.MonkeyPatch.context() as patch:
        for module in (_http, _function, deliver):
            patch.setattr(module, "service", lambda: world.service)
        trigger = await STEPS[step](world)
        with watched(trace):
            answer = await trigger()
    if not (world.codes() if answer is None else answer.status_code == 200):
        raise RuntimeError(f"{step} went wrong: {answer.get_body()!r}" if answer else f"{step}: nothing went out")


async def main() -> None:
    """Print the table, and with -v the files and calls."""
    parser = argparse.ArgumentParser(prog="./sesame bench crossings")
    parser.add_argument("-v", "--verbose", action="store_true", help="the files and the calls as well")
    verbose = parser.parse_args().verbose
    traces = {step: await trace_of(step) for step in STEPS}
    columns = (*(folder.removeprefix("shared/") for folder in RULES), "with rules", "the rest", "files", "calls up")
    print(f"{'':18}" + "".join(f"{column:>12}" for column in columns))
    for step, trace in traces.items():
        four, files = len(trace.files_in(*RULES)), len(trace.files)
        figures = (*(len(trace.files_in(folder)) for folder in RULES), four, files - four, files, trace.calls_up)
        print(f"{step:18}" + "".join(f"{figure:12}" for figure in figures))
    for step, trace in traces.items() if verbose else ():
        calls = [f"{caller}  ->  {callee}" for (caller, callee), times in trace.up.items() for _ in range(times)]
        print("\n  ".join([f"\n{step}", *sorted(trace.files), *calls]))


if __name__ == "__main__":
    asyncio.run(main())
