"""The directories that `--directory` starts beside the service."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local import tether
from local.entra import settings as of_entra
from local.samba import settings as of_samba
from local.samba.kept import HOST, kept_samba
from local.samba.server import LDAPS, START_TLS
from local.samba.server import is_answering as samba_answers
from local.slapd import settings as of_slapd
from local.slapd.kept import kept_slapd
from local.stack.environment import base_address, page_address
from local.stack.parts import Part, Place
from local.stack.ports import Ports, answers, is_free


@dataclass(frozen=True)
class Served:
    """A directory that is a process of the stack."""

    part: Part
    settings: Mapping[str, str]
    """Of the service, which uses it."""
    taken: Mapping[str, int]
    """Ports that another program has."""


def openldap(place: Place, ports: Ports) -> Served:
    """Return the OpenLDAP server of this folder."""
    port, tls_port = ports.directory
    options = ("--data", str(place.data), "--port", str(port), "--tls-port", str(tls_port), tether.FLAG)
    part = Part("slapd", (sys.executable, "-m", "local.slapd", *options), lambda: all(map(answers, ports.directory)))
    named = zip(("directory (StartTLS)", "directory (LDAPS)"), ports.directory, strict=True)
    settings = of_slapd.service_settings(kept_slapd(place.data, ports.directory))
    return Served(part, settings, {name: port for name, port in named if not is_free(port)})


def samba(place: Place, ports: Ports) -> Served:
    """Return the domain of this folder. Moved ports move its address: Samba takes no other ports."""
    base = ports.blob
    host = HOST if base == Ports.usual(1).blob else f"127.{base >> 8}.{base & 255}.10"
    options = ("--data", str(place.data), "--host", host, tether.FLAG)
    part = Part("samba", (sys.executable, "-m", "local.samba", *options), lambda: samba_answers(host))
    named = {f"directory at {host}": START_TLS, f"directory (LDAPS) at {host}": LDAPS}
    settings = of_samba.service_settings(kept_samba(place.data, host))
    return Served(part, settings, {name: port for name, port in named.items() if not is_free(port, host)})


def entra(place: Place, ports: Ports) -> Served:
    """Return the stand-in for Microsoft Entra: Graph, and the sign-in pages with TLS."""
    port, tls_port = ports.directory
    redirects = (f"{address(ports.web)}/register" for address in (base_address, page_address))
    options = ("--data", str(place.data), "--port", str(port), "--tls-port", str(tls_port), tether.FLAG)
    command = (sys.executable, "-m", "local.entra", *options, "--redirects", *redirects)
    part = Part("entra", command, lambda: all(map(answers, ports.directory)))
    named = zip(("directory (Graph)", "sign-in pages"), ports.directory, strict=True)
    settings = of_entra.service_settings(place.data, port) | of_entra.sign_in_settings(place.data, tls_port)
    return Served(part, settings, {name: port for name, port in named if not is_free(port)})


SERVED: Mapping[str, Callable[[Place, Ports], Served]] = {"openldap": openldap, "samba": samba, "entra": entra}
"""By the word that `--directory` takes."""
