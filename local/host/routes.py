"""Route templates as the host reads them: `{x}`, `{x?}`, `{*x}`, `{x:int}`, `{x=5}`. Literals ignore case."""

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from local.host.loading import IndexingError, LoadedFunction

_PARAMETER = re.compile(
    r"\{(?P<star>\*{0,2})(?P<name>\w+)(?P<constraints>(?::\w+(?:\([^()]*\))?)*)(?:=(?P<default>[^{}?]*))?(?P<optional>\??)\}"
)
_CONSTRAINT = re.compile(r":(\w+)(?:\(([^()]*)\))?")


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _pattern(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression, re.IGNORECASE)
    return lambda text: compiled.fullmatch(text) is not None


def _bounded(low: int | None, high: int | None, measure: Callable[[str], int]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            value = measure(text)
        except ValueError:
            return False
        return (low is None or low <= value) and (high is None or value <= high)

    return holds


def _constraint(name: str, argument: str | None) -> Callable[[str], bool]:
    plain = {
        "int": _pattern(r"-?\d{1,10}"),
        "long": _pattern(r"-?\d{1,19}"),
        "bool": _pattern(r"true|false"),
        "alpha": _pattern(r"[a-z]*"),
        "decimal": _pattern(r"-?\d+(\.\d+)?"),
        "guid": _is_guid,
        "required": bool,
    }
    if argument is None and name in plain:
        return plain[name]
    if argument is not None and name == "regex":
        return lambda text: re.search(argument, text, re.IGNORECASE) is not None
    numbers = [int(part) for part in (argument or "").split(",") if part.strip().lstrip("-").isdigit()]
    match name, numbers:
        case ("length", [low, *rest]) if len(rest) <= 1:
            holds = _bounded(low, [low, *rest][-1], len)
        case "minlength", [low]:
            holds = _bounded(low, None, len)
        case "maxlength", [high]:
            holds = _bounded(0, high, len)
        case "min", [low]:
            holds = _bounded(low, None, int)
        case "max", [high]:
            holds = _bounded(None, high, int)
        case "range", [low, high]:
            holds = _bounded(low, high, int)
        case _:
            raise IndexingError(f"the route constraint {name} is not supported by the local host")
    return holds


@dataclass(frozen=True)
class _Parameter:
    name: str
    default: str | None
    constraints: tuple[Callable[[str], bool], ...]


class RouteTemplate:
    """One template, compiled once."""

    def __init__(self, template: str) -> None:
        self.shape = _PARAMETER.sub(lambda m: "{" + m["star"] + m["constraints"] + "}", template.strip("/")).lower()
        self._parameters: list[_Parameter] = []
        segments = template.strip("/").split("/") if template.strip("/") else []
        self._expression = re.compile("".join(map(self._segment, segments)), re.IGNORECASE | re.DOTALL)

    def _segment(self, segment: str) -> str:
        whole = _PARAMETER.fullmatch(segment)
        pieces, position = [], 0
        for found in _PARAMETER.finditer(segment):
            pieces.append(re.escape(segment[position : found.start()]))
            pieces.append("(.*)" if found["star"] else "([^/]+?)")
            checks = tuple(_constraint(c[1], c[2]) for c in _CONSTRAINT.finditer(found["constraints"]))
            self._parameters.append(_Parameter(found["name"], found["default"], checks))
            position = found.end()
        pieces.append(re.escape(segment[position:]))
        body = "/" + "".join(pieces)
        may_be_absent = whole and (whole["star"] or whole["optional"] or whole["default"] is not None)
        return f"(?:{body})?" if may_be_absent else body

    def match(self, path: str) -> dict[str, str] | None:
        """Return the route values of a path from `decoded_path`, or None if it does not match."""
        found = self._expression.fullmatch(path)
        if found is None:
            return None
        values: dict[str, str] = {}
        for parameter, text in zip(self._parameters, found.groups(), strict=True):
            value = parameter.default if text is None else text
            if value is None:
                continue
            if text is not None and not all(holds(text) for holds in parameter.constraints):
                return None
            values[parameter.name] = value
        return values


def decoded_path(raw_path: bytes) -> str:
    """Percent-decode a path for matching. An encoded slash stays encoded, so that it never separates segments."""
    text = raw_path.decode("ascii", "replace").replace("%2F", "%252F").replace("%2f", "%252F")
    return unquote(text).rstrip("/")


@dataclass(frozen=True)
class Route:
    """An HTTP function with its route and methods."""

    template: RouteTemplate
    methods: frozenset[str] | None  # None: every method
    function: LoadedFunction


def route_table(functions: Iterable[LoadedFunction], prefix: str) -> tuple[Route, ...]:
    """Return the routes in name order, in which they are tried. Refuse routes that the host refuses."""
    table: list[Route] = []
    for function in sorted(functions, key=lambda f: f.name):
        if function.trigger.kind != "httpTrigger":
            continue
        own = str(function.trigger.settings.get("route") or function.name).strip("/")
        if re.match(r"admin|runtime", own, re.IGNORECASE):
            raise IndexingError(f"{function.name}: routes that begin with admin or runtime are reserved for the host")
        methods = function.trigger.settings.get("methods")
        route = Route(
            RouteTemplate(f"{prefix}/{own}"), frozenset(m.upper() for m in methods) if methods else None, function
        )
        for other in table:
            if other.template.shape == route.template.shape and _overlap(other.methods, route.methods):
                raise IndexingError(f"{function.name} and {other.function.name} share the route {own}")
        table.append(route)
    return tuple(table)


def _overlap(first: frozenset[str] | None, second: frozenset[str] | None) -> bool:
    return first is None or second is None or bool(first & second)


def find(table: Iterable[Route], method: str, raw_path: bytes) -> tuple[Route, dict[str, str]] | None:
    """Return the first route for this method and path. With another method there is no match, so the answer is 404."""
    path = decoded_path(raw_path)
    for route in table:
        if route.methods is not None and method not in route.methods:
            continue
        values = route.template.match(path)
        if values is not None:
            return route, values
    return None
