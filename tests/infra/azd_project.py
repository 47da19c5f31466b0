"""Checks azure.yaml: its schema, and the files that it refers to."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from operate.hooks.__main__ import STEPS

SCHEMA = json.loads(Path(__file__).with_name("azure_yaml.schema.json").read_text("utf-8"))


def findings(root: Path) -> list[str]:
    """Return each fault as `azure.yaml:LINE: message`."""
    path = root / "azure.yaml"
    text = path.read_text("utf-8")
    try:
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        return [f"azure.yaml:{line}: {fault.problem}"]
    places = _lines(yaml.compose(text))
    found = [
        f"azure.yaml:{_line(places, list(error.absolute_path), error)}: {error.message}"
        for error in jsonschema.Draft201909Validator(SCHEMA).iter_errors(content)
    ]
    return found or [f"azure.yaml:{places.get(at, 1)}: {message}" for at, message in _pointers(root, content)]


def _lines(node: Any, at: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], int]:
    """Return the line of every key by its path."""
    found = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found[(*at, key.value)] = key.start_mark.line + 1
            found |= _lines(value, (*at, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            found[(*at, index)] = value.start_mark.line + 1
            found |= _lines(value, (*at, index))
    return found


def _line(places: dict[tuple[Any, ...], int], path: list[Any], error: jsonschema.ValidationError) -> int:
    """Return the line of a fault: that of the unknown key if the message names one."""
    for name in re.findall(r"'([^']+)'", error.message):
        if (*path, name) in places:
            return places[(*path, name)]
    return places.get(tuple(path), 1)


def _pointers(root: Path, content: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield missing folders and scripts, and services without a tagged resource."""
    tagged = set()
    for template in (root / "infra").rglob("*.bicep"):
        tagged |= set(re.findall(r"'azd-service-name': '(\w+)'", template.read_text("utf-8")))
    for name, service in content["services"].items():
        folder = root / service["project"]
        if not folder.is_dir():
            yield ("services", name, "project"), f"there is no folder {service['project']}"
        if name not in tagged:
            yield ("services", name), f"no resource of infra/ has the tag azd-service-name: {name}"
        for event, hook in service.get("hooks", {}).items():
            yield from _scripts(folder, ("services", name, "hooks", event), hook)
    for event, hook in content["hooks"].items():
        yield from _scripts(root, ("hooks", event), hook)
    main = (root / "infra" / "main.parameters.json").read_text("utf-8")
    for index, variable in enumerate(content.get("pipeline", {}).get("variables", [])):
        if f"${{{variable}" not in main:
            yield ("pipeline", "variables", index), f"infra/main.parameters.json does not read {variable}"


def _scripts(folder: Path, at: tuple[str, ...], hook: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield launchers that do not exist, cannot run, or start a step that operate/hooks does not know."""
    for system, script in hook.items():
        words = shlex.split(script["run"].removeprefix("sh "))
        if not (folder / words[0]).is_file():
            yield (*at, system), f"there is no script {words[0]}"
        elif words[1:] and words[1] not in STEPS:
            yield (*at, system), f"operate/hooks has no step {words[1]}"
        elif not words[1:]:
            yield (*at, system), f"{words[0]} is a path, which azd passes on without quotation marks"
