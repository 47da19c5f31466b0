"""The app as the Functions host indexes it: one FunctionApp, names, routes, bindings, and the OpenAPI document."""

import ast
import re
from typing import Any

import azure.functions as func
import pytest

import function_app
from shared.validation.openapi import OPERATIONS, UNLISTED, document
from shared.wiring import ALL_QUEUES
from tests.architecture.tree import ROOT, parsed, python_files

FUNCTIONS = {function.get_function_name(): function for function in function_app.app.get_functions()}


def bindings(name: str) -> dict[str, dict[str, Any]]:
    """The function's bindings by type."""
    return {binding.get_dict_repr()["type"]: binding.get_dict_repr() for binding in FUNCTIONS[name].get_bindings()}


def http_functions() -> dict[str, tuple[str, set[str]]]:
    """Name to route and methods."""
    return {
        name: (trigger["route"], {method.value for method in trigger["methods"]})
        for name in FUNCTIONS
        if (trigger := bindings(name).get("httpTrigger"))
    }


def test_there_is_one_function_app() -> None:
    """The worker takes exactly one, and `function_app.py` does nothing but register blueprints."""
    apps = [value for value in vars(function_app).values() if isinstance(value, func.FunctionApp)]
    assert len(apps) == 1
    made = [
        path.name
        for path in python_files("functions", "shared")
        if path.name != "function_app.py"
        and any(isinstance(n, ast.Attribute) and n.attr == "FunctionApp" for n in ast.walk(parsed(path)))
    ]
    assert made == []


def test_every_blueprint_is_registered() -> None:
    """A trigger that nobody registered would be a file that does nothing."""
    files = {path.stem for path in python_files("functions") if not path.stem.startswith("_")}
    assert files == {module.__name__.removeprefix("functions.") for module in _modules()}


def test_the_document_describes_every_route_and_no_other() -> None:
    """Operation ids are function names; method and path are the host's own."""
    described = {operation.name: (operation.path, {operation.method.upper()}) for operation in OPERATIONS}
    served = {
        name: (f"/api/{route}", methods) for name, (route, methods) in http_functions().items() if name not in UNLISTED
    }
    assert described == served


def test_the_document_says_what_it_refers_to() -> None:
    """Every reference resolves, every operation has its 200 and its refusals."""
    page = document()
    schemas = page["components"]["schemas"]
    for reference in re.findall(r"'\$ref': '([^']+)'", str(page)):
        assert reference.removeprefix("#/components/schemas/") in schemas
    for path in page["paths"].values():
        for operation in path.values():
            assert "200" in operation["responses"]
            assert "503" in operation["responses"]


@pytest.mark.parametrize("name", sorted(http_functions()))
def test_no_endpoint_needs_a_key_and_every_change_is_a_post(name: str) -> None:
    """Function keys are shared secrets (D3); a GET changes nothing and leaves no trail."""
    trigger = bindings(name)["httpTrigger"]
    assert trigger["authLevel"] is func.AuthLevel.ANONYMOUS
    assert trigger["route"].startswith("v1/")
    methods = {method.value for method in trigger["methods"]}
    assert methods in ({"GET"}, {"POST"})
    if methods == {"GET"}:
        assert "queue" not in bindings(name)


def test_queues_are_the_ones_that_are_made() -> None:
    """Inputs and outputs name a queue that the wiring knows (or its poison queue), on the host's own connection."""
    for function in FUNCTIONS.values():
        for binding in function.get_bindings():
            shape = binding.get_dict_repr()
            if shape["type"] in {"queue", "queueTrigger"}:
                assert shape["queueName"].removesuffix("-poison") in ALL_QUEUES
                assert shape["connection"] == "AzureWebJobsStorage"


def test_timers_have_a_setting_and_never_run_on_startup() -> None:
    """Otherwise every instance that scales out would run them."""
    timers = {name: bindings(name)["timerTrigger"] for name in FUNCTIONS if "timerTrigger" in bindings(name)}
    assert set(timers) == {"purge", "remind"}
    for timer in timers.values():
        assert not timer["runOnStartup"]
        assert re.fullmatch(r"%SESAME_[A-Z]+_SCHEDULE%", timer["schedule"])


def test_triggers_are_envelopes() -> None:
    """Parse, one call, render: no trigger's function is longer than 25 lines."""
    for path in python_files("functions"):
        if path.stem.startswith("_"):
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 25, f"{path.name}: {node.name}"


def test_the_host_adds_the_security_headers() -> None:
    """They stand in host.json, once, for our answers and the host's own (R-84)."""
    host = (ROOT / "host.json").read_text("utf-8")
    for header in ("Cache-Control", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"):
        assert host.count(header) == 1


def _modules() -> tuple[Any, ...]:
    return tuple(value for value in vars(function_app).values() if getattr(value, "bp", None) is not None)
