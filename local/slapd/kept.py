"""The server of this folder, with passwords that are generated once."""

import json
import secrets
from pathlib import Path

from local.slapd.server import Slapd
from local.stack.keys import write_private


def kept_slapd(data: Path, ports: tuple[int, int]) -> Slapd:
    """Return it. It is not started."""
    folder = data / "slapd"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "passwords.json"
    if not file.exists():
        write_private(file, json.dumps({name: secrets.token_urlsafe(24) for name in ("root", "service")}))
    passwords = json.loads(file.read_text("utf-8"))
    return Slapd(folder, *ports, root_password=passwords["root"], service_password=passwords["service"])
