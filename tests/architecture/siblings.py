"""A contract for import-linter: modules of one package do not import each other, without a list of them.

    type = siblings
    packages = functions, shared.usecases...
    open = modules of these packages that every module may import

Inside each package a module may import only what is meant to be shared: modules whose names begin with an underscore,
or what lies in a folder whose name does, and the packages that it lies in itself. The `__init__` of a package may
import everything beneath it, as a registry does. A module that begins with an underscore belongs to its own package:
nothing else that is deployed may import it. Tests may import everything.
"""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

DEPLOYED = ("functions.", "shared.")


class SiblingsContract(Contract):
    """Keeps endpoints, use-cases, methods and tables independent of each other."""

    type_name = "siblings"
    packages = fields.ListField(subfield=fields.StringField())
    open = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        wrong = [
            (importer, imported)
            for package in self.packages
            for imported in sorted(graph.find_descendants(package) - self.open)
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if importer.startswith(DEPLOYED) and not may_import(importer, imported, package)
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> Any:
        for importer, imported in check.metadata["wrong"]:
            output.print_error(f"{importer} is not allowed to import {imported}")


def may_import(importer: str, imported: str, package: str) -> bool:
    """Whether a module may import another one, which is in `package`."""
    if importer == package or imported.startswith(f"{importer}.") or importer.startswith(f"{imported}."):
        return True
    parts = imported.removeprefix(f"{package}.").split(".")
    private = next((number for number, part in enumerate(parts) if part.startswith("_")), None)
    if private is not None:
        owner = ".".join([package, *parts[:private]])
        return importer.startswith(f"{owner}.")
    return not importer.startswith(f"{package}.")
