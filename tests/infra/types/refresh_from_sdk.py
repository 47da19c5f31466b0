"""Refreshes the type data that `azmcp` lacks, from the models of Microsoft's management SDKs. See README.md.

    uv run --no-project --with azure-mgmt-monitor==6.0.2 python refresh_from_sdk.py monitor
    uv run --no-project --with azure-mgmt-monitor==7.0.0 python refresh_from_sdk.py queries
    uv run --no-project --with azure-mgmt-privatedns==1.2.0 python refresh_from_sdk.py dns

Run by hand, not by the tests. The models define how a property is serialised, whether it is required and whether it can
be set. They contain enumerations as plain text, so the ones we use are listed here, from the same packages.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SIMPLE = {
    "str": "string", "bool": "bool", "int": "int", "float": "int", "duration": "string", "iso-8601": "string",
    "object": "any",
}  # fmt: skip
# The class name, its module, and Azure's name.
DECLARED = {
    "monitor": {
        "Microsoft.Insights/actionGroups@2023-01-01": ("azure.mgmt.monitor.v2023_01_01.models", "ActionGroupResource"),
        "Microsoft.Insights/diagnosticSettings@2021-05-01-preview": (
            "azure.mgmt.monitor.v2021_05_01_preview.models",
            "DiagnosticSettingsResource",
        ),
    },
    "queries": {
        "Microsoft.Insights/scheduledQueryRules@2023-12-01": (
            "azure.mgmt.monitor.models",
            "ScheduledQueryRuleResource",
        ),
    },
    "dns": {
        "Microsoft.Network/privateDnsZones@2024-06-01": ("azure.mgmt.privatedns.models", "PrivateZone"),
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01": (
            "azure.mgmt.privatedns.models",
            "VirtualNetworkLink",
        ),
    },
}
ENUMERATIONS = {
    ("ScheduledQueryRuleResource", "kind"): "Kind",
    ("Condition", "timeAggregation"): "TimeAggregation",
    ("Condition", "operator"): "ConditionOperator",
    ("Dimension", "operator"): "DimensionOperator",
}


class Writer:
    """Writes one class with the classes that it uses."""

    def __init__(self, models: Any) -> None:
        self.models = models
        self.kept: dict[str, Any] = {}

    def type_of(self, owner: str, wire: str, text: str) -> str:
        if enumeration := ENUMERATIONS.get((owner, wire)):
            return "|".join(f"'{member.value}'" for member in getattr(self.models, enumeration)) + "|string"
        if text.startswith("["):
            return f"[{self.type_of(owner, wire, text[1:-1])}]"
        if text.startswith("{"):
            self.kept["Texts"] = {"*": self.type_of(owner, wire, text[1:-1])}
            return "#Texts"
        if text in SIMPLE:
            return SIMPLE[text]
        if text not in self.kept:
            self.kept[text] = None
            self.kept[text] = self.flat(text)
        return f"#{text}"

    def entries(self, name: str) -> dict[str, str]:
        model = getattr(self.models, name)
        written = {}
        for attribute, place in model._attribute_map.items():
            rule = model._validation.get(attribute, {})
            wire = place["key"]
            if rule.get("readonly"):
                written[wire] = "readonly any"
            else:
                written[wire] = ("required " if rule.get("required") else "") + self.type_of(
                    name, wire.split(".")[-1], place["type"]
                )
        return written

    def flat(self, name: str) -> dict[str, str]:
        return self.entries(name)

    def body(self, name: str) -> dict[str, Any]:
        """Move what the SDK writes as `properties.x` back under `properties`."""
        top: dict[str, str] = {}
        inner: dict[str, str] = {}
        for wire, kind in self.entries(name).items():
            folder, _, rest = wire.partition(".")
            if rest:
                inner[rest] = kind
            else:
                top[folder] = kind
        # The SDK sends the name in the URL; a template declares it.
        top["name"] = "required string"
        if inner:
            self.kept["Properties"] = inner
            top["properties"] = "#Properties"
        return top


def main() -> None:
    for resource, (module, name) in DECLARED[sys.argv[1]].items():
        writer = Writer(importlib.import_module(module))
        body = writer.body(name)
        target = HERE / f"{resource.partition('@')[0].removeprefix('Microsoft.').replace('/', '.')}.json"
        content = {"resource": resource, "body": body, "objects": dict(sorted(writer.kept.items()))}
        target.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
