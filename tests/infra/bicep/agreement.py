"""Checks that tables, queues, functions and parameters have the same names in templates, code and azd."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tree_sitter import Node

from shared.adapters.azure_tables import ALL_TABLES
from shared.domain.policy import Policy
from shared.settings import policy_from
from tests.infra.bicep.syntax import Finding, literal, named, text_of, walk
from tests.infra.bicep.template import Parameter, Template
from tests.registered import FUNCTIONS, every_binding

ROOT = Path(__file__).parents[3]
REPORTS = "delivery-reports"
"""Queues that Event Grid writes, not the service."""


def judge(folder: Path, templates: Mapping[str, Template]) -> Iterator[Finding]:
    """Return every finding about names that must be the same in two places."""
    storage = templates.get("app/storage.bicep")
    if storage is not None:
        yield from _list(storage, "tableNames", set(ALL_TABLES))
        queues = queues_of_the_service() | {REPORTS}
        yield from _list(storage, "queueNames", queues | {f"{queue}-poison" for queue in queues})
    for template in templates.values():
        for node in walk(template.source.root):
            for name in _functions_named(literal(node) or "" if node.type == "string" else ""):
                if name not in FUNCTIONS:
                    yield template.source.finding(node, f"there is no function `{name}`")
            if node.type == "object_property" and text_of(named(node)[0]) == "queueName":
                queue = literal(named(node)[1])
                if queue is not None and queue not in {REPORTS, *queues_of_the_service()}:
                    yield template.source.finding(node, f"there is no queue {queue!r}")
    if "main.bicep" in templates:
        yield from _parameters(folder / "main.parameters.json", templates["main.bicep"])
    yield from _json(folder)


@cache
def queues_of_the_service() -> set[str]:
    """Return the queues that triggers and outputs name, without the poison queues."""
    return {shape["queueName"].removesuffix("-poison") for shape in every_binding() if "queueName" in shape}


def _functions_named(text: str) -> list[str]:
    names = re.findall(r"^function:(\w+)$", text) + re.findall(r'\bName == "(\w+)"', text)
    for group in re.findall(r"\bName in \(([^)]*)\)", text):
        names += re.findall(r'"(\w+)"', group)
    return names


def _list(template: Template, variable: str, wanted: set[str]) -> Iterator[Finding]:
    declared = template.variables.get(variable)
    if declared is None:
        yield template.source.finding(template.source.root, f"there is no `{variable}`")
        return
    given = {literal(item): item for item in named(declared.value)}
    for name, item in given.items():
        if name not in wanted:
            yield template.source.finding(item, f"the service does not use {name!r}")
    for name in sorted(wanted - set(given)):
        yield template.source.finding(declared.node, f"`{variable}` lacks {name!r}")


def _parameters(path: Path, main: Template) -> Iterator[Finding]:
    """Azd passes the parameters of main.parameters.json; their defaults must be the same in both files."""
    text = path.read_text("utf-8")
    given: dict[str, Any] = json.loads(text)["parameters"]
    for name, entry in given.items():
        parameter = main.parameters.get(name)
        if parameter is None:
            yield _at(path, text, f'"{name}"', f"main.bicep has no parameter `{name}`")
            continue
        match = re.fullmatch(r"\$\{[A-Z_]+(?:=(.*))?\}", str(entry["value"]))
        if match is None:
            yield _at(path, text, f'"{name}"', f"`{name}` must come from the environment of azd")
        elif parameter.default is not None and (match[1] or "") != _plain(parameter.default):
            yield _at(
                path, text, f'"{name}"', f"the default of `{name}` in main.bicep is {_plain(parameter.default)!r}"
            )
    for name, parameter in main.parameters.items():
        if name not in given and not _is_computed(parameter):
            yield main.source.finding(parameter.node, f"main.parameters.json lacks `{name}`, so azd cannot set it")


def _plain(node: Node) -> str:
    text = literal(node)
    return text_of(node) if text is None else text


def _is_computed(parameter: Parameter) -> bool:
    return parameter.default is not None and parameter.default.type == "call_expression"


def _json(folder: Path) -> Iterator[Finding]:
    """The files that templates load must be valid."""
    for path in sorted(folder.rglob("*.json")):
        try:
            content = json.loads(path.read_text("utf-8"))
        except ValueError as fault:
            yield Finding(path.relative_to(folder).as_posix(), getattr(fault, "lineno", 1), "this is not JSON")
            continue
        if path.name == "policy.json":
            _, faults = policy_from(content) if isinstance(content, dict) else (Policy(), ["not an object"])
            for fault in faults:
                knob = fault.partition(":")[0]
                yield _at(path, path.read_text("utf-8"), f'"{knob}"', fault)


def _at(path: Path, text: str, mark: str, message: str) -> Finding:
    line = next((number for number, content in enumerate(text.splitlines(), 1) if mark in content), 1)
    return Finding(path.name, line, message)
