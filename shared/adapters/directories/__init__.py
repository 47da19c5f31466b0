"""DIRECTORIES: where accounts and passwords live. One file each; docs/adding-a-directory.md tells how to add one."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring

if TYPE_CHECKING:
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


REGISTERED: Final[Mapping[str, Registered]] = {
    "embedded": Registered("shared.adapters.directories.embedded"),
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

    def table(self, name: str) -> "Table": ...


def build(name: str, parts: Parts) -> Directory:
    """The directory of that name, made by the function `directory` of its module, which is imported only now."""
    made: Directory = import_module(REGISTERED[name].module).directory(parts)
    return made
