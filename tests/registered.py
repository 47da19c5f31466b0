"""The functions of the app as the host reads them, indexed once, because the library allows only one time."""

from collections.abc import Iterator
from typing import Any

import function_app

FUNCTIONS = {function.get_function_name(): function for function in function_app.app.get_functions()}


def bindings(name: str) -> dict[str, dict[str, Any]]:
    """Return the function's bindings by type."""
    return {shape["type"]: shape for shape in _shapes(name)}


def every_binding() -> list[dict[str, Any]]:
    """Return the bindings of all functions."""
    return [shape for name in FUNCTIONS for shape in _shapes(name)]


def _shapes(name: str) -> Iterator[dict[str, Any]]:
    return (binding.get_dict_repr() for binding in FUNCTIONS[name].get_bindings())
