"""A real OpenLDAP server for tests, once for each process of tests, and its administrator's hand."""

import contextlib
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from local.samba.server import Samba
from local.samba.settings import service_settings as settings_of_samba
from local.setup.slapd import INSTALL, missing
from local.slapd.entries import ADMINISTRATORS, BASE, PEOPLE, POLICIES, ROOT, SERVICE, hashed
from local.slapd.server import Slapd
from local.slapd.settings import service_settings
from local.stack.ports import Ports
from shared.adapters.directories.ldap.active_directory import ActiveDirectory
from shared.adapters.directories.ldap.ad.options import options_from as options_of_domain
from shared.adapters.directories.ldap.directory import LdapDirectory
from shared.adapters.directories.ldap.library import ldap3
from shared.adapters.directories.ldap.link import Link
from shared.adapters.directories.ldap.links import Links
from shared.adapters.directories.ldap.openldap import OpenLdapDirectory
from shared.adapters.directories.ldap.options import Options, options_from
from shared.adapters.directories.ldap.tls import StrictTls
from shared.adapters.system import SystemClock
from shared.domain.account import DirectoryEntry

DISABLED = "000001010000Z"


def need_slapd() -> None:
    if missing():
        pytest.skip(f"no slapd here: `{INSTALL}`, then run the test again")


class Hand:
    """The administrator of the directory, who changes it by other ways than this service."""

    base = BASE

    def __init__(self, slapd: Slapd, options: Any) -> None:
        self.log_on(options, ROOT, slapd.root_password)

    def log_on(self, options: Options, dn: str, password: str) -> None:
        server = options.servers[0]
        at = ldap3.Server(
            server.host,
            server.port,
            use_ssl=True,
            get_info=ldap3.NONE,
            tls=StrictTls(server, options.authority),
        )
        self.connection = ldap3.Connection(at, dn, password, check_names=False, raise_exceptions=True)
        self.connection.bind()

    def dn_of(self, uid: str) -> str:
        return f"uid={uid},{PEOPLE}"

    def add(self, uid: str, password: str, **attributes: str) -> None:
        entry = {"uid": uid, "cn": uid, "sn": uid, "userPassword": hashed(password), **attributes}
        self.connection.add(self.dn_of(uid), ["inetOrgPerson"], entry)

    def put(self, uid: str, **attributes: str | bytes) -> None:
        """Set attributes; an empty text removes one. Underscores separate nothing: names are LDAP's."""
        self.change(self.dn_of(uid), **attributes)

    def must_change(self, uid: str) -> None:
        self.put(uid, pwdReset="TRUE")

    def expire(self, uid: str) -> None:
        """Let everybody's password be too old."""
        del uid
        self.policy(pwdMaxAge="1")
        a_moment_later()
        a_moment_later()

    def never_expire(self) -> None:
        self.policy(pwdMaxAge="")

    def is_locked(self, uid: str) -> bool:
        return "pwdAccountLockedTime" in self.read(uid)

    def policy(self, **values: str) -> None:
        """Change the policy of everybody."""
        self.change(f"cn=default,{POLICIES}", **values)

    def change(self, dn: str, **attributes: str | bytes) -> None:
        if not attributes:
            return
        self.connection.modify(
            dn, {name: [(ldap3.MODIFY_REPLACE, [value] if value else [])] for name, value in attributes.items()}
        )

    def read(self, uid: str) -> dict[str, list[bytes]]:
        self.connection.search(self.dn_of(uid), "(objectClass=*)", ldap3.BASE, attributes=["*", "+"])
        return dict(self.connection.response[0]["raw_attributes"])

    def dump(self) -> dict[str, dict[str, list[bytes]]]:
        """Everything that stands in the directory."""
        self.connection.search(self.base, "(objectClass=*)", ldap3.SUBTREE, attributes=["*", "+"])
        return {each["dn"]: dict(each["raw_attributes"]) for each in self.connection.response if "dn" in each}

    def administrators(self, *uids: str) -> None:
        members = [SERVICE, *(f"uid={uid},{PEOPLE}" for uid in uids)]
        self.connection.modify(ADMINISTRATORS, {"member": [(ldap3.MODIFY_REPLACE, members)]})

    def remove_everybody(self) -> None:
        self.connection.search(PEOPLE, "(objectClass=person)", ldap3.SUBTREE, attributes=["uid"])
        for each in list(self.connection.response):
            self.connection.delete(each["dn"])
        self.administrators()


def settings_of(server: Slapd | Samba) -> dict[str, str]:
    """Return the variables of a service that uses the server."""
    return service_settings(server) if isinstance(server, Slapd) else settings_of_samba(server)


def given(server: Slapd | Samba, **changes: str) -> dict[str, str]:
    """Return the settings of the directory, by what follows SESAME_DIRECTORY_ in lower case."""
    usual = {name.removeprefix("SESAME_DIRECTORY_").lower(): value for name, value in settings_of(server).items()}
    del usual["sesame_directory"]
    return usual | changes


def options_of(server: Slapd | Samba, **changes: str) -> Options:
    read = options_from if isinstance(server, Slapd) else options_of_domain
    return read(given(server, **changes))


def a_directory(server: Slapd | Samba, clock: Any, **changes: str) -> LdapDirectory:
    made = OpenLdapDirectory if isinstance(server, Slapd) else ActiveDirectory
    return made(Links(options_of(server, **changes)), clock)


@contextlib.asynccontextmanager
async def reached(server: Slapd | Samba, **changes: str) -> AsyncIterator[LdapDirectory]:
    made = a_directory(server, SystemClock(), **changes)
    try:
        yield made
    finally:
        await made.close()


async def written(directory: LdapDirectory, by: str, entry: DirectoryEntry, password: str, *, current: str) -> None:
    if by == "reset":
        await directory.set_password(entry, password)
    elif by == "change":
        await directory.change_password(entry, current, password)
    else:
        await directory.unlock(entry)


def binds(at: LdapDirectory | Options, password: str, uid: str = "ada") -> int:
    """Ask the server itself, past this service. Return the result code."""
    options = at if isinstance(at, Options) else at.options
    with closing(Link(options.servers[0], options.authority)) as link:
        return link.bind(f"{'uid' if options.names[0] == 'uid' else 'CN'}={uid},{options.base_dn}", password).code


def a_server(folder: Path, **changes: Any) -> Slapd:
    """Return a server that has not been started."""
    ports = Ports.free(0)
    passwords = {"root_password": secrets.token_urlsafe(), "service_password": secrets.token_urlsafe()}
    return Slapd(folder, ports.blob, ports.queue, **passwords, **changes)


@contextlib.contextmanager
def running(slapd: Slapd) -> Iterator[Slapd]:
    need_slapd()
    try:
        slapd.start()
        yield slapd
    finally:
        slapd.stop()


@pytest.fixture(scope="session")
def slapd() -> Iterator[Slapd]:
    need_slapd()
    with tempfile.TemporaryDirectory(prefix="slapd") as folder, running(a_server(Path(folder))) as server:
        yield server


@pytest.fixture
def hand(slapd: Slapd) -> Iterator[Hand]:
    """The administrator. Whatever a test made is gone afterwards."""
    administrator = Hand(slapd, options_from(given(slapd)))
    before = {dn: values for dn, values in administrator.dump().items() if dn.endswith(POLICIES)}
    yield administrator
    administrator.remove_everybody()
    for dn, values in before.items():
        if names := {name: values[name][0].decode() for name in values if name.startswith("pwd")}:
            now = administrator.dump()[dn]
            gone = {name: "" for name in now if name.startswith("pwd") and name not in names}
            administrator.change(dn, **names, **gone)
    administrator.connection.unbind()


def a_moment_later() -> None:
    """Wait until the server's clock, in whole seconds, tells another time."""
    time.sleep(1.02 - time.time() % 1)
