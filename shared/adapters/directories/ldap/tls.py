"""TLS as Python's own library checks it.

The library's own way has traps (docs/decisions/0027-ldap3-for-directories.md): without an object for TLS it accepts
every certificate, and its check of the host name does not know IP addresses.
"""

import socket
import ssl
from typing import Any

from shared.adapters.directories.ldap.library import ldap3
from shared.adapters.directories.ldap.options import Server


class StrictTls(ldap3.Tls):
    """Authority and host name are checked in the handshake. There is no way to switch that off."""

    def __init__(self, server: Server, authority: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = ssl.create_default_context(cadata=authority or None)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.host = server.host

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002  the library calls it so
        # Otherwise each exchange waits for the acknowledgement of the one before: 45 ms a bind.
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket = self.context.wrap_socket(connection.socket, server_hostname=self.host)
