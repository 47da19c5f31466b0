"""Checks the properties of each resource against Azure's description of its type (tests/infra/types)."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tree_sitter import Node

from tests.infra.bicep.expressions import Possibility, possibilities
from tests.infra.bicep.syntax import Finding, get, literal, named, properties, text_of, walk
from tests.infra.bicep.template import Declared, Template

DATA = Path(__file__).parents[1] / "types"
OF_BICEP = {"parent", "scope", "dependsOn"}
"""Properties that Bicep itself reads and does not send to Azure."""
NAME_OF_A_PART = {"id", "name", "type", "apiVersion"}


@cache
def known_types() -> dict[str, dict[str, Any]]:
    """Descriptions by type and version."""
    read = [json.loads(path.read_text("utf-8")) for path in sorted(DATA.glob("*.json"))]
    return {content["resource"]: content for content in read}


def judge(template: Template) -> Iterator[Finding]:
    """Return every finding about the resources of one file."""
    for resource in template.resources.values():
        described = known_types().get(resource.target)
        if described is None:
            yield template.source.finding(resource.node, f"there is no type {resource.target!r} in tests/infra/types")
        elif not resource.existing:
            yield from _Judge(template, resource, described).object(resource.value, described["body"], resource.name)
    yield from _references(template)


class _Judge:
    """Walks a resource and its type together."""

    def __init__(self, template: Template, resource: Declared, described: dict[str, Any]) -> None:
        self.template = template
        self.resource = resource
        self.objects: dict[str, Any] = described["objects"]

    def object(self, node: Node, wanted: dict[str, Any], place: str) -> Iterator[Finding]:
        if "by" in wanted:
            chosen = self._chosen(node, wanted)
            if chosen is None:
                yield self._finding(node, f"`{place}`: `{wanted['by']}` does not name an existing variant")
                return
            wanted = chosen
        given = set()
        for key, where, value in properties(node):
            given.add(key)
            if key in OF_BICEP and node == self.resource.value:
                continue
            kind = wanted.get(key or "", wanted.get("*"))
            if key is None and kind is None:
                yield self._finding(where, f"`{place}` takes no computed names")
            elif kind is None:
                yield self._finding(where, f"`{place}` has no property `{key}`")
            elif kind.startswith("readonly "):
                yield self._finding(where, f"`{place}.{key}` cannot be set")
            else:
                yield from self.value(value, kind.removeprefix("required "), f"{place}.{key}")
        for key, kind in wanted.items():
            if isinstance(kind, str) and kind.startswith("required ") and key not in given | {"*"}:
                yield self._finding(node, f"`{place}` lacks `{key}`")

    def value(self, node: Node, wanted: str, place: str) -> Iterator[Finding]:
        for possible in possibilities(node, self.template):
            if possible.kind == "any" or wanted == "any" or (possible.kind == "null" and node != possible.node):
                continue
            yield from self._one(possible, wanted, place)

    def _one(self, possible: Possibility, wanted: str, place: str) -> Iterator[Finding]:
        node = possible.node
        if wanted.startswith("["):
            if possible.kind == "array" and node.type == "array":
                for item in named(node):
                    yield from self.value(item, wanted[1:-1], f"{place}[]")
            elif possible.kind not in {"array", "[string]"}:
                yield self._finding(node, f"`{place}` is a list, and this is a {possible.kind}")
            return
        choices = wanted.split("|")
        objects = [choice[1:] for choice in choices if choice.startswith("#")]
        if objects:
            if possible.kind == "object":
                yield from self.object(node, self.objects[objects[0]], place)
            else:
                yield self._finding(node, f"`{place}` is an object, and this is a {possible.kind}")
            return
        literals = [choice[1:-1] for choice in choices if choice.startswith("'")]
        if not literals:
            if possible.kind not in choices:
                yield self._finding(node, f"`{place}` is a {wanted}, and this is a {possible.kind}")
        elif possible.kind != "string":
            yield self._finding(node, f"`{place}` is a text, and this is a {possible.kind}")
        elif possible.value is None:
            if "string" not in choices:  # the compiler warns too (BCP036)
                yield self._finding(node, f"`{place}` must be one of {literals}, and this may be any text")
        elif possible.value not in literals:
            yield self._finding(node, f"`{place}` may not be {possible.value!r}; it may be one of {literals}")

    def _chosen(self, node: Node, wanted: dict[str, Any]) -> dict[str, Any] | None:
        value = get(node, wanted["by"])
        name = literal(value) if value is not None else None
        return next((e for e in wanted["of"] if e[wanted["by"]].removeprefix("required ") == f"'{name}'"), None)

    def _finding(self, node: Node, message: str) -> Finding:
        return self.template.source.finding(node, message)


def _references(template: Template) -> Iterator[Finding]:
    """`resource.properties.x` must exist in the type.

    It may not be read from a resource that may not be deployed (BCP318).
    """
    for node in walk(template.source.root):
        parts = text_of(node).split(".") if node.type == "member_expression" else []
        resource = template.resources.get(parts[0].partition("[")[0]) if len(parts) > 1 else None
        if resource is None or (node.parent is not None and node.parent.type == "member_expression"):
            continue
        described = known_types().get(resource.target)
        if described is None or parts[1] in NAME_OF_A_PART:
            continue
        if resource.conditional:
            yield template.source.finding(node, f"`{parts[0]}` may not be deployed, so this may be null (BCP318)")
        if not _exists(described, parts[1:]):
            yield template.source.finding(node, f"{resource.target} has no `{'.'.join(parts[1:])}`")


def _exists(described: dict[str, Any], parts: list[str]) -> bool:
    body: Any = described["body"]
    for part in parts:
        kind = body.get(part, body.get("*")) if isinstance(body, dict) else "any"
        if kind is None:
            return False
        referred = kind.split(" ")[-1]
        body = described["objects"].get(referred[1:]) if referred.startswith("#") else None
    return True
