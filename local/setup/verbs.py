"""The commands of `./sesame`, and what each needs before it can start."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from local.setup import browser, javascript, locks, python_env, samba, slapd, stored_data
from local.setup.progress import ROOT, StepFailed, alone

SERVERS = {"openldap": slapd, "samba": samba}
"""What `--directory` starts, and the tests, by the word for it."""


@dataclass(frozen=True)
class Verb:
    """One command: its arguments, its help text and its function."""

    usage: str
    about: str
    act: Callable[[list[str]], int]


def main(arguments: list[str]) -> int:
    """Run the command that the command line names."""
    os.chdir(ROOT)
    name, *rest = arguments or ["--help"]
    if name in {"-h", "--help", "help"}:
        print(_help())
        return 0
    if name not in VERBS:
        print(f"{name!r} is not a command of ./sesame.\n\n{_help()}", file=sys.stderr)
        return 2
    try:
        return VERBS[name].act(rest)
    except StepFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _help() -> str:
    lines = ["Sésame: self-service password reset.", "", "./sesame COMMAND", ""]
    lines += [f"  {f'{name} {verb.usage}'.strip():<40} {verb.about}" for name, verb in VERBS.items()]
    lines += [
        "",
        "Needs Python 3.11 or later and a package index; installs the rest. On Windows: python sesame COMMAND",
    ]
    return "\n".join(lines)


def _module(name: str, *arguments: str) -> int:
    """Replace this process by `.venv`'s Python, which then gets the signals; on Windows, start it and wait."""
    words = [str(python_env.python()), "-m", name, *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(words[0], words)  # noqa: S606  (no shell is wanted)
    return subprocess.call(words)


def _run(arguments: list[str]) -> int:
    with alone():
        for name, server in SERVERS.items():
            if name in arguments or f"--directory={name}" in arguments:
                server.prepare(wanted=True, install="--install" in arguments)
        python_env.prepare()
        javascript.prepare_azurite()
        javascript.prepare_web(build=True)
    return _module("local.run", *(word for word in arguments if word != "--install"))


def _test(arguments: list[str]) -> int:
    with alone():
        python_env.prepare()
        javascript.prepare_azurite()
        javascript.prepare_web(build=True)
        browser.prepare()
        for server in SERVERS.values():
            server.prepare(wanted=False, install=False)
    return _module("local.checks", "test", *arguments)


def _check(arguments: list[str]) -> int:
    with alone():
        python_env.prepare()
        javascript.prepare_web(build=False)
    return _module("local.checks", "check", *arguments)


def _bench(arguments: list[str]) -> int:
    known = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    if not arguments or arguments[0] not in known:
        print(f"./sesame bench NAME, where NAME is one of: {', '.join(known) or 'none yet'}")
        return 2
    with alone():
        python_env.prepare()
        javascript.prepare_azurite()
    return _module(f"bench.{arguments[0]}", *arguments[1:])


def _clean_data(_: list[str]) -> int:
    return stored_data.forget()


def _add_person(arguments: list[str]) -> int:
    with alone():
        python_env.prepare()
    return _module("local.with_stack", "operate.add_person", *arguments)


def _as_staff(module: str, address: str = "--to", *always: str) -> Callable[[list[str]], int]:
    """Return the function of a command that signs in over HTTP: at the address, or at the running stack."""

    def act(arguments: list[str]) -> int:
        with alone():
            python_env.prepare()
        if any(given.split("=")[0] in {address, "-h", "--help"} for given in arguments):
            return _module(module, *always, *arguments)
        return _module("local.with_stack", module, *always, *arguments)

    return act


def _check_directory(arguments: list[str]) -> int:
    with alone():
        python_env.prepare()
    if any(word.startswith(("--file", "--identity")) for word in arguments):
        return _module("operate.check_directory", *arguments)
    return _module("local.with_stack", "operate.check_directory", *arguments)


def _backup(arguments: list[str]) -> int:
    with alone():
        python_env.prepare()
    return _module("local.with_stack", "operate.backup", *arguments)


def _lose_tables(_: list[str]) -> int:
    with alone():
        python_env.prepare()
    return _module("local.with_stack", "local.lose_tables")


def _lock(arguments: list[str]) -> int:
    with alone():
        python_env.prepare()
    return locks.compile_all(arguments)


def _screenshots(_: list[str]) -> int:
    with alone():
        python_env.prepare()
        javascript.prepare_azurite()
        javascript.prepare_web(build=True)
        browser.prepare()
    return _module("tests.e2e.screenshots")


def _openapi(_: list[str]) -> int:
    with alone():
        python_env.prepare()
    return _module("local.openapi")


def _func_settings(_: list[str]) -> int:
    with alone():
        python_env.prepare()
    return _module("local.with_stack", "local.func_settings")


VERBS = {
    "run": Verb("[--directory NAME] ...", "run the whole stack on this machine; Ctrl-C stops it", _run),
    "test": Verb("[PYTEST ARGUMENTS]", "run every check and every test, as CI does", _test),
    "check": Verb("", "run the fast checks: format, lint, types, imports, the web app", _check),
    "bench": Verb("[NAME]", "run a measurement; without a name, list them", _bench),
    "clean-data": Verb("", "delete the data of the local stack", _clean_data),
    "add-person": Verb("IDENTIFIER [--role ROLE]", "create an account in the running stack", _add_person),
    "people": Verb("COMMAND NAME [OPTIONS]", "find people, and act on them", _as_staff("operate.people")),
    "prefill": Verb("FILE [OPTIONS]", "bring in people and contacts from CSV", _as_staff("operate.prefill")),
    "audit": Verb("search|export [OPTIONS]", "read who did what, and to whom", _as_staff("operate.audit", "--page")),
    "coverage": Verb("[--not-ready] [OPTIONS]", "show who can reset a password", _as_staff("operate.coverage")),
    "recount": Verb("[OPTIONS]", "count everybody again", _as_staff("operate.coverage", "--to", "--recount")),
    "check-directory": Verb("NAME [--file F] | --identity ID", "try each right on a test account", _check_directory),
    "backup": Verb("export|import|check FOLDER", "copy the tables of the running stack, and restore them", _backup),
    "lose-tables": Verb("", "delete the tables of the running stack, to rehearse a restore", _lose_tables),
    "screenshots": Verb("", "take the screenshots of the README again; needs chromium", _screenshots),
    "lock": Verb("[--upgrade]", "compile the requirements into lock files", _lock),
    "openapi": Verb("", "write web/openapi.json, from which the web app's types are made", _openapi),
    "func-settings": Verb("", "write local.settings.json for `func start`, from the running stack", _func_settings),
}  # fmt: skip
