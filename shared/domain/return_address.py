"""Decide whether a page may send a person back to an address: only to one of the operator's list (no open redirect).

An address is compared part by part with each entry, never by its beginning: `https://portal.example.org` is also the
beginning of `https://portal.example.org.evil.example`. What browsers and servers read differently (user names,
backslashes, tabs, other spellings of a host, a path with dots) has no place in an address at all, so that there is
nothing to read in two ways. What goes out is put together from the entry (OWASP Unvalidated Redirects and Forwards
Cheat Sheet; RFC 9700 section 4.11).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 1000
"""Characters of an address."""

_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(?P<port>:[1-9][0-9]{0,4})?"
    r"(?P<path>(/[A-Za-z0-9._~-]+)*/?)(?P<query>\?[A-Za-z0-9._~!$'()*+,;=:@/?&%-]*)?",
    re.ASCII,
)
_DOTS: Final = re.compile(r"/\.{1,2}(/|$)")
_LOOPBACK: Final = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """An application of the operator's list: its name as people see it, and its address without a query."""

    name: str
    address: str
    takes_query: bool = False
    """Whether its own state may follow as a query."""


def fault_of(address: str, *, local: bool) -> str:
    """Return what is wrong with an entry of the list. Empty if nothing is. `local` allows http on loopback."""
    read = _ADDRESS.fullmatch(address)
    if read is None or not read["path"] or _DOTS.search(read["path"]) or ".." in read["host"] or len(address) > LONGEST:
        return "must be an address in lower case with a path, such as https://portal.example.org/start"
    if read["query"] not in {None, "?"}:
        return "must end with a bare ? if the application may add a query, and have none otherwise"
    if read["port"] in {":443", ":80"}:
        return "must leave out the usual port"
    if read["scheme"] == "http" and not (local and read["host"] in _LOOPBACK):
        return "must be https"
    return ""


def allowed(text: str, entries: Iterable[ReturnAddress]) -> tuple[ReturnAddress, str] | None:
    """Return the entry of an address, and the address to send the person to. None if it is not on the list."""
    if len(text) > LONGEST or not _ADDRESS.fullmatch(text):
        return None
    wanted = urlsplit(text)
    for entry in entries:
        listed = urlsplit(entry.address)
        same = (wanted.scheme, wanted.netloc, wanted.path) == (listed.scheme, listed.netloc, listed.path)
        if same and (entry.takes_query or not wanted.query):
            return entry, f"{entry.address}?{wanted.query}" if wanted.query else entry.address
    return None
