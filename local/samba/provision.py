"""Makes a domain in a folder: `samba-tool domain provision`, and what `prepare.py` adds. Needs root."""

import json
import os
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local.samba.domain import NETBIOS, REALM
from local.setup.debian import FOLDERS
from local.setup.progress import ROOT
from local.setup.samba import PYTHON


@dataclass(frozen=True)
class Person:
    """Somebody whom a new domain has."""

    name: str
    password: str
    administrator: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def provision(folder: Path, *, administrator: str, service: str, people: Sequence[Person] = ()) -> None:
    """Make it: about 6 s. Raises RuntimeError, with the end of what Samba says."""
    folder.mkdir(parents=True, exist_ok=True)
    nothing = folder / "nothing.conf"  # otherwise it reads and judges the configuration of the system
    nothing.touch()
    _run(
        "samba-tool", "domain", "provision", f"--configfile={nothing}", f"--targetdir={folder}", f"--realm={REALM}",
        f"--domain={NETBIOS}", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1", "--host-ip=127.0.0.1",
        f"--adminpass={administrator}", f"--option=posix:eadb={folder / 'eadb.tdb'}",
    )  # fmt: skip
    given = {"service": service, "decoy": secrets.token_urlsafe(24), "people": [asdict(person) for person in people]}
    _run(PYTHON, "-m", "local.samba.prepare", str(folder / "etc" / "smb.conf"), given=json.dumps(given))


def _run(*command: str, given: str = "") -> None:
    done = subprocess.run(
        command, input=given.encode(), capture_output=True, check=False, cwd=ROOT,
        env={**os.environ, "PATH": FOLDERS, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{(done.stderr or done.stdout).decode('utf-8', 'replace')[-3000:]}")
