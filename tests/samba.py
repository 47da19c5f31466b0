"""A real domain controller for tests, once for each process of tests, and its administrator's hand."""

import contextlib
import hashlib
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.file_lock import FileLock
from local.samba.domain import (
    ADMINISTRATOR,
    ADMINISTRATORS,
    BASE,
    FAILURES,
    NEVER,
    PEOPLE,
    POLICIES,
    SECONDS,
    SUFFIX,
    ticks,
)
from local.samba.kept import kept_samba
from local.samba.server import Samba
from local.setup.debian import is_root
from local.setup.samba import INSTALL, NEEDS_ROOT, PYTHON, missing
from local.slapd.server import Slapd
from local.stack.parts import ROOT
from shared.adapters.directories.ldap.active_directory import ActiveDirectory, quoted
from shared.adapters.directories.ldap.library import ldap3
from shared.domain.account import DirectoryEntry
from shared.ports.directory import Directory
from tests.slapd import Hand, options_of, reached

ADAS = "lantern orbit cobalt thicket"
OF_TESTS = "of a test:"
DISABLED, ENABLED = "514", "512"
POLICY = {
    "minPwdLength": "12", "pwdHistoryLength": "3", "pwdProperties": "0", "minPwdAge": "0", "maxPwdAge": NEVER,
    "lockoutThreshold": str(FAILURES), "lockOutObservationWindow": ticks(SECONDS), "lockoutDuration": NEVER,
}  # fmt: skip

AGED = """
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
configuration = LoadParm()
configuration.load(sys.argv[1])
text = f"dn: {sys.argv[2]}\\nchangetype: modify\\nreplace: pwdLastSet\\npwdLastSet: {sys.argv[3]}\\n"
bypass = "local_oid:1.3.6.1.4.1.7165.4.3.12:0"
SamDB(lp=configuration, session_info=system_session()).modify_ldif(text, controls=[bypass])
"""
"""Over LDAP nobody may date a password back. This is the way that migrations take, past the server."""


def need_samba() -> None:
    if missing():
        pytest.skip(f"no Samba here: `{INSTALL}`, then run the test again")
    if not is_root():
        pytest.skip(NEEDS_ROOT)


class DomainHand(Hand):
    """The administrator of the domain."""

    base = BASE

    def __init__(self, samba: Samba) -> None:
        self.samba = samba
        self.log_on(options_of(samba), ADMINISTRATOR, samba.administrator_password)

    def dn_of(self, uid: str) -> str:
        return f"CN={uid},{PEOPLE}"

    def add(self, uid: str, password: str, **attributes: str) -> None:
        entry = {"sAMAccountName": uid, "userPrincipalName": uid + SUFFIX, "userAccountControl": ENABLED, **attributes}
        entry = {name: value for name, value in entry.items() if value}
        self.connection.add(self.dn_of(uid), ["user"], {**entry, "unicodePwd": quoted(password)})

    def set_password(self, uid: str, password: str, **attributes: str) -> None:
        """As the helpdesk does."""
        self.put(uid, unicodePwd=quoted(password), **attributes)

    def must_change(self, uid: str) -> None:
        self.put(uid, pwdLastSet="0")

    def expire(self, uid: str) -> None:
        """Let its password be older than the domain allows. Shorter times than a day are none for Samba."""
        self.policy(maxPwdAge=ticks(2 * 86400))
        moment = "133800000000000000"  # December 2024
        command = [PYTHON, "-c", AGED, str(self.samba.folder / "smb.conf"), self.dn_of(uid), moment]
        subprocess.run(command, check=True, capture_output=True)

    def never_expire(self) -> None:
        self.policy(maxPwdAge=NEVER)

    def is_locked(self, uid: str) -> bool:
        return self.read(uid).get("lockoutTime", [b"0"]) != [b"0"]

    def policy(self, **values: str) -> None:
        self.change(BASE, **values)

    def fine_policy(self, uid: str, **values: str) -> None:
        """Apply a fine-grained policy to one person."""
        usual = {
            "PasswordSettingsPrecedence": "5", "PasswordReversibleEncryptionEnabled": "FALSE",
            "PasswordHistoryLength": "0", "PasswordComplexityEnabled": "FALSE", "MinimumPasswordLength": "12",
            "MinimumPasswordAge": "0", "MaximumPasswordAge": NEVER, "LockoutThreshold": str(FAILURES),
            "LockoutObservationWindow": ticks(SECONDS), "LockoutDuration": ticks(SECONDS),
            "PSOAppliesTo": self.dn_of(uid),
        }  # fmt: skip
        entry = {f"msDS-{name}": value for name, value in {**usual, **values}.items()}
        self.connection.add(f"CN={OF_TESTS} {uid},{POLICIES}", ["msDS-PasswordSettings"], entry)

    def administrators(self, *uids: str) -> None:
        members = [self.dn_of(uid) for uid in uids]
        self.connection.modify(ADMINISTRATORS, {"member": [(ldap3.MODIFY_REPLACE, members)]})

    def remove_everybody(self) -> None:
        for base, wanted in ((PEOPLE, "(objectClass=user)"), (POLICIES, f"(cn={OF_TESTS}*)")):
            self.connection.search(base, wanted, ldap3.SUBTREE, attributes=["cn"])
            for each in list(self.connection.response):
                self.connection.delete(each["dn"])
        self.policy(**POLICY)


def hand_of(server: Slapd | Samba) -> Hand:
    """Return the administrator of either server."""
    return Hand(server, options_of(server)) if isinstance(server, Slapd) else DomainHand(server)


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


@pytest.fixture
async def in_domain(samba: Samba, domain_hand: DomainHand) -> AsyncIterator[ActiveDirectory]:
    """The directory, as the service has it."""
    del domain_hand  # removes everybody afterwards
    async with reached(samba) as made:
        assert isinstance(made, ActiveDirectory)
        yield made


async def ada(directory: Directory, hand: DomainHand, **attributes: str) -> DirectoryEntry:
    """Make her, and return her as the service finds her."""
    hand.add("ada", ADAS, **attributes)
    return await found(directory)


async def found(directory: Directory, name: str = "ada") -> DirectoryEntry:
    entry = await directory.resolve(name)
    assert entry is not None
    return entry
