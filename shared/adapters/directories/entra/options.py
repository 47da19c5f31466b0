"""The settings `SESAME_DIRECTORY_...` of Microsoft Entra. Unsafe ones are refused with ValueError."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from shared.domain.roles import Role

PUBLIC: Final = "https://graph.microsoft.com"
CLOUDS: Final = (
    PUBLIC, "https://graph.microsoft.us", "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn",
)  # fmt: skip
"""Where Graph is (Microsoft Learn, "Microsoft Graph national cloud deployments"). A token is sent nowhere else."""
LOOPBACK: Final = ("127.0.0.1", "localhost")
GROUP: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_GROUPS: Final = 20
DOMAIN: Final = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


ROLE_GROUPS: Final[Mapping[Role, str]] = {
    Role.ADMINISTRATOR: "SESAME_DIRECTORY_ADMINISTRATORS",
    Role.HELPDESK: "SESAME_DIRECTORY_HELPDESK",
    Role.AUDITOR: "SESAME_DIRECTORY_AUDITORS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The settings of this directory."""

    graph: str = PUBLIC
    role_groups: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    """Object ids of groups whose members have a role of this service, by the role."""
    privileged: frozenset[str] = frozenset()
    """Object ids of groups whose members need two gates, such as those that may activate a role."""

    mail_domains: frozenset[str] = frozenset()
    """Domains whose mailboxes open with the passwords of this tenant (M4), beside those of a person's own names."""

    @property
    def scope(self) -> str:
        """What the token is for. The stand-in on loopback takes one for the public cloud."""
        return f"{self.graph if self.graph in CLOUDS else PUBLIC}/.default"

    @property
    def is_encrypted(self) -> bool:
        return self.graph.startswith("https:")


def options_from(given: Mapping[str, str]) -> Options:
    """Read the settings, named by what follows `SESAME_DIRECTORY_` in lower case. Raises ValueError."""
    graph = given.get("graph", PUBLIC).strip().rstrip("/")
    at = urlsplit(graph)
    is_local = at.hostname in LOOPBACK and not at.path and not at.query and at.username is None
    if graph not in CLOUDS and not is_local:
        raise ValueError(f"SESAME_DIRECTORY_GRAPH must be one of: {', '.join(CLOUDS)}")
    domains = [domain.strip().lower() for domain in given.get("mail_domains", "").split(",") if domain.strip()]
    if not all(map(DOMAIN.fullmatch, domains)):
        raise ValueError("SESAME_DIRECTORY_MAIL_DOMAINS must be domains such as example.org, in ASCII")
    return Options(
        graph=graph,
        mail_domains=frozenset(domains),
        role_groups={role: _groups(given, name) for role, name in ROLE_GROUPS.items()},
        privileged=_groups(given, "SESAME_DIRECTORY_PRIVILEGED"),
    )


def _groups(given: Mapping[str, str], name: str) -> frozenset[str]:
    text = given.get(name.removeprefix("SESAME_DIRECTORY_").lower(), "")
    listed = [one.strip().lower() for one in text.split(",") if one.strip()]
    if len(listed) > MOST_GROUPS or not all(map(GROUP.fullmatch, listed)):
        raise ValueError(f"{name} must list at most {MOST_GROUPS} object ids of groups")
    return frozenset(listed)
