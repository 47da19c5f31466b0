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
    """Return the function's bindings by type."""
    return {binding.get_dict_repr()["type"]: binding.get_dict_repr() for binding in FUNCTIONS[name].get_bindings()}


def http_functions() -> dict[str, tuple[str, set[str]]]:
    """Return route and methods by function name."""
    return {
        name: (trigger["route"], {method.value for method in trigger["methods"]})
        for name in FUNCTIONS
        if (trigger := bindings(name).get("httpTrigger"))
    }


def test_the_project_defines_exactly_one_function_app() -> None:
    """The worker accepts exactly one, and `function_app.py` only registers blueprints."""
    apps = [value for value in vars(function_app).values() if isinstance(value, func.FunctionApp)]
    assert len(apps) == 1
    made = [
        path.name
        for path in python_files("functions", "shared")
        if path.name != "function_app.py"
        and any(isinstance(n, ast.Attribute) and n.attr == "FunctionApp" for n in ast.walk(parsed(path)))
    ]
    assert made == []


def test_every_blueprint_file_is_registered_in_the_app() -> None:
    """The functions of a blueprint that is not registered would not exist."""
    files = {path.stem for path in python_files("functions") if not path.stem.startswith("_")}
    assert files == {module.__name__.removeprefix("functions.") for module in _modules()}


def test_the_openapi_document_describes_exactly_the_served_routes() -> None:
    """Operation ids are function names; methods and paths are those of the host."""
    described = {operation.name: (operation.path, {operation.method.upper()}) for operation in OPERATIONS}
    served = {
        name: (f"/api/{route}", methods) for name, (route, methods) in http_functions().items() if name not in UNLISTED
    }
    assert described == served


def test_every_reference_in_the_openapi_document_resolves() -> None:
    """Every `$ref` names a schema of the document."""
    page = document()
    references = re.findall(r"'\$ref': '#/components/schemas/([^']+)'", str(page))
    assert references
    assert len(references) == str(page).count("'$ref'")
    assert set(references) <= set(page["components"]["schemas"])


@pytest.mark.parametrize("path", sorted(document()["paths"]))
def test_every_operation_documents_its_success_and_its_refusal(path: str) -> None:
    """Every operation has the answers 200 and 503."""
    for operation in document()["paths"][path].values():
        assert {"200", "503"} <= set(operation["responses"])


@pytest.mark.parametrize("name", sorted(http_functions()))
def test_every_endpoint_is_anonymous_and_every_change_is_a_post(name: str) -> None:
    """Function keys are shared secrets (D3). A GET changes nothing and writes no audit event."""
    trigger = bindings(name)["httpTrigger"]
    assert trigger["authLevel"] is func.AuthLevel.ANONYMOUS
    assert trigger["route"].startswith("v1/")
    methods = {method.value for method in trigger["methods"]}
    assert methods in ({"GET"}, {"POST"})
    if methods == {"GET"}:
        assert "queue" not in bindings(name)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_queue_bindings_name_queues_that_the_deployment_creates(name: str) -> None:
    """A queue is one that the wiring knows, or its poison queue, on the host's storage connection."""
    shapes = [binding.get_dict_repr() for binding in FUNCTIONS[name].get_bindings()]
    for shape in shapes:
        if shape["type"] in {"queue", "queueTrigger"}:
            assert shape["queueName"].removesuffix("-poison") in ALL_QUEUES
            assert shape["connection"] == "AzureWebJobsStorage"


def test_the_timers_are_purge_and_remind() -> None:
    """Another timer needs a schedule setting, an alert and documentation."""
    assert {name for name in FUNCTIONS if "timerTrigger" in bindings(name)} == {"purge", "remind"}


@pytest.mark.parametrize("name", ["purge", "remind"])
def test_a_timer_takes_its_schedule_from_a_setting_and_does_not_run_on_startup(name: str) -> None:
    """With run on startup, every instance that scales out would run the timer."""
    timer = bindings(name)["timerTrigger"]
    assert not timer["runOnStartup"]
    assert re.fullmatch(r"%SESAME_[A-Z]+_SCHEDULE%", timer["schedule"])


def test_trigger_functions_stay_under_25_lines() -> None:
    """A trigger parses, makes one call and renders; logic belongs into the use cases."""
    too_long = [
        f"{path.name}: {node.name}"
        for path in python_files("functions")
        if not path.stem.startswith("_")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 25
    ]
    assert too_long == []


@pytest.mark.parametrize(
    "header", ["Cache-Control", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"]
)
def test_host_json_sets_each_security_header_once(header: str) -> None:
    """The host then adds it to our responses and to its own (R-84)."""
    assert (ROOT / "host.json").read_text("utf-8").count(header) == 1


def _modules() -> tuple[Any, ...]:
    return tuple(value for value in vars(function_app).values() if getattr(value, "bp", None) is not None)
