"""The keys of one stack: generated once, readable by their owner only, passed on as SESAME_ variables."""

import base64
import json
import os
import secrets
from pathlib import Path

KEY_BYTES = 32
VERSIONED = ("SESAME_CODE_KEYS", "SESAME_TOKEN_KEYS", "SESAME_SEAL_KEYS", "SESAME_PEPPERS")
PLAIN = ("SESAME_INDEX_KEY", "SESAME_ACS_ACCESS_KEY")


def fresh_keys() -> dict[str, str]:
    """Generate all keys."""
    keys = {name: _draw() for name in PLAIN}
    return keys | {name: f"1:{_draw()}" for name in VERSIONED}


def kept_keys(path: Path) -> dict[str, str]:
    """Return the keys in a file, after adding missing ones. Data sealed with a lost key is lost."""
    kept: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    keys = fresh_keys() | kept
    if keys != kept:
        write_private(path, json.dumps(keys, indent=2))
    return keys


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically. Only its owner can read it at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def _draw() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
