"""Runs all checks on a folder of templates."""

import re
from functools import cache
from pathlib import Path

import pycep

from tests.infra.bicep import agreement, house, resource_types, settings, symbols
from tests.infra.bicep.syntax import Finding
from tests.infra.bicep.template import Template, read_all

_SECOND_PARSER = pycep.BicepParser()


def findings(folder: Path) -> list[Finding]:
    """Return all findings in the folder, with file and line."""
    templates = read_all(folder)
    broken = {finding for template in templates.values() for finding in _unreadable(template)}
    if broken:  # later checks would report misleading findings
        return sorted(broken)
    found = {
        *house.judge(templates),
        *settings.judge(templates),
        *agreement.judge(folder, templates),
    }
    for template in templates.values():
        found.update(symbols.judge(template, templates))
        found.update(resource_types.judge(template))
    return sorted(found)


def _unreadable(template: Template) -> list[Finding]:
    """Return what one of the two parsers refuses. Checkov ignores a file that pycep cannot read."""
    source = template.source
    found = source.syntax_errors()
    if not found and (fault := _second_opinion(source.path.read_text("utf-8"))):
        line = re.search(r"at line (\d+)", fault)
        found = [Finding(source.name, int(line[1]) if line else 1, f"pycep cannot read this: {fault}")]
    return found + [
        source.finding(
            parameter.node, f"the type `{parameter.type}` is not in the subset of Bicep that these files use"
        )
        for parameter in template.parameters.values()
        if parameter.type not in {"string", "int", "bool", "object", "array"}
    ]


@cache
def _second_opinion(text: str) -> str:
    try:
        _SECOND_PARSER.parse(text=text)
    except Exception as fault:  # noqa: BLE001  whatever the parser raises, the file is not read
        return str(fault).partition("\n")[0]
    return ""
