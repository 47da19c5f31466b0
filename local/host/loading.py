"""Finds the one FunctionApp and its functions, with the checks of the worker that this app can fail.

A fault stops the host with a message that explains it. Azure would only report "0 functions found". The annotations of
functions are made in one place, functions/_function.py; Microsoft's own worker checks them in tests/worker.
"""

import importlib
import inspect
import json
import logging
import re
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import azure.functions as func

from local.host.schedules import BadSchedule, Schedule

logger = logging.getLogger("host")

RETURN = "$return"
TRIGGERS = {"httpTrigger", "queueTrigger", "timerTrigger"}


class IndexingError(Exception):
    """The app cannot be indexed; the message names the function and the fault."""


@dataclass(frozen=True)
class Binding:
    """One binding with its `%NAME%` settings resolved."""

    name: str
    kind: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class LoadedFunction:
    """A function that passed every check."""

    name: str
    handler: Callable[..., Coroutine[Any, Any, Any]]
    trigger: Binding
    outputs: tuple[Binding, ...]
    raw_bindings: tuple[str, ...]


def load(app_root: Path, environment: Mapping[str, str]) -> tuple[LoadedFunction, ...]:
    """Import `function_app` from the root and return its functions in name order."""
    sys.path.insert(0, str(app_root))
    module = importlib.import_module("function_app")
    apps = [name for name, value in vars(module).items() if isinstance(value, func.FunctionApp)]
    if len(apps) != 1:
        raise IndexingError(f"function_app.py must define exactly one FunctionApp, but defines {apps or 'none'}")
    functions = getattr(module, apps[0]).get_functions()
    found = [_check(function, environment) for function in functions if not _is_off(function, environment)]
    return tuple(sorted(found, key=lambda f: f.name))


def _is_off(function: Any, environment: Mapping[str, str]) -> bool:
    """Whether Azure would leave this function out and run the others: switched off, or a setting is not what it needs.

    It would do so in silence, so a line says which.
    """
    name = function.get_function_name()
    if environment.get(f"AzureWebJobs.{name}.Disabled", "").lower() in {"1", "true"}:
        logger.warning("%s is disabled", name)
        return True
    try:
        bindings = [_binding(json.loads(text), name, environment) for text in function.get_raw_bindings()]
        for schedule in (binding.settings["schedule"] for binding in bindings if binding.kind == "timerTrigger"):
            Schedule(str(schedule))
    except (IndexingError, BadSchedule) as fault:
        logger.error("%s is left out: %s", name, fault)  # noqa: TRY400  the fault says all
        return True
    return False


def _check(function: Any, environment: Mapping[str, str]) -> LoadedFunction:
    name, handler = function.get_function_name(), function.get_user_function()
    raw = tuple(function.get_raw_bindings())
    bindings = [_binding(json.loads(text), name, environment) for text in raw]
    parameters = set(inspect.signature(handler).parameters)
    named = {binding.name for binding in bindings} - {RETURN}
    if named != parameters:
        raise IndexingError(f"{name}: parameters {sorted(parameters)} differ from bindings {sorted(named)}")
    trigger = next(binding for binding in bindings if binding.kind.endswith("Trigger"))
    outputs = tuple(binding for binding in bindings if binding.kind == "queue")
    others = [b.kind for b in bindings if b.kind not in TRIGGERS | {"queue"} and b.name != RETURN]
    if others or not inspect.iscoroutinefunction(handler):
        raise IndexingError(f"{name}: the local host does not support {', '.join(others) or 'synchronous functions'}")
    return LoadedFunction(name=name, handler=handler, trigger=trigger, outputs=outputs, raw_bindings=raw)


def _binding(settings: dict[str, Any], function: str, environment: Mapping[str, str]) -> Binding:
    def setting(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            raise IndexingError(f"{function}: the setting {name}, used as %{name}%, is missing")
        return environment[name]

    resolved = {
        key: re.sub(r"%([^%]+)%", setting, value) if isinstance(value, str) else value
        for key, value in settings.items()
    }
    return Binding(name=resolved["name"], kind=resolved["type"], settings=resolved)
