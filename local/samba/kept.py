"""The domain of a folder, with passwords that are generated once."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from local.samba.provision import Person
from local.samba.server import Samba
from local.stack.keys import write_private

HOST = "127.0.0.10"
"""Where `./sesame run` has it. Samba takes no other ports than those of LDAP, and 127.0.0.1 may have a server."""


def kept_samba(data: Path, host: str = HOST, people: Sequence[Person] = ()) -> Samba:
    """Return it. It is not started. A new one has `people`."""
    folder = data / "samba"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "passwords.json"
    if not file.exists():
        write_private(file, json.dumps({name: secrets.token_urlsafe(24) for name in ("administrator", "service")}))
    passwords = json.loads(file.read_text("utf-8"))
    return Samba(folder, host, passwords["administrator"], passwords["service"], tuple(people))
