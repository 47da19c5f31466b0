"""DIRECTORIES: where accounts and passwords live. One file each; docs/adding-a-directory.md tells how to add one."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpTransport

    from shared.adapters.argon2_hasher import Argon2Hasher
    from shared.adapters.azure_tables._table import Table


@dataclass(frozen=True, slots=True)
class Registered:
    """A directory that an installation can choose."""

    module: str
    needs: tuple[str, ...] = ()
    """Settings that it must be given, by what follows `SESAME_DIRECTORY_`, in lower case."""
    takes: tuple[str, ...] = ()
    """Settings that it may be given."""
    has_groups: bool = True
    """Whether `attributes` tells the groups of an account, so that a role can have a scope."""
    options: str = ""
    """The module that reads them, with a function `options_from` that raises ValueError for an unsafe one."""


REGISTERED: Final[Mapping[str, Registered]] = {
    "embedded": Registered("shared.adapters.directories.embedded", has_groups=False),
    "openldap": Registered(
        "shared.adapters.directories.ldap.openldap",
        needs=("servers", "base_dn", "bind_dn", "bind_password", "decoy_dn"),
        takes=(
            "authority",
            "kind",
            "names",
            "people_filter",
            "administrators_dn",
            "helpdesk_dn",
            "auditors_dn",
            "policies_dn",
            "lockout",
            "email_attribute",
            "mail_domains",
            "default_policy_dn",
        ),
        options="shared.adapters.directories.ldap.options",
    ),
    "active_directory": Registered(
        "shared.adapters.directories.ldap.active_directory",
        needs=("servers", "base_dn", "bind_dn", "bind_password", "decoy_dn"),
        takes=(
            "authority",
            "people_filter",
            "administrators_dn",
            "helpdesk_dn",
            "auditors_dn",
            "lockout",
            "email_attribute",
            "mail_domains",
        ),
        options="shared.adapters.directories.ldap.ad.options",
    ),
    "entra": Registered(
        "shared.adapters.directories.entra.directory",
        takes=("graph", "administrators", "helpdesk", "auditors", "privileged", "mail_domains"),
        options="shared.adapters.directories.entra.options",
    ),
}
"""By the value of SESAME_DIRECTORY. A new directory is one line here."""


class Parts(Protocol):
    """What a directory may be built from."""

    @property
    def keyring(self) -> Keyring: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def directory_options(self) -> Mapping[str, str]:
        """The settings `SESAME_DIRECTORY_...`, by what follows in lower case: where a server is, and so on."""
        ...

    @property
    def hasher(self) -> "Argon2Hasher": ...

    @property
    def identity(self) -> "AsyncTokenCredential": ...

    @property
    def transport(self) -> "AsyncHttpTransport[Any, Any]": ...

    def table(self, name: str) -> "Table": ...


def fault_of_options(name: str, options: Mapping[str, str]) -> str:
    """Return what is wrong with the settings of that directory, or an empty text. Names have been checked before."""
    if not REGISTERED[name].options:
        return ""
    try:
        import_module(REGISTERED[name].options).options_from(options)
    except ValueError as fault:
        return str(fault)
    return ""


def build(name: str, parts: Parts) -> Directory:
    """The directory of that name, made by the function `directory` of its module, which is imported only now."""
    made: Directory = import_module(REGISTERED[name].module).directory(parts)
    return made
