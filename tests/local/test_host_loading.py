"""Apps that the local host refuses to index, with the message that explains it, and the routes of one that it takes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.host.loading import IndexingError, load
from local.host.routes import Route, find, route_table

HEAD = """
import azure.functions as func
app = func.FunctionApp()
"""
ROUTE = "@app.route(route={!r}, methods=[{!r}])\nasync def {}(req: func.HttpRequest) -> func.HttpResponse: ...\n"
TIMER = "@app.timer_trigger(arg_name='t', schedule='%LATER%')\n"


@pytest.fixture(autouse=True)
def _forget_the_app() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before
    sys.modules.pop("function_app", None)


def indexed(folder: Path, source: str) -> tuple[Route, ...]:
    sys.modules.pop("function_app", None)
    (folder / "function_app.py").write_text(HEAD + source)
    return route_table(load(folder, {}), "api")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("second = app", "exactly one FunctionApp"),
        (TIMER.replace("LATER", "") + "async def one(t: func.TimerRequest, extra: str): ...", "differ from bindings"),
        (TIMER + "async def one(t: func.TimerRequest) -> None: ...", "LATER"),
        (TIMER.replace("%LATER%", "") + "def one(t: func.TimerRequest) -> None: ...", "synchronous"),
        (ROUTE.format("admin/x", "GET", "one"), "reserved for the host"),
        (ROUTE.format("x/{a}", "GET", "one") + ROUTE.format("X/{b}", "GET", "two"), "share the route"),
        (ROUTE.format("x/{a:int}", "GET", "one"), "does not support the route"),
    ],
    ids=[
        "two apps", "parameter without binding", "missing setting", "synchronous", "reserved route", "same route twice",
        "route constraint",
    ],
)  # fmt: skip
def test_an_app_that_cannot_be_indexed_is_refused_with_the_reason(tmp_path: Path, source: str, says: str) -> None:
    """Each fault that makes Azure find no functions, or that the local host cannot serve, stops it with a message."""
    with pytest.raises(IndexingError, match=says):
        indexed(tmp_path, source)


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
