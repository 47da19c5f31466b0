"""One Bicep file as its declarations."""

from dataclasses import dataclass, field
from pathlib import Path

from tree_sitter import Node

from tests.infra.bicep.syntax import Source, get, literal, named, text_of, walk


@dataclass(frozen=True)
class Parameter:
    """A `param`: its type, its default if it has one, and the values that its decorators allow."""

    name: str
    node: Node
    type: str
    default: Node | None
    decorators: tuple[Node, ...]

    @property
    def allowed(self) -> list[str] | None:
        """Return the literals of @allowed(...) as written."""
        for decorator in self.decorators:
            call = named(decorator)[0]
            if text_of(call).startswith("allowed("):
                return [literal(item) or text_of(item) for item in named(named(named(call)[1])[0])]
        return None

    @property
    def is_secure(self) -> bool:
        return any(text_of(decorator).startswith("@secure(") for decorator in self.decorators)


@dataclass(frozen=True)
class Declared:
    """A `var`, `resource`, `module` or `output`."""

    name: str
    node: Node
    target: str
    """Type and version of a resource, file of a module, type of an output; empty for a variable."""
    value: Node
    """The expression, or the object inside a loop and a condition."""
    existing: bool = False
    conditional: bool = False
    loop: Node | None = None

    def property(self, *path: str) -> Node | None:
        return get(self.value, *path)


@dataclass
class Template:
    """The declarations of a file by kind."""

    source: Source
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: dict[str, Declared] = field(default_factory=dict)
    resources: dict[str, Declared] = field(default_factory=dict)
    modules: dict[str, Declared] = field(default_factory=dict)
    outputs: dict[str, Declared] = field(default_factory=dict)
    repeated: list[Node] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path, path: Path) -> "Template":
        template = cls(Source.read(folder, path))
        decorators: tuple[Node, ...] = ()
        for node in named(template.source.root):
            if node.type == "decorators":
                decorators = tuple(named(node))
                continue
            template._add(node, decorators)
            decorators = ()
        return template

    @property
    def symbols(self) -> dict[str, Parameter | Declared]:
        """Return all names that an expression may use. Outputs are not among them."""
        return {**self.parameters, **self.variables, **self.resources, **self.modules}

    def _add(self, node: Node, decorators: tuple[Node, ...]) -> None:
        parts = named(node)
        if not node.type.endswith("_declaration") or len(parts) < 2:
            return
        name = text_of(parts[0])
        kind = node.type.removesuffix("_declaration")
        if name in self.outputs if kind == "output" else name in self.symbols:
            self.repeated.append(node)
        if kind == "parameter":
            default = parts[2] if len(parts) > 2 else None
            self.parameters[name] = Parameter(name, node, text_of(parts[1]), default, decorators)
            return
        target = literal(parts[1]) or text_of(parts[1]) if kind != "variable" else ""
        value, loop, conditional = _inside(parts[-1])
        existing = any(child.type == "existing" for child in node.children)
        declared = Declared(name, node, target, value, existing, conditional, loop)
        kinds = {
            "variable": self.variables, "resource": self.resources, "module": self.modules, "output": self.outputs,
        }  # fmt: skip
        if kind in kinds:
            kinds[kind][name] = declared


def _inside(node: Node) -> tuple[Node, Node | None, bool]:
    """Return the object inside a loop and a condition."""
    loop, conditional = None, False
    while node.type in {"for_statement", "if_statement"}:
        if node.type == "for_statement":
            loop = node
        else:
            conditional = True
        node = named(node)[-1]
    return node, loop, conditional


def loop_names(node: Node) -> set[str]:
    """Return the variables of the loops around a node."""
    found: set[str] = set()
    above: Node | None = node
    while above is not None:
        if above.type == "for_statement":
            initializer = above.child_by_field_name("initializer")
            if initializer is not None:
                found |= {text_of(part) for part in walk(initializer) if part.type == "identifier"}
            found |= {
                text_of(part)
                for part in walk(above)
                if part.type in {"loop_variable", "loop_enumerator"} and not part.named_children
            }
        above = above.parent
    return found


def read_all(folder: Path) -> dict[str, Template]:
    """Return every template of a folder by its relative name."""
    found = [Template.read(folder, path) for path in sorted(folder.rglob("*.bicep"))]
    return {template.source.name: template for template in found}
