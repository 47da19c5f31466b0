"""Apps that the local host refuses to index, with the message that explains it, and the routes of one that it takes."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from local.host.calling import Datum, Invoker
from local.host.loading import Binding, IndexingError, LoadedFunction, load
from local.host.routes import Route, find, route_table
from local.host.settings import HostSettings
from local.host.timer_trigger import PAYLOAD
from local.stack.parts import ROOT

DAILY = "0 0 0 * * *"
HEAD = """
import azure.functions as func
app = func.FunctionApp()
"""
ROUTE = "@app.route(route={!r}, methods=[{!r}])\nasync def {}(req: func.HttpRequest) -> func.HttpResponse: ...\n"
TIMER = "@app.timer_trigger(arg_name='t', schedule={!r})\n"


@pytest.fixture(autouse=True)
def _forget_the_app() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before
    sys.modules.pop("function_app", None)


def indexed(folder: Path, source: str, settings: dict[str, str] | None = None) -> tuple[Route, ...]:
    sys.modules.pop("function_app", None)
    (folder / "function_app.py").write_text(HEAD + source)
    return route_table(load(folder, settings or {}), "api")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("second = app", "exactly one FunctionApp"),
        (TIMER.format(DAILY) + "async def one(t: func.TimerRequest, extra: str): ...", "differ from bindings"),
        (TIMER.format(DAILY) + "def one(t: func.TimerRequest) -> None: ...", "synchronous"),
        (ROUTE.format("admin/x", "GET", "one"), "reserved for the host"),
        (ROUTE.format("x/{a}", "GET", "one") + ROUTE.format("X/{b}", "GET", "two"), "share the route"),
        (ROUTE.format("x/{a:int}", "GET", "one"), "does not support the route"),
    ],
    ids=[
        "two apps", "parameter without binding", "synchronous", "reserved route", "same route twice",
        "route constraint",
    ],
)  # fmt: skip
def test_an_app_that_cannot_be_indexed_is_refused_with_the_reason(tmp_path: Path, source: str, says: str) -> None:
    """Each fault that makes Azure find no functions, or that the local host cannot serve, stops it with a message."""
    with pytest.raises(IndexingError, match=says):
        indexed(tmp_path, source)


@pytest.mark.parametrize(
    ("schedule", "settings"),
    [("%LATER%", {}), ("hourly", {}), (DAILY, {"AzureWebJobs.one.Disabled": "true"})],
    ids=["missing setting", "bad schedule", "switched off"],
)
def test_a_function_that_azure_leaves_out_is_left_out_alone_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, schedule: str, settings: dict[str, str]
) -> None:
    """The other functions run: in Azure too, but without a word."""
    source = TIMER.format(schedule) + "async def one(t: func.TimerRequest) -> None: ...\n"
    (route,) = indexed(tmp_path, source + ROUTE.format("x", "GET", "two"), settings)
    assert (route.function.name, caplog.messages[0].split()[0]) == ("two", "one")


def test_a_batch_that_the_real_host_refuses_stops_the_local_one_too(tmp_path: Path) -> None:
    """The real host would never start with more than 32."""
    text = (ROOT / "host.json").read_text("utf-8")
    for size in (32, 33):
        (tmp_path / "host.json").write_text(text.replace('"batchSize": 16', f'"batchSize": {size}'))
        with pytest.raises(IndexingError, match="batchSize") if size > 32 else nullcontext():
            HostSettings.read(tmp_path, port=0, state=tmp_path, lease=1, environment={})


@pytest.mark.parametrize(("limit", "ended"), [(0.01, [1]), (10, [])])
async def test_a_run_that_takes_too_long_ends_the_whole_process(
    monkeypatch: pytest.MonkeyPatch, limit: float, ended: list[int]
) -> None:
    """As the host ends the worker, with whatever else it runs: no function may come near `functionTimeout`."""
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)

    async def slow(timer: object) -> None:
        await asyncio.sleep(0.1)

    function = LoadedFunction("slow", slow, Binding("timer", "timerTrigger", {}), (), ())
    await Invoker(None, limit).call(function, Datum(PAYLOAD, "json"))  # type: ignore[arg-type]
    assert codes == ended


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (b"/API/X/First/", ("literal", {})),
        (b"/api/x/Word%20One", ("other", {"a": "Word One"})),
        (b"/api/x/a%2Fb", ("other", {"a": "a/b"})),
        (b"/api/x", None),
        (b"/api/x/a/b", None),
        (b"//api/x/a", None),
    ],
)
def test_a_request_is_matched_as_in_the_host(tmp_path: Path, path: bytes, found: object) -> None:
    """Functions are tried by name. Literals ignore case, values keep it, and an encoded slash separates nothing."""
    table = indexed(tmp_path, ROUTE.format("x/{a}", "GET", "other") + ROUTE.format("x/first", "GET", "literal"))
    matched = find(table, "GET", path)
    assert (matched and (matched[0].function.name, matched[1])) == found
    assert find(table, "HEAD", path) is None
