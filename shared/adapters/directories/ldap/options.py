"""The settings `SESAME_DIRECTORY_...` of a directory over LDAP. Unsafe ones are refused with ValueError."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from shared.domain.limits import Rate
from shared.domain.roles import Role

PORTS: Final = {"ldaps": 636, "ldap": 389}
MOST_SERVERS: Final = 5
ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
DOMAIN: Final = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
LOCKOUT: Final = re.compile(r"([0-9]{1,4})/([0-9]{1,7})")
NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class Server:
    """One server. Without `ldaps` TLS begins with StartTLS, before anything else is sent."""

    host: str
    port: int
    ldaps: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """The names that a kind of server has for what is operational."""

    object_id: str
    changed: str
    locked: str
    failures: str
    must_change: str
    disabled: str
    policy: str
    expires: str = ""
    """When the password expires, where the server writes it on the entry."""


KINDS: Final[Mapping[str, Kind]] = {
    # draft-behera-ldap-password-policy, as the overlay ppolicy has it
    "openldap": Kind(
        "entryUUID", "pwdChangedTime", "pwdAccountLockedTime", "pwdFailureTime", "pwdReset", "", "pwdPolicySubentry"
    ),
    # 389 Directory Server and Red Hat Directory Server, with passwordTrackUpdateTime on
    "389ds": Kind(
        "nsUniqueId", "pwdUpdateTime", "accountUnlockTime", "passwordRetryCount", "pwdReset", "nsAccountLock",
        "pwdPolicySubentry", "passwordExpirationTime",
    ),
}  # fmt: skip


ROLE_GROUPS: Final[Mapping[Role, str]] = {
    Role.ADMINISTRATOR: "administrators_dn",
    Role.HELPDESK: "helpdesk_dn",
    Role.AUDITOR: "auditors_dn",
}
"""The settings that name a group."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Options:
    """The settings of this directory. They contain a password and are never printed."""

    servers: tuple[Server, ...]
    base_dn: str
    bind_dn: str
    bind_password: str
    decoy_dn: str
    """An entry that nobody uses. Names that nobody has are checked against it, so that they cost a hash too."""
    authority: str = ""
    """Certificates in PEM. Empty: the authorities of the system."""
    kind: Kind = KINDS["openldap"]
    names: tuple[str, ...] = ("uid",)
    """The attributes whose values are names to sign in with. The first value of the first one is shown."""
    people_filter: str = "(objectClass=person)"
    role_groups: Mapping[Role, str] = field(default_factory=dict)
    """The group whose members have a role of this service, by the role."""
    policies_dn: str = ""
    lockout: Rate | None = None
    never_locks: bool = False
    email_attribute: str = ""
    """Where an address outside of this organisation stands. Empty: addresses are not prefilled (M4)."""
    mail_domains: frozenset[str] = frozenset()
    """Domains whose mailboxes open with the password of this directory (M4)."""
    default_policy_dn: str = ""
    """The policy of entries that name none."""


def options_from(given: Mapping[str, str]) -> Options:
    """Read the settings. Raises ValueError for one that is unsafe or unreadable; it never quotes a value."""
    kind = given.get("kind", "openldap")
    if kind not in KINDS:
        raise ValueError(f"SESAME_DIRECTORY_KIND must be one of: {', '.join(KINDS)}")
    names = tuple(given.get("names", "uid").replace(" ", "").split(","))
    email = given.get("email_attribute", "")
    if not all(map(ATTRIBUTE.fullmatch, (*names, email or "mail"))):
        raise ValueError("SESAME_DIRECTORY_NAMES and SESAME_DIRECTORY_EMAIL_ATTRIBUTE must be names of attributes")
    people = given.get("people_filter", "(objectClass=person)").strip()
    if not (people.startswith("(") and people.endswith(")") and people.count("(") == people.count(")")):
        raise ValueError("SESAME_DIRECTORY_PEOPLE_FILTER must be a filter in parentheses")
    lockout = given.get("lockout", "")
    rate = LOCKOUT.fullmatch(lockout)
    if lockout and lockout != NEVER and not (rate and int(rate[1]) and int(rate[2])):
        raise ValueError("SESAME_DIRECTORY_LOCKOUT must be FAILURES/SECONDS, such as 5/900, or never")
    domains = [domain.strip().lower() for domain in given.get("mail_domains", "").split(",") if domain.strip()]
    if not all(map(DOMAIN.fullmatch, domains)):
        raise ValueError("SESAME_DIRECTORY_MAIL_DOMAINS must be domains such as example.org, in ASCII")
    if not given["bind_password"]:
        raise ValueError("SESAME_DIRECTORY_BIND_PASSWORD is empty: the server would take that for an anonymous bind")
    return Options(
        servers=_servers(given["servers"]),
        base_dn=given["base_dn"].strip(),
        bind_dn=given["bind_dn"].strip(),
        bind_password=given["bind_password"],
        decoy_dn=given["decoy_dn"].strip(),
        authority=_pem(given.get("authority", "")),
        kind=KINDS[kind],
        names=names,
        people_filter=people,
        role_groups={role: dn for role, name in ROLE_GROUPS.items() if (dn := given.get(name, "").strip())},
        policies_dn=given.get("policies_dn", "").strip() or given["base_dn"].strip(),
        lockout=Rate(int(rate[1]), timedelta(seconds=int(rate[2]))) if rate else None,
        never_locks=lockout == NEVER,
        email_attribute=email,
        mail_domains=frozenset(domains),
        default_policy_dn=given.get("default_policy_dn", "").strip(),
    )


def _servers(text: str) -> tuple[Server, ...]:
    found = []
    for address in filter(None, (part.strip() for part in text.split(","))):
        parts = urlsplit(address)
        try:
            port = parts.port or PORTS.get(parts.scheme)
        except ValueError:
            port = None
        if port is None or parts.scheme not in PORTS or not parts.hostname or parts.username or parts.path.strip("/"):
            raise ValueError("SESAME_DIRECTORY_SERVERS must be addresses such as ldaps://ldap.example.org")
        found.append(Server(parts.hostname, port, parts.scheme == "ldaps"))
    if not 0 < len(found) <= MOST_SERVERS:
        raise ValueError(f"SESAME_DIRECTORY_SERVERS must name 1 to {MOST_SERVERS} servers")
    return tuple(found)


def _pem(text: str) -> str:
    """Return certificates, given in PEM (a line break may be a backslash and an n) or by the path of their file."""
    if text and "-----BEGIN CERTIFICATE-----" not in text:
        try:
            text = Path(text.strip()).read_text("ascii")
        except (OSError, ValueError):
            text = ""
        if "-----BEGIN CERTIFICATE-----" not in text:
            raise ValueError("SESAME_DIRECTORY_AUTHORITY is neither a certificate in PEM nor the path of one")
    return text.replace("\\n", "\n")
