"""Configures, starts and stops slapd."""

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from local.setup.debian import FOLDERS
from local.setup.slapd import MODULES, SCHEMAS
from local.slapd.certificates import Certificates, certificates
from local.slapd.entries import BASE, GROUPS, PEOPLE, POLICIES, ROOT, SERVICE, first_entries
from local.stack.ports import answers

STARTS_WITHIN = 20.0

READ = (
    "entry", "objectClass", "uid", "mail", "mobile", "telephoneNumber", "preferredLanguage", "manager", "memberOf",
    "entryUUID", "entryCSN", "createTimestamp", "modifyTimestamp", "pwdChangedTime", "pwdFailureTime",
    "pwdPolicySubentry", "pwdStartTime", "pwdEndTime",
)  # fmt: skip
"""What the service account reads of a person."""

ACCESS = f"""\
access to dn.subtree="{PEOPLE}" attrs=userPassword
    by dn.exact="{SERVICE}" =xw
    by self =xw
    by anonymous auth
    by * none
access to dn.subtree="{PEOPLE}" attrs=pwdAccountLockedTime,pwdReset
    by dn.exact="{SERVICE}" write
    by * none
access to dn.subtree="{PEOPLE}"
    attrs={",".join(READ)}
    by dn.exact="{SERVICE}" read
    by self read
    by * none
access to dn.onelevel="{GROUPS}" attrs=entry,objectClass,member
    by dn.exact="{SERVICE}" read
    by * none
access to dn.subtree="{POLICIES}"
    by dn.exact="{SERVICE}" read
    by * none
access to dn.exact="{BASE}" attrs=entry,objectClass
    by dn.exact="{SERVICE}" read
    by * none
access to attrs=userPassword
    by anonymous auth
    by * none
access to *
    by * none
"""
"""The rights of the service account, as docs/deploy.md gives them. `=w` is write without read: the account never sees a
hash. With `manage` the server would skip history, length and minimum age."""


@dataclass
class Slapd:
    """One server with one folder. `port` takes StartTLS, `tls_port` is LDAPS."""

    folder: Path
    port: int
    tls_port: int
    root_password: str
    service_password: str
    people: tuple[str, ...] = ()
    """Further entries in LDIF, for a folder that is new."""
    administrators: tuple[str, ...] = ()
    """Members of the group of administrators, in a folder that is new."""
    has_certificate: bool = True
    options: str = ""
    """More lines of the database's configuration."""
    process: "subprocess.Popen[bytes] | None" = None
    files: Certificates = field(init=False)

    def __post_init__(self) -> None:
        self.files = certificates(self.folder / "tls")

    host = "127.0.0.1"

    @property
    def address(self) -> str:
        return f"ldaps://localhost:{self.tls_port}"

    @property
    def start_tls_address(self) -> str:
        return f"ldap://localhost:{self.port}"

    def prepare(self) -> list[str]:
        """Write the configuration, and the first entries of a new folder. Return the command that runs the server."""
        data = self.folder / "data"
        new = not data.exists()
        data.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "slapd.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration(data), "utf-8")
        # AppArmor of Ubuntu confines the program by its path to the folders of the system. A copy is not confined.
        copy = self.folder / "slapd"
        if not copy.exists():
            shutil.copy(str(shutil.which("slapd", path=FOLDERS)), copy)
        if new:
            ldif = "\n".join((first_entries(self.service_password, self.administrators), *self.people))
            subprocess.run(
                [copy, "-T", "add", "-f", configuration, "-q"], input=ldif.encode(), check=True, capture_output=True
            )
        return [str(copy), "-d", "0", "-f", str(configuration), "-h", self._listens()]

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it and wait until it accepts connections. Return the process."""
        command = self.prepare()
        with (self.folder / "slapd.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + STARTS_WITHIN
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"slapd does not start:\n{(self.folder / 'slapd.log').read_text('utf-8')}")
            time.sleep(0.02)
        return self.process

    def stop(self) -> None:
        """Stop it, by its process."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(STARTS_WITHIN)
            self.process = None

    def _listens(self) -> str:
        plain = f"ldap://127.0.0.1:{self.port}/"
        return f"{plain} ldaps://127.0.0.1:{self.tls_port}/" if self.has_certificate else plain

    def _configuration(self, data: Path) -> str:
        tls = (
            f"TLSCACertificateFile {self.files.authority}\n"
            f"TLSCertificateFile {self.files.certificate}\n"
            f"TLSCertificateKeyFile {self.files.key}\n"
        )
        schemas = "".join(f"include {SCHEMAS / name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        modules = "".join(f"moduleload {name}\n" for name in ("back_mdb", "memberof", "ppolicy", "argon2"))
        return (
            f"{schemas}modulepath {MODULES}\n{modules}"
            f"pidfile {self.folder / 'slapd.pid'}\nargsfile {self.folder / 'slapd.args'}\n"
            f"{tls if self.has_certificate else ''}"
            # No password travels in clear: a bind without TLS is refused.
            f"{'security simple_bind=64' if self.has_certificate else ''}\n"
            "password-hash {ARGON2}\nsizelimit 100\nloglevel stats\n"
            f'database mdb\nsuffix "{BASE}"\nrootdn "{ROOT}"\nrootpw {self.root_password}\n'
            f"directory {data}\nmaxsize 67108864\nindex objectClass,entryUUID,uid,mail eq\n"
            f"{self.options}\n{ACCESS}"
            f'overlay memberof\noverlay ppolicy\nppolicy_default "cn=default,{POLICIES}"\nppolicy_use_lockout\n'
        )
