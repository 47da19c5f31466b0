"""Checks names: every name is declared, every declaration is used, and modules get the parameters that they need."""

from collections.abc import Iterator, Mapping
from posixpath import dirname, normpath

from tree_sitter import Node

from tests.infra.bicep.expressions import NEVER, ONLY_AS_DEFAULT, RETURNS, possibilities
from tests.infra.bicep.syntax import Finding, is_reference, literal, properties, text_of, walk
from tests.infra.bicep.template import Declared, Template, loop_names


def judge(template: Template, all_templates: Mapping[str, Template]) -> Iterator[Finding]:
    """Return every finding about the names of one file."""
    source = template.source
    for node in template.repeated:
        yield source.finding(node, "this name is declared twice")
    used: set[str] = set()
    for node in walk(source.root):
        if node.type == "identifier" and is_reference(node) and not _in_decorator(node):
            name = text_of(node)
            used.add(name)
            if name not in template.symbols and name not in loop_names(node):
                yield source.finding(node, f"`{name}` is not declared")
        if node.type == "call_expression" and not _in_decorator(node):
            yield from _function(template, node)
        if node.type == "member_expression":
            yield from _output(template, all_templates, node)
    for name, declared in template.symbols.items():
        unused = name not in used and (
            name in template.parameters or name in template.variables or getattr(declared, "existing", False)
        )
        if unused:
            yield source.finding(declared.node, f"`{name}` is never used")
    for module in template.modules.values():
        yield from _module(template, all_templates, module)


def _in_decorator(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type != "decorator":
        above = above.parent
    return above is not None


def _function(template: Template, node: Node) -> Iterator[Finding]:
    function = node.child_by_field_name("function")
    if function is None or function.type != "identifier":
        if function is not None:
            yield template.source.finding(
                node, f"`{text_of(function)}(...)` is not a known function of these templates"
            )
        return
    name = text_of(function)
    if name in NEVER:
        yield template.source.finding(node, f"`{name}`: {NEVER[name]}")
    elif name not in RETURNS:
        yield template.source.finding(node, f"`{name}` is not a known function of these templates")
    parent = node.parent
    if name in ONLY_AS_DEFAULT and (parent is None or parent.type != "parameter_declaration"):
        yield template.source.finding(node, f"`{name}` is only allowed as the default of a parameter")
    if name in {"loadTextContent", "loadJsonContent"}:
        target = literal(node.children[1].named_children[0])
        if target is None or not (template.source.path.parent / target).is_file():
            yield template.source.finding(node, f"the file {target!r} does not exist")


def _file_of(template: Template, module: Declared) -> str:
    return normpath(f"{dirname(template.source.name) or '.'}/{module.target}")


def _output(template: Template, all_templates: Mapping[str, Template], node: Node) -> Iterator[Finding]:
    """`module.outputs.name` must be an output of that module.

    It may not be read from a module that may not be deployed (BCP318).
    """
    owner, _, rest = text_of(node).partition(".outputs.")
    module = template.modules.get(owner)
    if module is None or not rest or "." in rest:
        return
    called = all_templates.get(_file_of(template, module))
    if called is not None and rest not in called.outputs:
        yield template.source.finding(node, f"{called.source.name} has no output `{rest}`")
    if module.conditional:
        yield template.source.finding(node, f"`{owner}` may not be deployed, so its outputs may be null (BCP318)")


def _module(template: Template, all_templates: Mapping[str, Template], module: Declared) -> Iterator[Finding]:
    called = all_templates.get(_file_of(template, module))
    if called is None:
        yield template.source.finding(module.node, f"the module {module.target!r} does not exist")
        return
    given_node = module.property("params")
    given = {key: (place, value) for key, place, value in (properties(given_node) if given_node is not None else [])}
    for name, (place, value) in given.items():
        wanted = called.parameters.get(name or "")
        if wanted is None:
            yield template.source.finding(place, f"{called.source.name} has no parameter `{name}`")
            continue
        for possible in possibilities(value, template):
            if possible.kind not in {"any", wanted.type} and (possible.kind, wanted.type) != ("[string]", "array"):
                yield template.source.finding(
                    place, f"`{name}` of {called.source.name} is a {wanted.type}, and this is a {possible.kind}"
                )
            elif possible.value is not None and wanted.allowed and possible.value not in wanted.allowed:
                yield template.source.finding(place, f"`{name}` of {called.source.name} may not be {possible.value!r}")
    for name, wanted in called.parameters.items():
        if wanted.default is None and name not in given:
            yield template.source.finding(
                module.node, f"`{module.name}` lacks `{name}`, which {called.source.name} needs"
            )
