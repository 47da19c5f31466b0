"""Apps that the local host refuses to index, with the message that explains it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.host.loading import IndexingError, load
from local.host.routes import RouteTemplate, decoded_path, route_table

HEAD = """
import azure.functions as func
from typing import List
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
"""


@pytest.fixture(autouse=True)
def _forget_the_app() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before
    sys.modules.pop("function_app", None)


def index(folder: Path, source: str, **environment: str) -> list[str]:
    sys.modules.pop("function_app", None)
    (folder / "function_app.py").write_text(HEAD + source)
    functions = load(folder, environment)
    route_table(functions, "api")
    return [function.name for function in functions]


def test_functions_are_indexed_in_name_order(tmp_path: Path) -> None:
    """Routes are tried in this order."""
    source = """
@app.route(route="b")
def zulu(req: func.HttpRequest) -> str: return ""
@app.route(route="a")
def alpha(req: func.HttpRequest) -> func.HttpResponse: return func.HttpResponse()
"""
    assert index(tmp_path, source) == ["alpha", "zulu"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("second = app", "exactly one FunctionApp"),
        ("@app.route()\ndef one(req: func.HttpRequest, extra: str) -> str: return ''", "differ from bindings"),
        ("@app.route()\ndef one(req: 'Missing') -> str: return ''", "TYPE_CHECKING"),
        ("@app.route()\ndef one(req: func.HttpRequest) -> 'func.HttpResponse | None': return None", "return value"),
        (
            (
                "@app.route()\n@app.queue_output(arg_name='o', queue_name='q', connection='c')\n"
                "def one(req: func.HttpRequest, o: func.Out[list[str]]) -> str: return ''"
            ),
            "queue output cannot take",
        ),
        ("@app.timer_trigger(arg_name='t', schedule='%LATER%')\ndef one(t: func.TimerRequest) -> None: ...", "LATER"),
        ("@app.route(route='admin/x')\ndef one(req: func.HttpRequest) -> str: return ''", "reserved for the host"),
        (
            (
                "@app.route(route='x/{a}')\ndef one(req: func.HttpRequest) -> str: return ''\n"
                "@app.route(route='X/{b}', methods=['GET'])\ndef two(req: func.HttpRequest) -> str: return ''"
            ),
            "share the route",
        ),
        ("@app.route(route='{x:colour}')\ndef one(req: func.HttpRequest) -> str: return ''", "colour"),
    ],
    ids=[
        "two apps", "parameter without binding", "unknown annotation", "wrong return type", "wrong output type",
        "missing setting", "reserved route", "same route twice", "unknown route constraint",
    ],
)  # fmt: skip
def test_an_app_that_cannot_be_indexed_is_refused_with_the_reason(tmp_path: Path, source: str, says: str) -> None:
    """Each fault that makes Azure find no functions stops the local host with a message."""
    with pytest.raises(IndexingError, match=says):
        index(tmp_path, source)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("api/v1/me", b"/api/v1/ME", {}),
        ("api/{a}-{b}.json", b"/api/one-two.json", {"a": "one", "b": "two"}),
        ("api/{page:range(1,5)=3}", b"/api", {"page": "3"}),
        ("api/{page:range(1,5)=3}", b"/api/6", None),
        ("api/{id:guid}", b"/api/00000000-0000-0000-0000-000000000001", {"id": "00000000-0000-0000-0000-000000000001"}),
        ("api/{id:guid}", b"/api/7", None),
        ("api/{word:alpha:length(2,3)}", b"/api/ab", {"word": "ab"}),
        ("api/{word:alpha:length(2,3)}", b"/api/abcd", None),
        ("api/{*rest}", b"/api/a/b/c", {"rest": "a/b/c"}),
        ("api/{*rest}", b"/api", {}),
        ("api/{x}", b"/api/%C3%A9", {"x": "é"}),
        ("api/{x}", b"/api/", None),
        ("api/{x}", b"/api/a/b", None),
        ("api/a.c", b"/api/abc", None),
    ],
)
def test_route_templates_match_as_in_the_host(template: str, path: bytes, values: dict[str, str] | None) -> None:
    """Literals, values, constraints and defaults."""
    assert RouteTemplate(template).match(decoded_path(path)) == values
