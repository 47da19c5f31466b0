"""Read the client's address from the part of the forwarding header that can be trusted (R-72), and its device."""

import ipaddress
from collections.abc import Mapping
from functools import cache
from typing import Final, Protocol

from shared.domain.policy import Addresses, Policy

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN_CLIENT: Final = "unknown"
"""All clients whose address cannot be read count together. Otherwise a broken header would skip limits (A-58)."""


_LOOKED_AT: Final = 1024
"""Characters that are looked at."""

# Each browser also names those that it descends from, so the order decides.
_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def forwarded_by(
    headers: Mapping[str, str], trusted_hops: int, header: str | None, front_door_id: str | None
) -> tuple[str | None, int]:
    """Return the header that names the client, and which of its entries to believe, counted from the right.

    Without a header that can be trusted, all clients are one (A-58).
    """
    if not header:
        return headers.get("x-forwarded-for"), trusted_hops
    # Front Door overwrites its headers. Whoever reaches the service without it could write them.
    passed = headers.get("x-azure-fdid", "").lower() == front_door_id
    return headers.get(header) if passed else None, 1


def client_prefix(forwarded_for: str | None, trusted_hops: int) -> str:
    """Return the client's IPv4 address or IPv6 /64 prefix, or UNKNOWN_CLIENT."""
    found = client_address(forwarded_for, trusted_hops)
    if found == UNKNOWN_CLIENT or "." in found:
        return found
    # One subscriber has at least a /64, so a limit on single addresses would not limit anybody.
    return str(ipaddress.ip_network((found, 64), strict=False))


def client_address(forwarded_for: str | None, trusted_hops: int) -> str:
    """Return the client's whole address, or UNKNOWN_CLIENT.

    Every proxy appends the address that it saw, so the client's address is the entry at position `trusted_hops` from
    the right. The client may have written everything to the left of it. Without trusted hops the header is ignored.
    """
    entries = (forwarded_for or "").split(",")
    if not 0 < trusted_hops <= len(entries):
        return UNKNOWN_CLIENT
    try:
        address = ipaddress.ip_address(_without_port(entries[-trusted_hops].strip()))
    except ValueError:
        return UNKNOWN_CLIENT
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or ipaddress.IPv6Address(int(address))  # without a scope, which is any text
    return str(address)


def recorded_address(forwarded: tuple[str | None, int], of: "Recording") -> str:
    """Return the client's address as audit events have it (`audit_addresses`). Empty for an unknown client.

    By default the network, which a person may recognise (M33). The digest is the one by which the client is counted.
    """
    prefix = client_prefix(*forwarded)
    if prefix == UNKNOWN_CLIENT:
        return ""
    match of.policy.audit_addresses:
        case Addresses.WHOLE:
            return client_address(*forwarded)
        case Addresses.DIGEST:
            return of.keyring.client_key(prefix)
    return coarse_network(prefix)


def declared_network(client: str, networks: tuple[str, ...]) -> str:
    """Return the first of these networks that contains the client prefix. Empty when none does."""
    if not networks:
        return ""
    try:
        prefix = ipaddress.ip_network(client)
    except ValueError:
        return ""
    return next((text for text, network in _parsed(networks) if _contains(network, prefix)), "")


def coarse_network(client: str) -> str:
    """Return the network of a client prefix for a notice: IPv4 /24 or IPv6 /48. Empty for an unknown client."""
    try:
        network = ipaddress.ip_network(client)
    except ValueError:
        return ""
    wider = 24 if isinstance(network, ipaddress.IPv4Network) else 48
    return str(network.supernet(new_prefix=wider))


def device_family(user_agent: str | None) -> str:
    """Return browser and system, such as `Firefox, Windows`. Empty for a program, and where neither is known.

    Enough for a person to recognise a device, too little to follow one: versions, models and languages together can
    single out one person, and are dropped. The header is text of the caller and no evidence.
    """
    text = (user_agent or "")[:_LOOKED_AT]
    found = [next((name for sign, name in table if sign in text), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)


class Keyring(Protocol):
    """The part of the port that is needed here."""

    def client_key(self, prefix: str) -> str: ...


class Recording(Protocol):
    """What the wiring has of it."""

    @property
    def policy(self) -> Policy: ...

    @property
    def keyring(self) -> Keyring: ...


@cache
def _parsed(networks: tuple[str, ...]) -> tuple[tuple[str, Network], ...]:
    return tuple((text, ipaddress.ip_network(text)) for text in networks)


def _contains(network: Network, prefix: Network) -> bool:
    return network.version == prefix.version and network.supernet_of(prefix)  # type: ignore[arg-type]


def _without_port(entry: str) -> str:
    """Remove the port: Azure's front end writes `203.0.113.7:51234` and `[2001:db8::1]:51234`."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    head, colon, _ = entry.rpartition(":")
    return head if colon and ":" not in head else entry
