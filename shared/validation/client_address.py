"""Where a request came from, as far as that can be trusted (R-72)."""

import ipaddress
from typing import Final

UNKNOWN_CLIENT: Final = "unknown"
"""One shared, strict bucket for everybody whose address cannot be read: a parser that fails open is a bypass (A-58)."""


def client_prefix(forwarded_for: str | None, trusted_hops: int) -> str:
    """The client's IPv4 address or IPv6 /64, or UNKNOWN_CLIENT.

    Every proxy appends the address it saw, so the entry that counts stands `trusted_hops` from the right; what is to
    the left of it is whatever the client wrote. With no trusted hop the header says nothing at all.
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
            # One subscriber holds at least a /64: counting single addresses would be no limit.
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


def coarse_network(client: str) -> str:
    """The network around a client prefix, coarse enough to be told to the account's owner: IPv4 /24, IPv6 /48."""
    try:
        network = ipaddress.ip_network(client)
    except ValueError:
        return ""
    wider = 24 if isinstance(network, ipaddress.IPv4Network) else 48
    return str(network.supernet(new_prefix=wider))


def _without_port(entry: str) -> str:
    """Azure's front end writes `203.0.113.7:51234` and `[2001:db8::1]:51234`."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    head, colon, _ = entry.rpartition(":")
    return head if colon and ":" not in head else entry
