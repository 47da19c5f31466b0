"""Determines the possible values of an expression, as far as this is possible without a compiler."""

from dataclasses import dataclass

from tree_sitter import Node

from tests.infra.bicep.syntax import get, literal, named, text_of
from tests.infra.bicep.template import Declared, Parameter, Template

RETURNS = {
    "any": "any", "cidrSubnet": "string", "concat": "[any]", "contains": "bool", "deployment": "any", "empty": "bool",
    "environment": "any", "guid": "string", "join": "string", "length": "int", "loadJsonContent": "any",
    "loadTextContent": "string", "resourceGroup": "any", "resourceId": "string", "split": "[string]",
    "string": "string", "subscription": "any", "subscriptionResourceId": "string", "tenant": "any",
    "toLower": "string", "union": "any", "uniqueString": "string", "utcNow": "string",
}  # fmt: skip
"""The functions that the templates use, with what they return. Add a function here when a template needs it."""

ONLY_AS_DEFAULT = {"utcNow", "newGuid"}
NEVER = {"newGuid": "not 32 random bytes, and a new value at every deployment (docs/decisions/0010)"}
LITERALS = {"string": "string", "number": "int", "boolean": "bool", "null": "null"}


@dataclass(frozen=True)
class Possibility:
    """One possible value: a kind, the literal if there is one, and the node to descend into."""

    kind: str
    node: Node
    value: str | None = None


def possibilities(node: Node, template: Template) -> list[Possibility]:
    """Return every possible value of an expression; the kind is `any` if it cannot be determined."""
    if node.type == "parenthesized_expression":
        return possibilities(named(node)[0], template)
    if node.type == "ternary_expression":
        return [p for branch in named(node)[1:] for p in possibilities(branch, template)]
    if node.type in LITERALS:
        return [Possibility(LITERALS[node.type], node, literal(node) if node.type == "string" else text_of(node))]
    if node.type == "object":
        return [Possibility("object", node)]
    if node.type == "array" or node.type == "for_statement":
        return [Possibility("array", node)]
    if node.type == "unary_expression":
        return [Possibility("bool" if text_of(node).startswith("!") else "int", node)]
    if node.type == "binary_expression":
        arithmetic = any(child.type in {"+", "-", "*", "/", "%"} for child in node.children)
        return [Possibility("int" if arithmetic else "bool", node)]
    if node.type == "call_expression":
        return _called(node, template)
    if node.type == "identifier":
        return _symbol(node, template)
    if node.type == "member_expression":
        return _member(node, template)
    return [Possibility("any", node)]


def _called(node: Node, template: Template) -> list[Possibility]:
    function = text_of(named(node)[0])
    if function in {"concat", "union"}:  # each argument has the type of the whole
        return [p for argument in named(named(node)[1]) for p in possibilities(argument, template)]
    kind = RETURNS.get(function, "any")
    return [Possibility("any" if kind == "[any]" else kind, node)]


def _symbol(node: Node, template: Template) -> list[Possibility]:
    declared = template.symbols.get(text_of(node))
    if isinstance(declared, Parameter):
        if declared.allowed:
            return [Possibility(declared.type, node, value) for value in declared.allowed]
        return [Possibility("any" if declared.type in {"object", "array"} else declared.type, node)]
    if isinstance(declared, Declared) and text_of(node) in template.variables:
        if declared.loop is not None:
            return [Possibility("any", node)]
        return possibilities(declared.value, template)
    return [Possibility("any", node)]


def _member(node: Node, template: Template) -> list[Possibility]:
    """Return a property of a variable's object, or of every object in the list that a loop iterates over."""
    owner, name = text_of(named(node)[0]), text_of(named(node)[1])
    candidates = (
        [template.variables[owner].value] if owner in template.variables else _walked_over(node, owner, template)
    )
    values = [value for candidate in candidates if (value := get(candidate, name)) is not None]
    found = [p for value in values for p in possibilities(value, template)]
    return found or [Possibility("any", node)]


def _walked_over(node: Node, name: str, template: Template) -> list[Node]:
    above = node.parent
    while above is not None:
        if above.type == "for_statement":
            initializer = above.child_by_field_name("initializer")
            if initializer is not None and text_of(initializer) == name:
                over = template.variables.get(text_of(_iterated(above)))
                return named(over.value) if over is not None and over.value.type == "array" else []
        above = above.parent
    return []


def _iterated(loop: Node) -> Node:
    """Return the expression after `in`."""
    parts = named(loop)
    return parts[1]
