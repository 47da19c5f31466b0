"""A real domain controller for tests, once for each process of tests, and its administrator's hand."""

import contextlib
import hashlib
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.file_lock import FileLock
from local.samba.domain import ADMINISTRATOR, ADMINISTRATORS, BASE, FAILURES, NEVER, PEOPLE, SECONDS, SUFFIX, ticks
from local.samba.kept import kept_samba
from local.samba.server import Samba
from local.setup.debian import is_root
from local.setup.samba import INSTALL, NEEDS_ROOT, missing
from local.stack.parts import ROOT
from shared.adapters.directories.ldap.active_directory import quoted
from shared.adapters.directories.ldap.ad.options import options_from
from shared.adapters.directories.ldap.library import ldap3
from tests.slapd import Hand, given

DISABLED, ENABLED = "514", "512"
POLICY = {
    "minPwdLength": "12", "pwdHistoryLength": "3", "pwdProperties": "0", "minPwdAge": "0", "maxPwdAge": NEVER,
    "lockoutThreshold": str(FAILURES), "lockOutObservationWindow": ticks(SECONDS), "lockoutDuration": NEVER,
}  # fmt: skip


def need_samba() -> None:
    if missing():
        pytest.skip(f"no Samba here: `{INSTALL}`, then run the test again")
    if not is_root():
        pytest.skip(NEEDS_ROOT)


class DomainHand(Hand):
    """The administrator of the domain."""

    def __init__(self, samba: Samba) -> None:
        self.log_on(options_from(given(samba)), ADMINISTRATOR, samba.administrator_password)

    def dn_of(self, uid: str) -> str:
        return f"CN={uid},{PEOPLE}"

    def add(self, uid: str, password: str, **attributes: str) -> None:
        entry = {"sAMAccountName": uid, "userPrincipalName": uid + SUFFIX, "userAccountControl": ENABLED, **attributes}
        entry = {name: value for name, value in entry.items() if value}
        self.connection.add(self.dn_of(uid), ["user"], {**entry, "unicodePwd": quoted(password)})

    def set_password(self, uid: str, password: str, **attributes: str) -> None:
        """As the helpdesk does."""
        self.put(uid, unicodePwd=quoted(password), **attributes)

    def policy(self, **values: str) -> None:
        self.change(BASE, **values)

    def administrators(self, *uids: str) -> None:
        members = [self.dn_of(uid) for uid in uids]
        self.connection.modify(ADMINISTRATORS, {"member": [(ldap3.MODIFY_REPLACE, members)]})

    def remove_everybody(self) -> None:
        self.connection.search(PEOPLE, "(objectClass=user)", ldap3.SUBTREE, attributes=["cn"])
        for each in list(self.connection.response):
            self.connection.delete(each["dn"])
        self.policy(**POLICY)


def a_domain(folder: Path, **changes: Any) -> Samba:
    """Return a domain that has not been started, on an address of its own. Making one takes 5 s, a copy 0.1 s."""
    made = _template()
    host = f"127.{random.randint(20, 250)}.{random.randint(1, 250)}.{random.randint(1, 250)}"
    shutil.copytree(made.folder / "domain", folder / "domain")
    passwords = {"administrator_password": made.administrator_password, "service_password": made.service_password}
    return Samba(folder, host, **passwords, **changes)


def _template() -> Samba:
    """Return the domain of this version of Samba and of `local/samba`, which is made once on this machine."""
    sources = b"".join(path.read_bytes() for path in sorted((ROOT / "local" / "samba").glob("*.py")))
    version = Path(str(shutil.which("samba-tool"))).stat().st_mtime_ns
    folder = ROOT / ".local" / f"samba-{hashlib.sha256(f'{version}'.encode() + sources).hexdigest()[:12]}"
    with FileLock(folder / "made.lock") as lock:
        while not lock.acquire():
            time.sleep(0.1)
        made = kept_samba(folder)
        made.prepare()
    return made


@contextlib.contextmanager
def running_domain(folder: Path, **changes: Any) -> Iterator[Samba]:
    need_samba()
    made = a_domain(folder, **changes)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def samba() -> Iterator[Samba]:
    need_samba()
    with tempfile.TemporaryDirectory(prefix="samba") as folder, running_domain(Path(folder)) as server:
        yield server


@pytest.fixture
def domain_hand(samba: Samba) -> Iterator[DomainHand]:
    """The administrator. Whatever a test made is gone afterwards."""
    administrator = DomainHand(samba)
    yield administrator
    administrator.remove_everybody()
    administrator.connection.unbind()
