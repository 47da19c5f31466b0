"""Our rules for an evaluated deployment. Each yields what is wrong; tests/infra/plants.py breaks each of them."""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from local.stack.parts import ROOT
from shared.adapters.azure_tables import ALL_TABLES
from shared.settings import BadSettings, settings_from
from shared.validation import entra_apps, voice
from shared.validation.replies import STARTS, STOPS
from tests.infra import tables
from tests.infra.deployment import SUBSCRIPTION, Deployment
from tests.registered import FUNCTIONS, every_binding


def names(deployment: Deployment) -> Iterator[str]:
    """Every resource has a known type, a version that is served, and a name that its provider takes."""
    for identity, count in Counter(resource["id"].lower() for resource in deployment.resources).items():
        if count > 1:
            yield f"{identity} is declared {count} times"
    for resource in deployment.resources:
        kind, name = resource["type"].removeprefix("Microsoft."), resource["name"]
        version, _, pattern = tables.TYPES.get(kind, ("unknown", "", ""))
        last = name if name.startswith("[") else name.rpartition("/")[2]
        if resource["apiVersion"] != version:
            yield f"{kind} has version {resource['apiVersion']}; {version} is known to be served"
        if not re.fullmatch(pattern, last):
            yield f"{kind}: the name {name!r} is not allowed"
        if kind in tables.GLOBAL and not re.search("[a-z2-7]{13}$", name):
            yield f"{kind}: the name {name!r} is not unique in Azure"


def tags(deployment: Deployment) -> Iterator[str]:
    """Azd finds the environment by one tag, and the host of each service by another."""
    hosts = []
    for resource in deployment.resources:
        kind, given = resource["type"].removeprefix("Microsoft."), resource.get("tags", {})
        hosts += [host for tag, host in given.items() if tag == "azd-service-name"]
        if kind not in tables.UNTAGGED and given.get("azd-env-name") != deployment.settings["AZURE_ENV_NAME"]:
            yield f"{kind} lacks the tag azd-env-name"
    if sorted(hosts) != ["api", "web"]:
        yield f"the hosts of azd's services are {hosts}"


def rights(deployment: Deployment) -> Iterator[str]:
    """Exactly these rights, and all of them from one file."""
    token = deployment.outputs["AZURE_KEY_VAULT_NAME"].removeprefix("kv-")
    deployer, kind_of_deployer = deployment.settings["AZURE_PRINCIPAL_ID"], deployment.given["principalType"]
    given = set()
    for assignment in deployment.of("Authorization/roleAssignments"):
        properties = assignment["properties"]
        who = "deployer" if properties["principalId"] == deployer else properties["principalId"]
        if found := re.fullmatch(r"\[reference\('[^']*/(id|evgt|acs)-\w+'[^()]*\)[a-z.]*\.principalId\]", who):
            who = {"id": "service", "evgt": "topic", "acs": "provider"}[found[1]]
        role = properties["roleDefinitionId"].rpartition("/")[2]
        scope = assignment["id"].partition("/providers/Microsoft.Authorization/")[0].rpartition("/providers/Microsoft.")
        given.add((who, tables.ROLES.get(role, role), scope[2].replace(token, "*")))
        # Without the right kind, an assignment to a new identity fails now and then.
        if properties.get("principalType") != (kind_of_deployer if who == "deployer" else "ServicePrincipal"):
            yield f"{who} has the principal type {properties.get('principalType')}"
    calls = tables.RIGHTS_WITH_CALLS if deployment.given.get("voiceCaller") else set()
    wanted = {right for right in tables.RIGHTS | calls if deployer or right[0] != "deployer"}
    yield from (f"nobody may give {right}" for right in given - wanted)
    yield from (f"{right} is missing" for right in wanted - given)
    for module, resource in _modules(deployment).items():
        inner = json.dumps(resource["properties"]["template"])
        if "Microsoft.Authorization/" in inner and module != "roles":
            yield f"only app/roles.bicep may assign roles, not {module}"


def secrets(deployment: Deployment) -> Iterator[str]:
    """No key is read, written or passed; the five keys are references to the vault."""
    if found := re.search(r"\blist\w*\(|getSecret\(|AccountKey|SharedAccess|accesskey=", deployment.text):
        yield f"{found[0]!r} reads or writes a key"
    if deployment.text.count("ConnectionString") > 1:  # the app's telemetry; keys are off, so it is only an address
        yield "a connection string is used in a second place"
    vault = deployment.outputs["AZURE_KEY_VAULT_NAME"]
    for setting, key in tables.SECRETS.items():
        if _settings(deployment).get(setting) != f"@Microsoft.KeyVault(VaultName={vault};SecretName={key})":
            yield f"{setting} is not a reference to the vault"


def safety(deployment: Deployment) -> Iterator[str]:
    """Keys off, TLS on, deletion reversible, and nothing that Flex Consumption refuses."""
    for kind, wanted in tables.SAFE.items():
        if not deployment.of(kind) and (kind != "CognitiveServices/accounts" or deployment.given.get("voiceCaller")):
            yield f"there is no {kind}"
        for resource in deployment.of(kind):
            for path, value in wanted.items():
                found: Any = resource
                for step in path.split("."):
                    found = found.get(step) if isinstance(found, dict) else None
                if found != value or type(found) is not type(value):
                    yield f"{kind}: {path} is {found!r} and must be {value!r}"
    (site,) = deployment.of("Web/sites")
    for name in [*_settings(deployment), *site["properties"]["siteConfig"]]:
        if tables.REFUSED_BY_FLEX.fullmatch(name):
            yield f"Flex Consumption refuses {name}"


def steadiness(deployment: Deployment) -> Iterator[str]:
    """No value changes by itself: a second deployment would change or refuse it."""
    if found := re.search(r"(utcNow|newGuid|deployment)\(", deployment.text):
        yield f"{found[1]}() changes with each deployment"


def settings(deployment: Deployment) -> Iterator[str]:
    """shared/settings.py accepts the app's settings, and nobody passes one that nobody reads."""
    given = _settings(deployment)
    read = (
        set(re.findall(r'"(SESAME_[A-Z_]+)"', (ROOT / "shared" / "settings.py").read_text("utf-8")))
        - tables.SHARED_KEYS
    )
    read |= {*voice.ALL, *entra_apps.ALL}
    read |= {shape["schedule"].strip("%") for shape in every_binding() if "schedule" in shape}
    yield from (f"nobody reads {name}" for name in given.keys() - read - tables.PLATFORM)
    yield from (f"{name} is missing" for name in (read | tables.PLATFORM) - given.keys())
    key = base64.b64encode(bytes(range(128, 160))).decode()
    made = {name: key if name == "SESAME_INDEX_KEY" else f"1:{key}" for name in tables.SECRETS}
    made |= {name: "https://known-later.example.org" for name, value in given.items() if value.startswith("[")}
    if deployment.given.get("voiceCaller"):
        made[voice.RESOURCE] = SUBSCRIPTION
    made["SESAME_WEB_ORIGINS"] = deployment.given.get("moreWebOrigins", "")
    try:
        seen = settings_from({**given, **made, "WEBSITE_SITE_NAME": "func"})
    except BadSettings as faults:
        yield from faults.faults
        return
    if (seen.line is not None) != bool(deployment.given.get("voiceCaller")):
        yield "people are called without a number, or not called with one"
    if (seen.entra is not None) != bool(deployment.given.get("entraApi")):
        yield "people sign in at Microsoft without registrations, or not there with them"
    if seen.trusted_hops != deployment.given.get("trustedHops", 1):
        yield "the service trusts another number of proxies than was given (R-72)"
    if given["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] != str(1024 * seen.policy.prefill_body_kib):
        yield "the host and the service have different limits for the size of a body"
    if seen.organisation.helpdesk != deployment.given["helpdesk"]:
        yield f"the helpdesk became {seen.organisation.helpdesk!r}"
    (site,) = deployment.of("Web/sites")
    origins = site["properties"]["siteConfig"]["cors"]["allowedOrigins"][1:-1]
    if given["SESAME_WEB_ORIGINS"] != f"[join({origins}, ',')]":
        yield "the platform (CORS) and the service allow different origins"
    if re.findall("'(https://[a-z][^']*)'", origins) != list(seen.web_origins):
        yield f"MORE_WEB_ORIGINS became {origins}"


def _settings(deployment: Deployment) -> dict[str, str]:
    (resource,) = deployment.of("Web/sites/config")
    return dict(resource["properties"])


def code(deployment: Deployment) -> Iterator[str]:
    """Tables, queues and functions have the names that the code uses."""
    reports = {"delivery-reports"}  # Event Grid writes this queue
    used = {shape["queueName"].removesuffix("-poison") for shape in every_binding() if "queueName" in shape} | reports
    storage = "Storage/storageAccounts"
    for kind, wanted in (
        (f"{storage}/tableServices/tables", set(ALL_TABLES)),
        (f"{storage}/queueServices/queues", used | {f"{queue}-poison" for queue in used}),
    ):
        given = {resource["name"].rpartition("/")[2] for resource in deployment.of(kind)}
        if given != wanted:
            yield f"{kind}: {sorted(given ^ wanted)} differ between templates and code"
    sent_to = set(re.findall(r'"queueName": "([^"]*)"', deployment.text))
    if sent_to != reports:
        yield f"Event Grid sends to {sent_to}"
    words = {
        value.strip() for each in re.findall(r'"values": (\[[^\]]*\])', deployment.text) for value in json.loads(each)
    }
    if words != {*STOPS, *STARTS}:
        yield f"Event Grid lets other texts through than the service reads: {sorted(words ^ {*STOPS, *STARTS})}"
    rules = [rule["properties"]["criteria"]["allOf"][0] for rule in deployment.of("Insights/scheduledQueryRules")]
    named = re.findall(r'\bName (?:==|in) \(?((?:"\w+"[, ]*)+)', " ".join(rule["query"] for rule in rules))
    mentioned = set(re.findall(r"\w+", " ".join(named))) | set(re.findall(r'"function:(\w+)"', deployment.text))
    if unknown := mentioned - FUNCTIONS.keys():
        yield f"there are no functions {sorted(unknown)}"


def switches(deployment: Deployment) -> Iterator[str]:
    """What an operator turns on is there, and what is off is not."""
    on = deployment.given
    kinds = ("Web/sites", "Storage/storageAccounts", "Communication/communicationServices")
    site, storage, mail = (deployment.of(kind)[0]["properties"] for kind in kinds)
    private = on["vnetEnabled"]
    if (storage["networkAcls"]["defaultAction"] == "Deny") is not private:
        yield "storage is closed with a private network, and only then"
    if bool(site.get("virtualNetworkSubnetId")) is not private:
        yield "the app joins the network if there is one"
    parts = ["blob", "queue", "table"] if private else []
    for kind in ("privateDnsZones", "privateEndpoints", "privateEndpoints/privateDnsZoneGroups"):
        if len(deployment.of(f"Network/{kind}")) != len(parts):
            yield f"not every part of storage has its {kind}"
    own, verified = on.get("emailDomain", ""), on["emailDomainVerified"]
    declared = [domain["name"].rpartition("/")[2] for domain in deployment.of("Communication/emailServices/domains")]
    if declared != ["AzureManagedDomain", *([own] if own and not verified and not on["emailDomainExists"] else [])]:
        yield f"the mail domains {declared} are declared"  # writing one again could reset its verification
    if [domain.rpartition("/")[2] for domain in mail["linkedDomains"]] != [own if verified else "AzureManagedDomain"]:
        yield f"the mail domains {mail['linkedDomains']} are linked"
    starts = [budget["properties"]["timePeriod"]["startDate"] for budget in deployment.of("Consumption/budgets")]
    if starts != ([on["budgetStart"]] if on["monthlySpend"] and "budgetStart" in on else []):
        yield f"the budgets start at {starts}"
    warm = site["functionAppConfig"]["scaleAndConcurrency"]["alwaysReady"]
    counts = [on["alwaysReadyHttp"], on["alwaysReadyDelivery"]]
    if [each["instanceCount"] for each in warm] != [count for count in counts if count]:
        yield f"the warm instances are {warm}"


def order(deployment: Deployment) -> Iterator[str]:
    """A module that refers to a resource by its name waits for the module that creates it."""
    modules = _modules(deployment)
    creators = {}
    for module, resource in modules.items():
        made = {each["name"] for each in _inside(resource) if not each.get("existing")}
        for parameter, given in resource["properties"]["parameters"].items():
            if f"[parameters('{parameter}')]" in made:
                creators |= dict.fromkeys(_named(given), module)
    # Beyond names: Event Grid and the host need their rights first, and alerts need an app.
    earlier = {("delivery-reports", "roles"), ("api", "roles"), ("alerts", "api")}
    for module, resource in modules.items():
        earlier |= {(module, creators[name]) for name in _named(resource["properties"]["parameters"])}
    for module, first in sorted(earlier):
        if module != first and first not in _before(modules, module):
            yield f"{module} does not wait for {first}"
    loops = {each["type"]: each.get("copy", {}) for each in _inside(modules["network"])}
    if loops["Microsoft.Network/privateEndpoints"].get("mode") != "serial":
        yield "private endpoints are created at the same time (StorageAccountOperationInProgress)"


def _modules(deployment: Deployment) -> dict[str, Any]:
    found = deployment.template["resources"]
    return {resource["name"]: resource for resource in found if resource["type"] == "Microsoft.Resources/deployments"}


def _inside(module: dict[str, Any]) -> list[dict[str, Any]]:
    found = module["properties"]["template"]["resources"]
    return list(found.values()) if isinstance(found, dict) else found


def _named(given: object) -> list[str]:
    return re.findall(r"variables\('names'\)\.(\w+)", str(given))


def _before(modules: dict[str, Any], module: str) -> set[str]:
    direct = set(re.findall(r"deployments', '([a-z-]+)'", str(modules[module].get("dependsOn"))))
    return direct.union(*(_before(modules, each) for each in direct))


def parameters(deployment: Deployment) -> Iterator[str]:
    """Azd can set every parameter, and main.parameters.json and main.bicep have the same defaults."""
    declared = deployment.template["parameters"]
    entries = json.loads((deployment.infra / "main.parameters.json").read_text("utf-8"))["parameters"]
    if unknown := entries.keys() - declared.keys():
        yield f"main.bicep has no parameter {sorted(unknown)}"
    if unset := declared.keys() - entries.keys():
        yield f"main.parameters.json lacks {sorted(unset)}"
    for name in declared.keys() & entries.keys():
        variable = re.fullmatch(r"\$\{[A-Z_]+(?:=([^}]*))?\}", entries[name]["value"])
        default = declared[name].get("defaultValue", "")
        if variable is None or (variable[1] or "") != (default if isinstance(default, str) else json.dumps(default)):
            yield f"{name} is {entries[name]['value']} in main.parameters.json and {default!r} in main.bicep"


RULES = (names, tags, rights, secrets, safety, steadiness, settings, code, switches, order, parameters)
