"""Finds the one FunctionApp and checks each function as the worker does when it indexes them.

A fault stops the host with a message that explains it. Azure would only report "0 functions found".
"""

import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import azure.functions as func

RETURN = "$return"
CONTEXT = "context"


class IndexingError(Exception):
    """The app cannot be indexed; the message names the function and the fault."""


@dataclass(frozen=True)
class Binding:
    """One binding with its `%NAME%` settings resolved."""

    name: str
    kind: str
    is_output: bool
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class LoadedFunction:
    """A function that passed every check."""

    name: str
    handler: Callable[..., Any]
    is_async: bool
    takes_context: bool
    trigger: Binding
    outputs: tuple[Binding, ...]
    returns: Binding | None
    raw_bindings: tuple[str, ...]


def load(app_root: Path, environment: Mapping[str, str]) -> tuple[LoadedFunction, ...]:
    """Import `function_app` from the root and return its functions in name order."""
    sys.path.insert(0, str(app_root))
    module = importlib.import_module("function_app")
    apps = [name for name, value in vars(module).items() if isinstance(value, func.FunctionApp)]
    if len(apps) != 1:
        raise IndexingError(f"function_app.py must define exactly one FunctionApp, but defines {apps or 'none'}")
    functions = getattr(module, apps[0]).get_functions()
    return tuple(sorted((_check(function, environment) for function in functions), key=lambda f: f.name))


def _check(function: Any, environment: Mapping[str, str]) -> LoadedFunction:
    name = function.get_function_name()
    raw = tuple(function.get_raw_bindings())
    bindings = [_binding(json.loads(text), name, environment) for text in raw]
    handler = function.get_user_function()
    parameters = set(inspect.signature(handler).parameters)
    try:
        hints = typing.get_type_hints(handler)  # a name imported for the type checker only fails here, as in Azure
    except NameError as error:
        raise IndexingError(f"{name}: {error}; is it imported under TYPE_CHECKING only?") from error
    named = {binding.name for binding in bindings} - {RETURN}
    if named != parameters - {CONTEXT}:
        raise IndexingError(f"{name}: parameters {sorted(parameters - {CONTEXT})} differ from bindings {sorted(named)}")
    trigger = next(binding for binding in bindings if binding.kind.endswith("Trigger"))
    outputs = tuple(b for b in bindings if b.is_output and b.name != RETURN)
    returns = next((b for b in bindings if b.name == RETURN), None)
    _check_types(name, hints, trigger, outputs, returns)
    return LoadedFunction(
        name=name,
        handler=handler,
        is_async=inspect.iscoroutinefunction(handler),
        takes_context=CONTEXT in parameters,
        trigger=trigger,
        outputs=outputs,
        returns=returns,
        raw_bindings=raw,
    )


def _check_types(
    name: str, hints: Mapping[str, Any], trigger: Binding, outputs: tuple[Binding, ...], returns: Binding | None
) -> None:
    converter = converter_of(trigger.kind)
    if converter is None or trigger.kind not in {"httpTrigger", "queueTrigger", "timerTrigger"}:
        raise IndexingError(f"{name}: the local host does not support {trigger.kind}")
    annotation = hints.get(trigger.name)
    if annotation is not None and not converter.check_input_type_annotation(annotation):
        raise IndexingError(f"{name}: {trigger.kind} cannot give a {annotation} for {trigger.name}")
    for output in outputs:
        annotation = hints.get(output.name)
        if typing.get_origin(annotation) is not func.Out:
            raise IndexingError(f"{name}: {output.name} is an output and must be annotated with func.Out")
        inner = typing.get_args(annotation)[0]
        if output.kind != "queue" or not _accepts(converter_of("queue"), inner):
            raise IndexingError(f"{name}: {output.name}: a {output.kind} output cannot take {inner}")
    answer = hints.get("return")
    if returns is not None and answer is not None and not _accepts(converter_of(returns.kind), answer):
        raise IndexingError(f"{name}: a {returns.kind} return value cannot be {answer}")


def converter_of(kind: str) -> Any:
    """Return the library's converter for a kind of binding, which the worker calls too."""
    return func.get_binding_registry().get(kind)


def _accepts(converter: Any, annotation: Any) -> bool:
    """Check an annotation; converters raise on some types, such as `list[str]` or `HttpResponse | None`."""
    try:
        return bool(converter.check_output_type_annotation(annotation))
    except TypeError:
        return False


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
    return Binding(
        name=resolved["name"],
        kind=resolved["type"],
        is_output=str(resolved["direction"]).upper() == "OUT",
        settings=resolved,
    )
