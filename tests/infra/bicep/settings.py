"""Checks that the templates set exactly the app settings that shared/settings.py and the triggers read."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.infra.bicep.syntax import Finding, literal, properties, text_of
from tests.infra.bicep.template import Declared, Template
from tests.registered import every_binding

ROOT = Path(__file__).parents[3]
LOCAL_ONLY = {"SESAME_STORAGE_CONNECTION", "SESAME_ACS_ACCESS_KEY"}
"""Settings with shared keys, which settings.py refuses on Azure."""
PLATFORM = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING": None,
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": None,
    "AZURE_CLIENT_ID": None,
    "AzureWebJobsStorage__accountName": None,
    "AzureWebJobsStorage__clientId": None,
    "AzureWebJobsStorage__credential": "managedidentity",
}
"""Settings that the host and azure-identity read."""
FORBIDDEN = re.compile(
    "FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|FUNCTIONS_WORKER_PROCESS_COUNT|WEBSITE_.*|SCM_DO_BUILD.*"
    "|ENABLE_ORYX_BUILD|AzureWebJobsStorage|TZ|FUNCTIONS_MAX_HTTP_CONCURRENCY|PYTHON_ISOLATE.*|PYTHON_ENABLE_INIT.*"
)
"""Settings that Flex Consumption refuses or ignores. A plain AzureWebJobsStorage would contain a shared key."""
SECRETS = {"SESAME_INDEX_KEY", "SESAME_CODE_KEYS", "SESAME_TOKEN_KEYS", "SESAME_SEAL_KEYS", "SESAME_PEPPERS"}


@cache
def read_by_the_service() -> set[str]:
    """Return every variable that shared/settings.py reads, and every %NAME% of a trigger."""
    tree = ast.parse((ROOT / "shared" / "settings.py").read_text("utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found = {text for text in texts if re.fullmatch("SESAME_[A-Z_]+", text)}
    return found | {shape["schedule"].strip("%") for shape in every_binding() if "schedule" in shape}


def judge(templates: Mapping[str, Template]) -> Iterator[Finding]:
    """Return every finding about the settings resource."""
    for template in templates.values():
        for resource in template.resources.values():
            if resource.target.startswith("Microsoft.Web/sites/config@"):
                yield from _settings(template, resource)


def _settings(template: Template, resource: Declared) -> Iterator[Finding]:
    given = resource.property("properties")
    if given is None:
        yield template.source.finding(resource.node, "there are no settings")
        return
    wanted = read_by_the_service() - LOCAL_ONLY
    names = set()
    for name, place, value in properties(given):
        names.add(name)
        if name is None or (name not in wanted and name not in PLATFORM):
            yield template.source.finding(place, f"nobody reads `{name}`")
        if name and FORBIDDEN.fullmatch(name):
            yield template.source.finding(place, f"`{name}` must not be set on Flex Consumption")
        if name in SECRETS and not re.fullmatch(r"'\$\{vaultReference\}[a-z-]+\)'", text_of(value)):
            yield template.source.finding(value, f"`{name}` must be a reference to the vault")
        if name == "SESAME_TRUSTED_HOPS" and literal(value) != "1":
            yield template.source.finding(
                value, "exactly one proxy, that of the platform, is in front of the app (R-72)"
            )
        if name and PLATFORM.get(name) and literal(value) != PLATFORM[name]:
            yield template.source.finding(value, f"`{name}` must be {PLATFORM[name]}")
    for name in sorted(wanted | set(PLATFORM)):
        if name not in names:
            yield template.source.finding(given, f"the setting `{name}` is missing")
