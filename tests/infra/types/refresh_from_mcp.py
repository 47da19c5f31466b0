"""Refreshes the type data of most resources from Microsoft's `azmcp`, which contains Bicep's own types. See README.md.

    python refresh_from_mcp.py PATH/TO/azmcp

Run by hand, not by the tests. With the npm package installed it needs no network and no sign-in.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PRIMITIVES = {"string", "int", "bool", "any", "object", "null"}
RESOURCES = (
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Communication/communicationServices",
    "Microsoft.Communication/emailServices",
    "Microsoft.Communication/emailServices/domains",
    "Microsoft.Consumption/budgets",
    "Microsoft.EventGrid/systemTopics",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions",
    "Microsoft.Insights/components",
    "Microsoft.Insights/workbooks",
    "Microsoft.KeyVault/vaults",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Resources/resourceGroups",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "Microsoft.Storage/storageAccounts/queueServices",
    "Microsoft.Storage/storageAccounts/queueServices/queues",
    "Microsoft.Storage/storageAccounts/tableServices",
    "Microsoft.Storage/storageAccounts/tableServices/tables",
    "Microsoft.Web/serverfarms",
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/config",
    "Microsoft.Web/staticSites",
)
READ_INTO = {"primaryEndpoints", "fromSenderDomain"}
"""Read-only properties whose type is stored. Of the others only the name is stored, to know that they cannot be set."""
SETTINGS_ONLY = {"Microsoft.Web/sites/config": "appsettings"}
"""For a resource type with several bodies: the one that we declare."""


def ask(binary: str, resource: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [binary, "bicepschema", "get", "--resource-type", resource],
        env={**os.environ, "AZURE_MCP_COLLECT_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout)["results"]["BicepSchemaResult"])


class Trimmer:
    """Writes one resource type with the object types that its settable properties use."""

    def __init__(self, answer: list[dict[str, Any]]) -> None:
        self.known = {entry["name"]: entry for entry in answer if entry["$type"] in {"Object", "DiscriminatedObject"}}
        self.kept: dict[str, Any] = {}

    def type_of(self, text: str) -> str:
        """Return an unambiguous name of a type: literals in quotes, lists with [], alternatives with |."""
        if text.endswith("[]"):
            return f"[{self.type_of(text[:-2])}]"
        if text in self.known:
            self.keep(text)
            return f"#{text}"
        # Alternatives are literals, even if one of them is written like an object.
        return "|".join(part if part in PRIMITIVES else f"'{part}'" for part in text.split(" | "))

    def keep(self, name: str) -> None:
        if name not in self.kept:
            self.kept[name] = None  # types can be recursive
            self.kept[name] = self.body(self.known[name])

    def body(self, entry: dict[str, Any]) -> dict[str, Any]:
        if entry["$type"] == "DiscriminatedObject":
            elements = [self.body(element) for element in entry["elements"]]
            base = self.properties(entry["baseProperties"])
            return {"by": entry["discriminator"], "of": [{**element, **base} for element in elements]}
        found = self.properties(entry["properties"])
        if "additionalPropertiesType" in entry:
            found["*"] = self.type_of(entry["additionalPropertiesType"])
        return found

    def properties(self, entries: list[dict[str, Any]]) -> dict[str, str]:
        return {entry["name"]: self.property(entry) for entry in entries}

    def property(self, entry: dict[str, Any]) -> str:
        flags = entry.get("flags", "")
        if "ReadOnly" in flags:
            return f"readonly {self.type_of(entry['type'])}" if entry["name"] in READ_INTO else "readonly any"
        return ("required " if "Required" in flags else "") + self.type_of(entry["type"])


def trimmed(resource: str, answer: list[dict[str, Any]]) -> dict[str, Any]:
    declared = next(entry for entry in answer if entry["$type"] == "Resource")
    body = declared["bodyType"]
    if resource in SETTINGS_ONLY:
        names = {"name": SETTINGS_ONLY[resource]}
        body = next(
            e for e in body["elements"] if {p["name"]: p["type"] for p in e["properties"]}["name"] in names.values()
        )
    trimmer = Trimmer(answer)
    return {"resource": declared["name"], "body": trimmer.body(body), "objects": dict(sorted(trimmer.kept.items()))}


def main() -> None:
    for resource in RESOURCES:
        target = HERE / f"{resource.removeprefix('Microsoft.').replace('/', '.')}.json"
        target.write_text(json.dumps(trimmed(resource, ask(sys.argv[1], resource)), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
