"""Settings: one frozen object from the environment.

All faults are reported together; unsafe values are refused (R-104).

docs/settings.md lists each variable; a test checks that it is complete.

Long: reading a variable and judging its value belong together.
"""

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from shared.adapters.directories import REGISTERED, fault_of_options
from shared.domain.calls import VOICE, Line
from shared.domain.entra_apps import EntraApps
from shared.domain.organisation import Organisation, fault_of_name, is_helpdesk, organisation_from
from shared.domain.policy import Policy
from shared.domain.return_address import ReturnAddress, fault_of
from shared.domain.roles import Scope
from shared.domain.senders import Sender, faults_of_countries, reached_by
from shared.methods import ALL, RelyingParty, channels_of, evidence_by_name, is_offered
from shared.validation.entra_apps import entra_apps
from shared.validation.scopes import scopes
from shared.validation.senders import senders
from shared.validation.voice import line

DIRECTORY: Final = "SESAME_DIRECTORY"
KEY_BYTES: Final = 32
MOST_HOPS: Final = 5
ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
"""As browsers send it: in lower case, without a path."""
DOMAIN: Final = re.compile(
    r"localhost|(?=.{1,128}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
"""A name of at most 128 characters, because it stands in tokens. Browsers refuse an IP address."""
HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class BadSettings(Exception):
    """The settings are not usable. `faults` names every fault and contains no value."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """The settings of this installation. They contain keys and are never printed."""

    on_azure: bool
    has_managed_identity: bool
    """Whether this process gets tokens of a managed identity: on Azure, or from the local stack."""
    storage_connection: str | None
    table_service: str
    """HTTPS address of the tables, for the managed identity. Empty where there is only a connection string."""
    queue_service: str
    """The same of the queues."""
    identity_client_id: str | None
    index_key: bytes
    code_keys: Mapping[int, bytes]
    token_keys: Mapping[int, bytes]
    seal_keys: Mapping[int, bytes]
    peppers: Mapping[int, bytes]
    acs_endpoint: str
    acs_access_key: str | None
    email_sender: str
    senders: tuple[Sender, ...]
    """The senders of texts, in the order in which they are preferred. Without one, nothing is texted."""
    line: Line | None
    """The line from which codes are spoken. Without one, nobody is called."""
    directory: str
    """Which of the registered directories holds the accounts."""
    directory_options: Mapping[str, str]
    """The variables `SESAME_DIRECTORY_...`, by what follows in lower case; the directory itself judges them."""
    entra: EntraApps | None
    """With which applications people sign in at Microsoft. Without them, they sign in with a password here."""
    scopes: tuple[Scope, ...]
    """To whom a role is good, where not to everybody."""
    organisation: Organisation
    web_origins: tuple[str, ...]
    return_addresses: tuple[ReturnAddress, ...]
    """The applications to which a page may send a person back."""
    rp_id: str
    """The domain that passkeys are bound to. Empty where the policy has no such method."""
    trusted_hops: int
    client_address_header: str
    """The header in which Azure Front Door names the client. Empty: X-Forwarded-For and `trusted_hops` tell it."""
    front_door_id: str
    """The id of the Front Door whose header is believed. Others could write it themselves (R-72)."""
    use_proxy_settings: bool
    """Whether the clients of Azure use the proxy that HTTPS_PROXY and NO_PROXY name."""
    policy: Policy

    @property
    def offered_channels(self) -> frozenset[str]:
        """The channels of this installation."""
        return _channels(self.senders, self.line)

    @property
    def channels_by_method(self) -> dict[str, tuple[str, ...]]:
        """The channels of each offered method whose code is sent, the default first."""
        offered = self.offered_channels
        return {name: channels for name in self.policy.methods if (channels := channels_of(name, offered))}

    @property
    def web_host(self) -> str:
        """The host of the page, to which text messages bind their code. Empty where it is an IP address or unknown."""
        hosts = (_host(origin) for origin in self.web_origins)
        return next((host for host in hosts if not host.replace(".", "").isdecimal() and ":" not in host), "")

    @property
    def register_page(self) -> str:
        """The address at which people register. Only its path where no page is named."""
        return f"{self.web_origins[0] if self.web_origins else ''}/register"

    @property
    def web_origin(self) -> str:
        """The origin of the page, for people to type: the one of `web_host`. Empty where none is known."""
        named = (origin for origin in self.web_origins if _host(origin) == self.web_host)
        return next(named, self.web_origins[0] if self.web_origins else "")

    @property
    def relying_party(self) -> RelyingParty:
        """This installation, as passkeys know it."""
        return RelyingParty(id=self.rp_id, name=self.organisation.name, origins=self.web_origins)


class _Reader:
    """Reads variables and collects faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environ.get(name, "").strip() or default
        if value is None:
            self.faults.append(f"{name} is missing")
        return value or ""

    def key(self, name: str, encoded: str) -> bytes:
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        # A key of equal bytes or of text comes from a sample or was typed, not generated.
        if len(key) != KEY_BYTES or len(set(key)) < KEY_BYTES // 4 or key.isascii():
            self.faults.append(f"{name} must hold {KEY_BYTES} random bytes in base64")
        return key

    def keys(self, name: str) -> dict[int, bytes]:
        keys = {}
        for entry in self.text(name).split(","):
            version, _, encoded = entry.strip().partition(":")
            if not (version.isascii() and version.isdigit() and 0 < int(version) < 10_000):
                self.faults.append(f"{name} must be VERSION:BASE64[,VERSION:BASE64...]")
                return {}
            if int(version) in keys:  # the earlier key would be lost, and with it what was made with it
                self.faults.append(f"{name} has version {int(version)} twice")
            keys[int(version)] = self.key(name, encoded)
        return keys

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            self.faults.append(f"{name} must be a whole number from {low} to {high}")
            return default
        return int(text)

    def one_of(self, name: str, default: str, choices: Collection[str]) -> str:
        value = self.text(name, default)
        if value not in choices:
            self.faults.append(f"{name} must be one of: {', '.join(choices)}")
        return value

    def storage_service(self, kind: str) -> str:
        """Return the address of the storage account's tables or queues.

        In the public cloud the name of the account is enough. A sovereign cloud or a custom domain needs the address,
        in the setting that the Functions host reads for its own connection.
        """
        name = f"AzureWebJobsStorage__{kind}ServiceUri"
        address = self.environ.get(name, "").strip().rstrip("/")
        # Tokens are sent there. A key in the address (a shared access signature) has no place beside an identity.
        if address and not (address.startswith("https://") and _host(address) and not set("?#@") & set(address)):
            self.faults.append(f"{name} must be an https address without user, query and fragment")
        account = self.environ.get("SESAME_STORAGE_ACCOUNT") or self.environ.get("AzureWebJobsStorage__accountName")
        return address or (f"https://{account}.{kind}.core.windows.net" if account else "")

    def senders(self, name: str) -> tuple[Sender, ...]:
        declared, faults = senders(self.environ.get(name, ""))
        self.faults += [f"{name}: {fault}" for fault in faults]
        return declared

    def scopes(self, name: str) -> tuple[Scope, ...]:
        found, faults = scopes(self.object(name))
        self.faults += [f"{name}: {fault}" for fault in faults]
        return found

    def object(self, name: str) -> dict[str, Any]:
        """Return a JSON object, given as it is or by the path of its file."""
        text = self.text(name, "{}")
        try:
            given = json.loads(text if text.startswith("{") else Path(text).read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            self.faults.append(f"{name} is neither a JSON object nor the path of one ({type(fault).__name__})")
            return {}
        if not isinstance(given, dict):
            self.faults.append(f"{name} must be a JSON object")
            return {}
        return given

    def return_addresses(self, name: str, *, local: bool) -> tuple[ReturnAddress, ...]:
        found = []
        for shown, address in self.object(name).items():
            if not isinstance(address, str):
                self.faults.append(f"{name}: {shown}: must be a text")
            elif fault := fault_of_name(shown) or fault_of(address, local=local):
                self.faults.append(f"{name}: {shown}: {fault}")
            else:
                found.append(ReturnAddress(shown, address.removesuffix("?"), address.endswith("?")))
        return tuple(found)

    def organisation(self, name: str, helpdesk: str) -> Organisation:
        contact = self.text(helpdesk, "")
        if contact and not is_helpdesk(contact):
            self.faults.append(f"{helpdesk} must be a phone number of at most 21 characters or an email address")
        seen, faults = organisation_from(self.object(name))
        self.faults += [f"{name}: {fault}" for fault in (*faults, *_of_the_organisation(seen))]
        return replace(seen, helpdesk=contact)

    def line(self, *, on_azure: bool) -> Line | None:
        declared, faults = line(self.environ, on_azure=on_azure)
        self.faults += faults
        return declared

    def entra(self, *, on_azure: bool) -> EntraApps | None:
        declared, faults = entra_apps(self.environ, on_azure=on_azure)
        self.faults += faults
        return declared

    def policy(self, name: str, declared: tuple[Sender, ...], calls_from: Line | None) -> Policy:
        given = self.object(name)
        policy, faults = policy_from(given)
        if declared:
            judged = policy.countries if "countries" in given else (policy.home_country,) * ("home_country" in given)
            faults += faults_of_countries(judged, declared)
        if calls_from and not policy.countries and not declared:
            faults.append("countries: is missing: name the countries whose numbers may be called")
        self.faults += [f"{name}: {fault}" for fault in faults]
        return _that_can_be_fulfilled(policy, declared, calls_from, given)


def _channels(declared: Collection[Sender], calls_from: Line | None) -> frozenset[str]:
    texts, calls = ["sms"] if declared else [], [VOICE] if calls_from else []
    return frozenset(["email", *texts, *calls])


def _that_can_be_fulfilled(
    policy: Policy, declared: tuple[Sender, ...], calls_from: Line | None, given: Collection[str]
) -> Policy:
    """Return the policy without what no channel can carry. `given` are the names of the settings that it states.

    Without a sender or a line the service starts, and no page offers a method that needs one: a number is often bought
    after the first deployment. A policy that names no countries allows those that the senders reach; its home country,
    if it names none either, is the default where that is one of them.
    """
    channels = _channels(declared, calls_from)
    policy = replace(policy, methods=tuple(name for name in policy.methods if is_offered(name, channels)))
    if "countries" in given:
        return policy
    countries = reached_by(declared)
    known = "home_country" in given or policy.home_country in countries
    return replace(policy, countries=countries, home_country=policy.home_country if known else "")


_KINDS: Final = {bool: "true or false", int: "a whole number", str: "a text"}


def policy_from(given: Mapping[str, Any]) -> tuple[Policy, list[str]]:
    """Build the policy from these settings, and collect every fault in them."""
    knobs = {knob.name for knob in fields(Policy)}
    faults: list[str] = []
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in knobs:
            faults.append(f"{name}: unknown setting")
        elif name == "own_questions":
            from shared.validation.own_questions import own_questions  # noqa: PLC0415  few have them

            values[name], wrong = own_questions(value)
            faults += [f"{name}: {fault}" for fault in wrong]
        elif isinstance(default := getattr(Policy(), name), tuple):
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                values[name] = tuple(value)
            else:
                faults.append(f"{name}: must be a list of texts")
        elif type(value) is not type(default):  # `True` is an int to isinstance
            faults.append(f"{name}: must be {_KINDS[type(default)]}")
        else:
            values[name] = value
    countries = values.get("countries", ())
    if "home_country" not in given and countries and Policy().home_country not in countries:
        values["home_country"] = ""  # only what the operator wrote can be wrong
    policy = Policy(**values)
    return policy, faults + policy.faults(evidence_by_name())


def _of_the_organisation(organisation: Organisation) -> list[str]:
    """What only a library or the machine can tell of it."""
    faults = []
    if organisation.text_name != Organisation().name:
        from shared.messages.words import LONGEST_TEXT_NAME, fits_a_text  # noqa: PLC0415  not for the usual name

        if not fits_a_text(organisation.text_name):
            wrong = "short_name" if organisation.short_name else "name"
            faults.append(f"{wrong}: is longer than {LONGEST_TEXT_NAME} in text messages; add a shorter short_name")
    if organisation.time_zone != Organisation().time_zone:
        from zoneinfo import ZoneInfo  # noqa: PLC0415  not for UTC

        try:
            ZoneInfo(organisation.time_zone)
        except (ValueError, OSError, KeyError):
            faults.append("time_zone: must be a name such as Europe/Paris")
    return faults


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read the environment. Raises BadSettings with every fault."""
    read = _Reader(environ)
    on_azure = bool(environ.get("WEBSITE_SITE_NAME"))
    endpoint = read.text("SESAME_ACS_ENDPOINT")
    declared, calls_from = read.senders("SESAME_SMS_SENDERS"), read.line(on_azure=on_azure)
    settings = Settings(
        on_azure=on_azure,
        has_managed_identity=on_azure or bool(environ.get("IDENTITY_ENDPOINT")),
        storage_connection=environ.get("SESAME_STORAGE_CONNECTION") or None,
        table_service=read.storage_service("table"),
        queue_service=read.storage_service("queue"),
        identity_client_id=environ.get("AZURE_CLIENT_ID") or None,
        index_key=read.key("SESAME_INDEX_KEY", read.text("SESAME_INDEX_KEY")),
        code_keys=read.keys("SESAME_CODE_KEYS"),
        token_keys=read.keys("SESAME_TOKEN_KEYS"),
        seal_keys=read.keys("SESAME_SEAL_KEYS"),
        peppers=read.keys("SESAME_PEPPERS"),
        acs_endpoint=endpoint,
        acs_access_key=environ.get("SESAME_ACS_ACCESS_KEY") or None,
        email_sender=read.text("SESAME_EMAIL_SENDER"),
        senders=declared,
        line=calls_from,
        directory=read.one_of(DIRECTORY, "embedded", REGISTERED),
        directory_options={
            name.removeprefix(f"{DIRECTORY}_").lower(): value
            for name, value in environ.items()
            if name.startswith(f"{DIRECTORY}_") and value.strip()
        },
        entra=read.entra(on_azure=on_azure),
        scopes=read.scopes("SESAME_SCOPES"),
        organisation=read.organisation("SESAME_ORGANISATION", "SESAME_HELPDESK"),
        web_origins=tuple(o.strip().rstrip("/") for o in environ.get("SESAME_WEB_ORIGINS", "").split(",") if o.strip()),
        return_addresses=read.return_addresses("SESAME_RETURN_ADDRESSES", local=not on_azure),
        rp_id=read.text("SESAME_RP_ID", ""),
        trusted_hops=read.number("SESAME_TRUSTED_HOPS", 0, 0, MOST_HOPS),
        client_address_header=read.text("SESAME_CLIENT_ADDRESS_HEADER", ""),
        front_door_id=read.text("SESAME_FRONT_DOOR_ID", "").lower(),
        use_proxy_settings=read.one_of("SESAME_USE_PROXY_SETTINGS", "false", ("true", "false")) == "true",
        policy=read.policy("SESAME_POLICY", declared, calls_from),
    )
    if on_azure and not settings.organisation.helpdesk:
        read.faults.append("SESAME_HELPDESK is missing: people who cannot go on must know whom to ask (M30)")
    faults = read.faults + [
        fault for part in (_of_the_directory, _of_the_front_door, _of_passkeys, _unsafe) for fault in part(settings)
    ]
    if faults:
        raise BadSettings(faults)
    return settings


def _of_the_directory(settings: Settings) -> list[str]:
    """What the chosen directory lacks, and what it would not read: a name with a typing error, for instance."""
    chosen = REGISTERED.get(settings.directory)
    if chosen is None:  # a fault of its own
        return []
    groups = ["SESAME_SCOPES: this directory has no groups"] if settings.scopes and not chosen.has_groups else []
    given, needed = set(settings.directory_options), set(chosen.needs)
    unknown = given - needed - set(chosen.takes)
    unsafe = "" if needed - given else fault_of_options(settings.directory, settings.directory_options)
    return [
        *groups,
        *filter(None, [unsafe]),
        *(f"{DIRECTORY}_{name.upper()} is missing" for name in sorted(needed - given)),
        *(f"{DIRECTORY}_{name.upper()} is not a setting of this directory" for name in sorted(unknown)),
    ]


def _unsafe(settings: Settings) -> list[str]:
    """Add faults for values that are well-formed but unsafe."""
    faults = []
    if not settings.storage_connection and not (settings.table_service and settings.queue_service):
        faults.append("SESAME_STORAGE_ACCOUNT (or, locally, SESAME_STORAGE_CONNECTION) is missing")
    schemes = ("https:",) if settings.on_azure else ("https:", "http:")
    if not all(ORIGIN.fullmatch(origin) and origin.startswith(schemes) for origin in settings.web_origins):
        faults.append("SESAME_WEB_ORIGINS must name exact origins, such as https://www.example.org (R-83)")
    local = _host(settings.acs_endpoint) in LOOPBACK
    if not local and not settings.acs_endpoint.startswith("https://"):
        faults.append("SESAME_ACS_ENDPOINT must be https")
    if settings.on_azure:
        if settings.storage_connection:
            faults.append("SESAME_STORAGE_CONNECTION holds a shared key: on Azure the managed identity is used")
        if settings.acs_access_key:
            faults.append("SESAME_ACS_ACCESS_KEY is a shared key: on Azure the managed identity is used")
        if settings.trusted_hops == 0:
            faults.append("SESAME_TRUSTED_HOPS must be at least 1 behind Azure's front end (R-72)")
        if local:
            faults.append("SESAME_ACS_ENDPOINT must not be a loopback address on Azure")
    elif local and not settings.acs_access_key:
        faults.append("SESAME_ACS_ACCESS_KEY is missing for a loopback SESAME_ACS_ENDPOINT")
    return faults


def _of_passkeys(settings: Settings) -> list[str]:
    """Refuse a domain that no browser would accept here. A passkey works only on the domain it was registered for."""
    offered = any(ALL[name].phishing_resistant for name in settings.policy.methods if name in ALL)
    domain, hosts = settings.rp_id, [_host(origin) for origin in settings.web_origins]
    if domain and not DOMAIN.fullmatch(domain):
        return ["SESAME_RP_ID must be a domain in lower case, such as reset.example.org"]
    if offered and not domain:
        return ["SESAME_RP_ID is missing: the policy offers passkeys"]
    if offered and hosts and not any(host == domain or host.endswith(f".{domain}") for host in hosts):
        return ["SESAME_RP_ID must be the host of one of SESAME_WEB_ORIGINS, or a domain above it"]
    return []


def _of_the_front_door(settings: Settings) -> list[str]:
    header, profile = settings.client_address_header, settings.front_door_id
    if not header and not profile:
        return []
    if not header or not profile:
        return ["SESAME_CLIENT_ADDRESS_HEADER and SESAME_FRONT_DOOR_ID are set together (R-72)"]
    if not HEADER.fullmatch(header):
        return ["SESAME_CLIENT_ADDRESS_HEADER must be the name of a header, such as X-Azure-ClientIP"]
    return [] if GUID.fullmatch(profile) else ["SESAME_FRONT_DOOR_ID must be the id of a Front Door profile, a GUID"]


def _host(address: str) -> str:
    """Return the host as a client parses it. A check of the first characters could be fooled by another host's name."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
