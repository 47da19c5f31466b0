"""The app as the Functions host indexes it: one FunctionApp, names, routes, bindings, and the OpenAPI document."""

import ast
import json
import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import azure.functions as func
import pytest

import function_app
from functions._contract import codes
from functions._openapi import document
from shared.methods import ALL
from shared.wiring import ALL_QUEUES
from tests.architecture.tree import ROOT, parsed, python_files
from tests.registered import FUNCTIONS, bindings, every_binding


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
    imported = {name for name, value in vars(function_app).items() if isinstance(value, func.Blueprint)}
    assert files == imported - {"_blueprint"}


def test_the_openapi_document_describes_exactly_the_served_routes() -> None:
    """Operation ids are function names; methods and paths are those of the host."""
    described = {
        operation["operationId"]: (path, {verb.upper()})
        for path, verbs in document()["paths"].items()
        for verb, operation in verbs.items()
    }
    assert described == {name: (f"/api/{route}", methods) for name, (route, methods) in http_functions().items()}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, verb, entry) for path, verbs in document()["paths"].items() for verb, entry in verbs.items()]


def test_every_reference_in_the_openapi_document_resolves() -> None:
    """Every `$ref` names a schema of the document."""
    page = document()
    schemas = page["components"]["schemas"]
    for reference in re.findall(r"'\$ref': '([^']+)'", str(page)):
        assert reference.removeprefix("#/components/schemas/") in schemas


@pytest.mark.parametrize(("path", "verb", "entry"), operations(), ids=lambda value: str(value)[:60])
def test_an_operation_documents_what_its_shape_alone_can_answer(path: str, verb: str, entry: dict[str, Any]) -> None:
    """A page that is not ours, a fault of ours; with a body, a session or a varying path, what is wrong with those."""
    expected = {"202" if entry["operationId"] == "admin_prefill" else "200", "403", "500"}
    if verb == "post":
        expected |= {"400", "413", "415"}
    if "security" in entry:
        expected |= {"401", "503"}
    if "{" in path:
        expected |= {"404"}
        named = {"method": list(ALL), "code": codes(), "call_token": None, "job": None}
        found = [p["schema"].get("enum") for p in entry["parameters"]]
        assert found == [named[p["name"]] for p in entry["parameters"]]
    assert expected <= set(entry["responses"])
    assert ("requestBody" in entry) == (verb == "post")


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


def test_queue_bindings_name_queues_that_the_deployment_creates() -> None:
    """A queue is one that the wiring knows, on the host's storage connection. No trigger is on a poison queue.

    The host hides a message there for ten minutes after each failure, for a week, and some it can never read (rule 33).
    """
    for shape in every_binding():
        if shape["type"] in {"queue", "queueTrigger"}:
            assert shape["queueName"] in ALL_QUEUES
            assert shape["connection"] == "AzureWebJobsStorage"


def test_the_timers_are_purge_remind_and_sweep() -> None:
    """Another timer needs a schedule setting, an alert and documentation."""
    assert {name for name in FUNCTIONS if "timerTrigger" in bindings(name)} == {"purge", "remind", "sweep"}


@pytest.mark.parametrize("name", ["purge", "remind", "sweep"])
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


def test_host_json_drops_the_lines_of_the_host_and_none_of_the_app() -> None:
    """Levels match by prefix, the longest first. What alerts count is in Traces, Requests and Exceptions: unsampled."""
    logs = json.loads((ROOT / "host.json").read_text("utf-8"))["logging"]

    def level(category: str) -> str:
        return str(max((len(prefix), at) for prefix, at in logs["logLevel"].items() if category.startswith(prefix))[1])

    default = logs["logLevel"].pop("default")
    assert {level(f"Function.{name}") for name in FUNCTIONS} == {"Warning"}
    assert {level(f"Function.{name}.User") for name in FUNCTIONS} == {default} == {"Information"}
    assert not [prefix for prefix in logs["logLevel"] if "Host.Results".startswith(prefix)], "these are the requests"
    assert set(logs["applicationInsights"]["samplingSettings"]["excludedTypes"].split(";")) == {
        "Exception", "Request", "Trace",
    }  # fmt: skip


@pytest.mark.parametrize("module", ["purge", "sweep", "deliver_notice"])
def test_no_run_comes_near_the_time_at_which_the_host_kills_the_process(module: str) -> None:
    """It would end everything that this process does, with a 500 to innocent people."""
    hours, minutes, seconds = json.loads((ROOT / "host.json").read_text("utf-8"))["functionTimeout"].split(":")
    allowed = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    assert allowed / 2 >= import_module(f"shared.usecases.{module}").LONGEST


def test_no_function_has_an_output_binding_for_a_queue() -> None:
    """The host writes one after the handler, and answers an empty 500 if it cannot (rule 31)."""
    assert not [name for name in FUNCTIONS if "queue" in bindings(name)]
