"""One connection to one server, and its operations. They block: only threads of `links.py` call them."""

import contextlib
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.adapters.directories.ldap.library import LDAPException, ldap3
from shared.adapters.directories.ldap.options import Server
from shared.adapters.directories.ldap.policy import CONTROL, Said, said_in
from shared.adapters.directories.ldap.tls import StrictTls

CONNECT_SECONDS: Final = 1
ANSWER_SECONDS: Final = 2
BROKEN: Final = (LDAPException, OSError, ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What the library raises where a connection or an answer is not as it should be."""

SUCCESS, SIZE_LIMIT, NO_SUCH_ATTRIBUTE = 0, 4, 16
NOT_FOR_US: Final = frozenset({10, 32, 34, 50})
"""Result codes of RFC 4511: a referral, no such entry, a name that is none, and no right. Asked again, they are the
same; of a server that is busy or stops, that is not known."""
Control = tuple[str, bool, bytes | None]
"""The object identifier, whether a server that does not know it must refuse, and the value."""
WANTS_POLICY: Final[list[Control]] = [(CONTROL, False, None)]


class Broken(Exception):
    """The connection, or what came over it, cannot be used. It names no value of the server."""


class SearchRefused(Broken):
    """The server answers that this may not be seen, or is not there. The connection works."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result code of RFC 4511, what the password policy said, and the server's message.

    Only codes are read from the message. It is told to nobody: it may quote a name.
    """

    code: int
    said: Said
    message: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Raw:
    """An entry as it came."""

    dn: str
    attributes: dict[str, list[bytes]]

    def all(self, name: str) -> list[str]:
        """Return the values; one that is not UTF-8 is left out."""
        values = next((found for key, found in self.attributes.items() if key.lower() == name.lower()), [])
        texts = []
        for value in values:
            with contextlib.suppress(UnicodeDecodeError):
                texts.append(value.decode())
        return texts

    def octets(self, name: str) -> bytes:
        """Return the first value as it came, or nothing."""
        return next(
            (values[0] for key, values in self.attributes.items() if key.lower() == name.lower() and values), b""
        )

    def first(self, name: str) -> str:
        """Return the first value, or an empty text."""
        return next(iter(self.all(name)), "")


class Link:
    """Opened with TLS, and bound to nobody yet."""

    def __init__(self, server: Server, authority: str) -> None:
        """Connect. Raises Broken."""
        try:
            at = ldap3.Server(
                server.host, server.port, use_ssl=server.ldaps, tls=StrictTls(server, authority),
                get_info=ldap3.NONE, connect_timeout=CONNECT_SECONDS,
            )  # fmt: skip
            self.connection = ldap3.Connection(
                at,
                auto_referrals=False,
                check_names=False,
                raise_exceptions=False,
                receive_timeout=ANSWER_SECONDS,
                fast_decoder=False,  # the fast one cannot read a referral in the answer to a password modification
            )
            self.connection.open(read_server_info=False)
            if not server.ldaps:
                self.connection.start_tls(read_server_info=False)
        except BROKEN as fault:
            self._drop_socket()
            raise Broken(f"{type(fault).__name__}: {_kind_of(fault)}") from fault
        if not hasattr(self.connection.socket, "getpeercert"):  # never in clear, whatever the library does
            self.close()
            raise Broken("no TLS")

    def bind(self, dn: str, password: str) -> Outcome:
        """Try a password. It is sent as it is: the library would change its letters if it were a text (R-44)."""
        secret = password.encode("utf-8", "surrogatepass")
        if not dn or not secret:  # RFC 4513, 5.1.2: such a bind succeeds for everybody
            raise Broken("a bind without a name or a password")
        self.connection.user, self.connection.password = dn, secret
        self.connection.authentication = ldap3.SIMPLE
        try:
            self.connection.bind(read_server_info=False, controls=WANTS_POLICY)
        except BROKEN as fault:
            raise Broken(type(fault).__name__) from fault
        finally:
            self.connection.password = None
        return self._outcome()

    def search(self, base: str, wanted: str, attributes: Sequence[str], *, most: int, alone: bool = False) -> list[Raw]:
        """Return at most `most` entries, and one more where there are more. References to other servers are left out.

        `alone` looks at the base itself and not below it. Raises Broken; SearchRefused without the right to look.
        """
        scope = ldap3.BASE if alone else ldap3.SUBTREE
        try:
            self.connection.search(
                base, wanted, scope, attributes=list(attributes), size_limit=most + 1, time_limit=ANSWER_SECONDS,
            )  # fmt: skip
            response = self.connection.response or []
            found = [
                Raw(each["dn"], dict(each["raw_attributes"])) for each in response if each["type"] == "searchResEntry"
            ]
        except BROKEN as fault:
            raise Broken(type(fault).__name__) from fault
        code = self._outcome().code
        if code not in {SUCCESS, SIZE_LIMIT}:
            raise (SearchRefused if code in NOT_FOR_US else Broken)(f"a search was refused with {code}")
        return found

    def set_password(self, dn: str, password: str, current: str = "") -> Outcome:
        """Modify a password (RFC 3062). Call it only in `Call.sending`."""
        new, old = password.encode("utf-8", "surrogatepass"), current.encode("utf-8", "surrogatepass")
        try:
            self.connection.extend.standard.modify_password(dn, old or None, new, controls=WANTS_POLICY)
        except BROKEN as fault:
            raise Broken(type(fault).__name__) from fault
        return self._outcome()

    def remove(self, dn: str, attribute: str) -> Outcome:
        """Remove every value of an attribute. Call it only in `Call.sending`."""
        return self.modify(dn, {attribute: [(ldap3.MODIFY_DELETE, [])]})

    def modify(
        self, dn: str, changes: Mapping[str, Sequence[tuple[str, list[bytes]]]], controls: Sequence[Control] = ()
    ) -> Outcome:
        """Modify an entry, in one step that is carried out as a whole. Call it only in `Call.sending`."""
        try:
            self.connection.modify(dn, dict(changes), controls=list(controls) or None)  # type: ignore[no-untyped-call]
        except BROKEN as fault:
            raise Broken(type(fault).__name__) from fault
        return self._outcome()

    def close(self) -> None:
        """Say goodbye. Never raises."""
        with contextlib.suppress(Exception):
            self.connection.unbind()
        self._drop_socket()

    def cut(self) -> None:
        """End whatever waits for this connection in another thread."""
        with contextlib.suppress(Exception):
            self.connection.socket.shutdown(socket.SHUT_RDWR)

    def _drop_socket(self) -> None:
        with contextlib.suppress(Exception):
            self.connection.socket.close()

    def _outcome(self) -> Outcome:
        result: dict[str, Any] = self.connection.result or {}
        code = result.get("result")
        if not isinstance(code, int):
            raise Broken("no result")
        controls = result.get("controls") or {}
        return Outcome(code, said_in(controls.get(CONTROL, {}).get("value")), str(result.get("message") or ""))


def _kind_of(fault: BaseException) -> str:
    """Return what is wrong with a connection, in our words: the server's may quote what is in a certificate."""
    text = str(fault).lower()
    known = {
        "hostname mismatch": "the certificate is for another host",
        "ip address mismatch": "the certificate is for another host",
        "certificate verify failed": "the certificate is not from the authority, or has expired",
        "starttls": "the server refuses StartTLS",
        "refused": "nobody listens there",
        "timed out": "no answer in time",
        "invalid server address": "the host's name is not known",
    }
    return next((ours for theirs, ours in known.items() if theirs in text), "no connection")
