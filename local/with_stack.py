"""Runs a module with the settings of the running stack: `python -m local.with_stack operate.add_person ada`."""

import json
import os
import runpy
import sys
from pathlib import Path
from urllib.parse import urlsplit

from local.stack.ports import answers

SETTINGS = Path(".local/environment.json")
NOT_RUNNING = "The stack of this folder is not running. Start it with ./sesame run in another terminal."


def main() -> int:
    """Load the settings, then run the module."""
    try:
        settings: dict[str, str] = json.loads(SETTINGS.read_text("utf-8"))
    except FileNotFoundError:
        print(NOT_RUNNING, file=sys.stderr)
        return 1
    if not _store_answers(settings["SESAME_STORAGE_CONNECTION"]):
        print(NOT_RUNNING, file=sys.stderr)
        return 1
    os.environ.update(settings)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    return 0


def _store_answers(connection: str) -> bool:
    parts = dict(part.split("=", 1) for part in connection.split(";"))
    port = urlsplit(parts.get("TableEndpoint", "")).port
    return port is not None and answers(port)


if __name__ == "__main__":
    sys.exit(main())
