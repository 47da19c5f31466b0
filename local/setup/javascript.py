"""Installs Node, Azurite and the web app, each from its lock file."""

import os
from pathlib import Path

from local.setup import python_env, stamps
from local.setup.node import machine_node, node, npm_command, wheel_node
from local.setup.progress import ROOT, run_step

AZURITE = ROOT / "local" / "azurite"
WEB = ROOT / "web"
CATALOGUES = ROOT / "shared" / "messages"
NODE_LOCK = ROOT / "requirements" / "node.txt"
NOT_SOURCES = {"node_modules", "dist", "generated"}


def prepare_node() -> None:
    """Use the machine's Node, or install one into `.venv`."""
    if machine_node() is None and wheel_node(python_env.ENVIRONMENT) is None:
        python_env.install(NODE_LOCK, "Installing Node into .venv (the machine's is missing or too old)")


def prepare_azurite() -> None:
    """Install Azurite."""
    prepare_node()
    _install(AZURITE, "azurite", "Installing Azurite, the local store")


def prepare_web(*, build: bool) -> None:
    """Install the web app's packages, and build it if its sources changed."""
    if not (WEB / "package.json").exists():
        return
    prepare_node()
    _install(WEB, "web", "Installing the web app's packages")
    if not build:
        return
    wanted = stamps.digest(_sources(), str(node(python_env.ENVIRONMENT)))
    if stamps.is_current("web-build", wanted) and (WEB / "dist" / "index.html").exists():
        return
    stamps.forget("web-build")
    run_step(
        "Building the web app",
        # In the mode "stack", `?lang=en-XA` shows the pseudo-locale (docs/translating.md).
        [*npm_command(python_env.ENVIRONMENT), "run", "build", "--", "--mode", "stack"],
        folder=WEB,
        environment=node_environment(),
    )
    stamps.remember("web-build", wanted)


def _install(folder: Path, name: str, title: str) -> None:
    wanted = stamps.digest([folder / "package.json", folder / "package-lock.json"])
    if stamps.is_current(name, wanted) and (folder / "node_modules").exists():
        return
    stamps.forget(name)
    run_step(
        title,
        [*npm_command(python_env.ENVIRONMENT), "ci", "--no-audit", "--no-fund"],
        folder=folder,
        environment=node_environment(),
    )
    stamps.remember(name, wanted)


def node_environment() -> dict[str, str]:
    """Return the PATH with which package scripts find the same Node."""
    return {"PATH": os.pathsep.join([str(node(python_env.ENVIRONMENT).parent), os.environ.get("PATH", "")])}


def _sources() -> list[Path]:
    found = list(CATALOGUES.glob("*.json"))
    for entry in WEB.iterdir():
        if entry.name in NOT_SOURCES:
            continue
        found += [path for path in entry.rglob("*") if path.is_file()] if entry.is_dir() else [entry]
    return found
