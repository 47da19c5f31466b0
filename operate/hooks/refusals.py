"""What azd would drop in silence or choke on, and what Azure or the service would refuse after half a deployment."""

import json
import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from operate.hooks.environment import ANSWERS, ROOT, Environment, Parameter, parameters
from operate.hooks.web_config import ORGANISATION, ORIGIN
from operate.organisation_page import Unusable, organisation_of
from shared.adapters.directories import REGISTERED
from shared.settings import BadSettings, settings_from
from shared.validation import voice

ENVIRONMENT = re.compile(r"[A-Za-z0-9()._-]{1,64}")
"""What azd takes as the name of an environment (EnvironmentNameRegexp in its source)."""
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])", re.IGNORECASE)
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
POLICY, DIRECTORY, SCOPES = "infra/policy.json", "infra/directory.json", "infra/scopes.json"
RETURN_ADDRESSES = "infra/return-addresses.json"
OURS = {
    "SESAME_DIRECTORY": "DIRECTORY",
    "SESAME_ENTRA_API": "ENTRA_API",
    "SESAME_ENTRA_AUTHORITY": "ENTRA_AUTHORITY",
    "SESAME_ENTRA_PAGE": "ENTRA_PAGE",
    "SESAME_ENTRA_TENANT": "ENTRA_TENANT",
    "SESAME_FRONT_DOOR_ID": "FRONT_DOOR_ID",
    "SESAME_HELPDESK": "HELPDESK",
    "SESAME_ORGANISATION": ORGANISATION,
    "SESAME_RETURN_ADDRESSES": RETURN_ADDRESSES,
    "SESAME_RP_ID": "RP_ID",
    "SESAME_POLICY": POLICY,
    "SESAME_SCOPES": SCOPES,
    "SESAME_SMS_SENDERS": "SMS_SENDERS",
    "SESAME_VOICE_CALLER": "VOICE_CALLER",
}
"""The settings of the service that are a variable or a file of the deployer as it is."""
CRON = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
"""The least and greatest number of each field of a timer: second to weekday (Microsoft, "NCRONTAB expressions")."""
SPAN = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/[1-9]\d*)?", re.ASCII)
NAMED = re.compile(r"[a-z]{3,9}(-[a-z]{3,9})?", re.IGNORECASE | re.ASCII)
"""A month or a weekday by its name."""
GEO, UNPAIRED = {"Standard_GRS", "Standard_GZRS"}, {"italynorth", "spaincentral"}
"""Copies to a second region are made in the paired one only (Microsoft, "Azure regions list")."""
BREAKS = {'"': "a quotation mark", "\\": "a backslash", "$(": "$(, which azd would run as a command"}
"""Azd writes a value into a JSON file as it is."""


def refusals(given: Environment) -> list[str]:
    """Return one sentence for each variable that cannot be used, or [] if all can."""
    faults = [
        f"{name} is not set: run azd up, which asks for it, or azd env set {name} VALUE."
        for name in ("AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_SUBSCRIPTION_ID")
        if not given.get(name)
    ]
    for parameter in parameters():
        value = given.get(parameter.variable)
        if value and (fault := _of_type(parameter, value)):
            faults.append(f"{parameter.variable} {fault}.")
    return faults or [
        f"{fault}." for part in (_of_names, _of_messages, _of_places, _of_service) for fault in part(given)
    ]


def _of_type(parameter: Parameter, value: str) -> str | None:
    for mark, name in BREAKS.items():
        if mark in value:
            return f"contains {name}"
    if parameter.type == "bool" and value not in ANSWERS:
        return f"is {value!r}, but can only be true or false"
    read: str | int = value
    if parameter.type == "int":
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
            return f"is {value!r}, but has to be a whole number"
        read = int(value)
    least, most = parameter.least or 0, parameter.most
    size, unit = (read, "") if isinstance(read, int) else (len(read), " characters")
    if size < least or (most is not None and size > most):
        wanted = f"at least {least}" if most is None else f"{least}" if least == most else f"from {least} to {most}"
        return f"is {value!r}, but has to be {wanted}{unit}"
    if parameter.allowed and read not in parameter.allowed:
        return f"is {value!r}, but has to be one of: {', '.join(map(str, parameter.allowed))}"
    return None


def _of_names(given: Environment) -> Iterator[str]:
    name, domain = given["AZURE_ENV_NAME"], given.get("EMAIL_DOMAIN")
    if not ENVIRONMENT.fullmatch(name):
        yield "AZURE_ENV_NAME can have letters, digits, hyphens, dots, underscores and parentheses only"
    if name.endswith("."):
        yield "AZURE_ENV_NAME ends in a dot, which Azure does not allow in the name of a resource group"
    if domain and not HOST.fullmatch(domain):
        yield f"EMAIL_DOMAIN is {domain!r}, which is not a domain, such as mail.example.org"
    if given.yes("EMAIL_DOMAIN_VERIFIED") and not domain:
        yield "EMAIL_DOMAIN_VERIFIED is true, but EMAIL_DOMAIN is not set"
    role = given.get("ACS_ROLE_ID")
    if role and not GUID.fullmatch(role):
        yield f"ACS_ROLE_ID is {role!r}, which is not the id of a role"


def _of_messages(given: Environment) -> Iterator[str]:
    alert = given.get("ALERT_EMAIL")
    if alert and not (re.fullmatch(r"[^@\s]+@[^@\s]+", alert, re.ASCII) and HOST.fullmatch(alert.partition("@")[2])):
        yield f"ALERT_EMAIL is {alert!r}, which is not an email address"


def _of_places(given: Environment) -> Iterator[str]:
    for origin in given.get("MORE_WEB_ORIGINS").split(","):
        if origin.strip() and not ORIGIN.fullmatch(origin.strip().removesuffix("/")):
            yield f"MORE_WEB_ORIGINS contains {origin.strip()!r}, which is not an origin, such as https://www.example.org"
    for timer in ("REMIND_SCHEDULE", "PURGE_SCHEDULE"):
        if not _runs(given.get(timer, "0 0 0 * * *")):
            yield f"{timer} is {given.get(timer)!r}, which is not six fields from second to weekday"
    if given.get("STORAGE_SKU") in GEO and given["AZURE_LOCATION"] in UNPAIRED:
        yield f"STORAGE_SKU {given['STORAGE_SKU']} needs a region with a pair, which {given['AZURE_LOCATION']} has not"
    if given.yes("VNET_ENABLED"):
        yield from _of_network(given)


def _runs(schedule: str) -> bool:
    """Return whether a timer of the host takes a schedule. Otherwise it does not run, and nobody notices for days."""
    fields = schedule.split(" ")
    return len(fields) == len(CRON) and all(
        (NAMED.fullmatch(part) and most in {12, 6})
        or ((span := SPAN.fullmatch(part)) and all(least <= int(number) <= most for number in span.groups() if number))
        for field, (least, most) in zip(fields, CRON, strict=True)
        for part in field.split(",")
    )


def _of_network(given: Environment) -> Iterator[str]:
    found = {}
    for name, default in (
        ("VNET_ADDRESS_SPACE", "10.83.0.0/24"),
        ("VNET_APP_SUBNET", "10.83.0.0/25"),
        ("VNET_ENDPOINT_SUBNET", "10.83.0.192/26"),
    ):
        try:
            found[name] = IPv4Network(given.get(name, default))
        except ValueError:
            yield f"{name} is {given.get(name)!r}, which is not a network, such as {default}"
            return
    space, app, endpoints = found.values()
    if not (app.subnet_of(space) and endpoints.subnet_of(space)) or app.overlaps(endpoints):
        yield "VNET_APP_SUBNET and VNET_ENDPOINT_SUBNET have to lie in VNET_ADDRESS_SPACE, and apart from each other"
    if app.prefixlen > 27:
        yield f"VNET_APP_SUBNET is {app}, but has to be a /27 or larger"


def _of_service(given: Environment) -> Iterator[str]:
    """Let the service judge what it will be given: the deployment would succeed, and the service would not answer."""
    known = {setting: (ROOT / file).read_text("utf-8") for setting, file in OURS.items() if "/" in file}
    known |= {setting: given.get(name) for setting, name in OURS.items() if "/" not in name and given.get(name)}
    known |= _of_directory(given)
    known["WEBSITE_SITE_NAME"] = "the settings are those of Azure"
    if door := given.get("FRONT_DOOR_ID"):
        known |= {"SESAME_FRONT_DOOR_ID": door, "SESAME_CLIENT_ADDRESS_HEADER": "X-Azure-ClientIP"}
    if given.get("VOICE_CALLER"):  # what belongs to it is known only after the deployment
        known |= dict.fromkeys((voice.SPEECH, voice.CALLBACK), "https://known.later.example")
        known[voice.RESOURCE] = "00000000-0000-0000-0000-000000000000"
    try:
        organisation_of(str(known["SESAME_ORGANISATION"]), "", ROOT / "infra")  # its logo, which the service never sees
    except Unusable as refused:
        yield f"{ORGANISATION}: {refused}"
        known["SESAME_ORGANISATION"] = ""
    try:
        settings_from(known)
    except BadSettings as refused:  # always: its keys and addresses are not known yet
        for fault in refused.faults:
            setting = re.match(r"\w+", fault)
            if setting and setting[0] in OURS:
                yield OURS[setting[0]] + fault.removeprefix(setting[0])
            elif setting and setting[0].startswith("SESAME_DIRECTORY_"):
                yield f"{DIRECTORY}: {fault}"


def _of_directory(given: Environment) -> dict[str, str]:
    """Return the settings of a directory that is a server. Its password is in the vault, where nobody looks."""
    named = json.loads((ROOT / DIRECTORY).read_text("utf-8"))
    settings = {f"SESAME_DIRECTORY_{name.upper()}": str(value) for name, value in named.items()}
    chosen = REGISTERED.get(given.get("DIRECTORY", "embedded"))
    if chosen and "bind_password" in chosen.needs:
        settings["SESAME_DIRECTORY_BIND_PASSWORD"] = "in the vault"  # noqa: S105  the service gets another one
    return settings
