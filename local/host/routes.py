"""Finds the function of a request. Templates have literals, which ignore case, and `{name}` for one segment."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from local.host.loading import IndexingError, LoadedFunction

_PARAMETER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Route:
    """An HTTP function with its methods and the segments of its template."""

    segments: tuple[str, ...]
    methods: frozenset[str]
    function: LoadedFunction

    @property
    def shape(self) -> tuple[str, ...]:
        """The template without the names of its parameters. Two functions cannot share it for one method."""
        return tuple(_PARAMETER.sub("{}", segment).lower() for segment in self.segments)

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """Return the route values of a path, or None if it does not match."""
        values: dict[str, str] = {}
        if len(parts) != len(self.segments):
            return None
        for segment, part in zip(self.segments, parts, strict=True):
            if _PARAMETER.fullmatch(segment) and part:
                values[segment[1:-1]] = part
            elif segment.lower() != part.lower():
                return None
        return values


def route_table(functions: Iterable[LoadedFunction], prefix: str) -> tuple[Route, ...]:
    """Return the routes in name order, in which they are tried. Refuse routes that the host refuses."""
    table: list[Route] = []
    for function in sorted(functions, key=lambda f: f.name):
        if function.trigger.kind != "httpTrigger":
            continue
        own = str(function.trigger.settings["route"])
        if re.match(r"admin|runtime", own, re.IGNORECASE):
            raise IndexingError(f"{function.name}: routes that begin with admin or runtime are reserved for the host")
        if re.search(r"[{}]", _PARAMETER.sub("", own)):
            raise IndexingError(f"{function.name}: the local host does not support the route {own}")
        methods = frozenset(method.upper() for method in function.trigger.settings["methods"])
        route = Route((prefix, *own.split("/")), methods, function)
        for other in table:
            if other.shape == route.shape and other.methods & methods:
                raise IndexingError(f"{function.name} and {other.function.name} share the route {own}")
        table.append(route)
    return tuple(table)


def find(table: Iterable[Route], method: str, raw_path: bytes) -> tuple[Route, dict[str, str]] | None:
    """Return the first route for this method and path. With another method there is no match, so the answer is 404.

    Segments are decoded after they are separated, so an encoded slash never selects another route.
    """
    parts = [unquote(part) for part in raw_path.decode("ascii", "replace").rstrip("/")[1:].split("/")]
    for route in table:
        if method in route.methods and (values := route.match(parts)) is not None:
            return route, values
    return None
