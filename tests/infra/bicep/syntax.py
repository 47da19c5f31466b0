"""Bicep as a syntax tree: tree-sitter's nodes, and the queries that the checks need."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_bicep.language()))


@dataclass(frozen=True, order=True)
class Finding:
    """A finding with its file and line."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One file and its tree; `name` is relative to the folder that is checked."""

    name: str
    path: Path
    root: Node

    @classmethod
    def read(cls, folder: Path, path: Path) -> "Source":
        return cls(path.relative_to(folder).as_posix(), path, _PARSER.parse(path.read_bytes()).root_node)

    def finding(self, node: Node, message: str) -> Finding:
        return Finding(self.name, line_of(node), message)

    def syntax_errors(self) -> list[Finding]:
        return [
            self.finding(node, "this cannot be parsed")
            for node in walk(self.root)
            if node.is_missing or (node.type == "ERROR" and not any(child.type == "ERROR" for child in node.children))
        ]


def line_of(node: Node) -> int:
    return int(node.start_point[0]) + 1


def text_of(node: Node) -> str:
    return node.text.decode() if node.text is not None else ""


def walk(node: Node) -> Iterator[Node]:
    """Yield this node and every node below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def named(node: Node) -> list[Node]:
    """Return the children without punctuation and comments."""
    return [child for child in node.named_children if child.type != "comment"]


def literal(node: Node | None) -> str | None:
    """Return the text of a string without interpolation; None for anything else."""
    if node is None or node.type != "string" or any(child.type == "interpolation" for child in node.children):
        return None
    parts = []
    for child in node.named_children:
        text = text_of(child)
        parts.append(text[1:] if child.type == "escape_sequence" else text)
    return "".join(parts)


def properties(node: Node) -> list[tuple[str | None, Node, Node]]:
    """Return key, position of the key, and value of each property of an object; a computed key is None."""
    found = []
    for child in named(node):
        if child.type == "object_property":
            key, value = named(child)[0], named(child)[-1]
            found.append((text_of(key) if key.type == "identifier" else literal(key), key, value))
    return found


def get(node: Node | None, *path: str) -> Node | None:
    """Return the value at a path of keys in nested objects."""
    for step in path:
        if node is None or node.type != "object":
            return None
        node = next((value for key, _, value in properties(node) if key == step), None)
    return node


def is_reference(node: Node) -> bool:
    """Whether an identifier refers to a symbol, and is not the name of a key, a function, a loop or a declaration."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "call_expression" and parent.child_by_field_name("function") == node:
        return False
    if parent.type == "object_property":
        return named(parent)[0] != node
    if parent.type == "for_statement":
        return parent.child_by_field_name("initializer") != node
    if parent.type.endswith("_declaration"):
        return named(parent)[0] != node
    return parent.type not in {"loop_variable", "loop_enumerator", "type"}
