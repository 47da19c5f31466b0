"""Configures, starts and stops the domain controller."""

import shutil
import socket
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from local.samba.domain import NETBIOS, REALM
from local.samba.provision import Person, provision
from local.setup.debian import FOLDERS
from local.slapd.certificates import Certificates, certificates

STARTS_WITHIN = 60.0
START_TLS, LDAPS = 389, 636
"""Samba takes no other ports, so a second server takes another address."""


@dataclass
class Samba:
    """One server with one folder, on one loopback address."""

    folder: Path
    host: str
    administrator_password: str
    service_password: str
    people: tuple[Person, ...] = ()
    """Whom a new domain has."""
    certificate_address: str = ""
    """What the certificate names. Empty: where it listens."""
    old_password_minutes: int = 0
    """How long a replaced password still signs in. 60 where nothing is configured, as in Active Directory."""
    process: "subprocess.Popen[bytes] | None" = None
    files: Certificates = field(init=False)

    def __post_init__(self) -> None:
        self.files = certificates(self.folder / "tls", address=self.certificate_address or self.host)

    tls_port = LDAPS

    @property
    def address(self) -> str:
        return f"ldaps://{self.host}"

    @property
    def start_tls_address(self) -> str:
        return f"ldap://{self.host}"

    @property
    def domain(self) -> Path:
        return self.folder / "domain"

    def prepare(self) -> list[str]:
        """Make the domain of a new folder, and write the configuration. Return the command that runs the server."""
        if not (self.domain / "private").exists():
            # Whoever is stopped half-way begins again.
            new = self.folder / "new"
            shutil.rmtree(new, ignore_errors=True)
            provision(new, administrator=self.administrator_password, service=self.service_password, people=self.people)
            new.rename(self.domain)
        configuration = self.folder / "smb.conf"
        configuration.write_text(self._configuration(), "utf-8")
        return [str(shutil.which("samba", path=FOLDERS)), "-i", "-M", "single", f"--configfile={configuration}"]

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it and wait until it accepts connections. Return the process."""
        command = self.prepare()
        with (self.folder / "samba.log").open("ab") as log:
            # Its standard input must stay open: it stops at the end of it.
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        end = time.monotonic() + STARTS_WITHIN
        while not is_answering(self.host):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"samba does not start:\n{(self.folder / 'samba.log').read_text('utf-8')[-3000:]}")
            time.sleep(0.05)
        return self.process

    def stop(self) -> None:
        """Stop it: its standard input ends."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process.wait(STARTS_WITHIN)
        self.process = None

    def _configuration(self) -> str:
        domain = self.domain
        tls = self.files
        return (
            f"[global]\nnetbios name = DC1\nrealm = {REALM}\nworkgroup = {NETBIOS}\n"
            "server role = active directory domain controller\nserver services = ldap\n"
            f"bind interfaces only = yes\ninterfaces = {self.host}/8\n"
            f"private dir = {domain / 'private'}\nlock directory = {domain}\nstate directory = {domain / 'state'}\n"
            f"cache directory = {domain / 'cache'}\nbinddns dir = {domain / 'bind-dns'}\n"
            f"pid directory = {self.folder}\nncalrpc dir = {self.folder / 'ncalrpc'}\n"
            f"posix:eadb = {domain / 'eadb.tdb'}\nlog level = 0\n"
            f"tls enabled = yes\ntls cafile = {tls.authority}\ntls certfile = {tls.certificate}\n"
            f"tls keyfile = {tls.key}\nldap server require strong auth = yes\n"
            f"old password allowed period = {self.old_password_minutes}\n"
        )


def is_answering(host: str) -> bool:
    """Return whether somebody accepts LDAPS at the address."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, LDAPS)) == 0
