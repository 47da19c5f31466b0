"""Read the client's address from the part of the forwarding header that can be trusted (R-72), and its device."""

import ipaddress
from functools import cache
from typing import Final

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


def client_prefix(forwarded_for: str | None, trusted_hops: int) -> str:
    """Return the client's IPv4 address or IPv6 /64 prefix, or UNKNOWN_CLIENT.

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
        if address.ipv4_mapped is None:
            # One subscriber has at least a /64, so a limit on single addresses would not limit anybody.
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


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
