"""Try a directory: connection, certificate, rights, clock and policies: `python -m operate.check_directory NAME`.

Started by `./sesame check-directory`, it uses the settings of the running local stack. With `--file
infra/directory.json` it uses those of a deployment, from a machine that reaches its servers, and asks for the password
of the service account. NAME is a test account that nobody uses. Its password is set twice; nothing else is changed.

Each line says what works, and what to grant where it does not. The exit code is 1 if something needed does not.

Long: one check after the other, in the order in which they are made.
"""

import argparse
import asyncio
import getpass
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn, cast

from azure.core.credentials_async import AsyncTokenCredential

from operate.check_entra import granted, rights_beside
from operate.passwords import generated_password
from shared.adapters.azure_transport import SharedTransport
from shared.adapters.directories import REGISTERED, build, fault_of_options
from shared.adapters.directories.entra.directory import EntraDirectory
from shared.adapters.identity import identity
from shared.adapters.system import SystemClock
from shared.domain.account import DirectoryEntry
from shared.domain.clocks import CLOCK_MARGIN
from shared.ports.clock import Clock
from shared.ports.directory import (
    AccountChanged,
    Capability,
    Directory,
    DirectoryLost,
    DirectoryUnknown,
    NotSupported,
    PasswordNotTaken,
    WrongPassword,
)

EMBEDDED = "embedded"
WORKS, FAILS, NOTE = "works", "FAILS", "note"
LATE_SECONDS, LOOKS = 2.0, 6
"""How often, and how many times, a directory is looked at that shows a write late."""
NOT_FOR_TESTS = "has a role, or is disabled, or nothing readable says that it is not"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    what: str
    verdict: str
    says: str = ""


@dataclass(frozen=True)
class Server:
    """What a directory that is a server is built from. It needs neither tables nor keys."""

    directory_options: Mapping[str, str]
    clock: SystemClock = field(default_factory=SystemClock)
    transport: SharedTransport = field(default_factory=SharedTransport)
    managed: bool = True

    @cached_property
    def identity(self) -> AsyncTokenCredential:
        """The managed identity of the local stack, or the operator. A deployment's belongs to its processes alone."""
        return identity(managed=self.managed, client_id=None, transport=self.transport)

    @property
    def keyring(self) -> NoReturn:
        raise AttributeError("keyring")

    @property
    def hasher(self) -> NoReturn:
        raise AttributeError("hasher")

    def table(self, name: str) -> NoReturn:
        raise AttributeError(name)


def main() -> int:
    """Check the directory and print the table."""
    parser = argparse.ArgumentParser(prog="check_directory", description="Try each right that the service needs.")
    parser.add_argument("identifier", nargs="?", help="a test account that nobody uses; its password is changed")
    parser.add_argument("--identity", help="client id of a deployment's managed identity: read what it was granted")
    parser.add_argument("--file", type=Path, help="settings to use, such as infra/directory.json")
    servers = [name for name in REGISTERED if name != EMBEDDED]
    parser.add_argument("--directory", choices=servers, help="whose settings --file has (otherwise openldap)")
    given = parser.parse_args()
    environ = dict(os.environ)  # noqa: TID251  a command of its own, without the other settings of the service
    options = {
        name.removeprefix("SESAME_DIRECTORY_").lower(): value
        for name, value in environ.items()
        if name.startswith("SESAME_DIRECTORY_") and value.strip()
    }
    if given.file:
        options |= json.loads(given.file.read_text("utf-8"))
    name = given.directory or environ.get("SESAME_DIRECTORY", "openldap" if given.file else EMBEDDED)
    if name not in servers:
        print(f"Nothing to check: the directory is {name}, which is no server.")
        return 2
    if "bind_password" in REGISTERED[name].needs and "bind_password" not in options:
        options["bind_password"] = getpass.getpass("Password of the service account: ")
    lacking = sorted(set(REGISTERED[name].needs) - set(options))
    if fault := ", ".join(lacking) + " missing" if lacking else fault_of_options(name, options):
        print(f"The settings cannot be used: {fault}", file=sys.stderr)
        return 2
    reads = name == "entra" and given.identity
    if not reads and not given.identifier:
        parser.error("name a test account")
    lines = asyncio.run(_lines(name, Server(options, managed=not reads), given.identifier, given.identity))
    print(table(lines))
    return int(any(line.verdict == FAILS for line in lines))


async def granted_to(directory: EntraDirectory, client_id: str) -> list[Line]:
    """Return what the managed identity of a deployment was granted."""
    try:
        found = await granted(directory.graph, client_id)
    except DirectoryLost:
        return [Line("reading what was granted", FAILS, "`az login` as somebody who may read applications")]
    return [_of_right(*right) for right in found]


def _of_right(what: str, lacks: str, needed: bool) -> Line:
    return Line(what, (FAILS if needed else NOTE) if lacks else WORKS, lacks)


async def _lines(name: str, server: Server, identifier: str, client_id: str) -> list[Line]:
    directory = build(name, server)
    try:
        if server.managed:
            return await checked(directory, identifier, SystemClock())
        return await granted_to(cast("EntraDirectory", directory), client_id)
    finally:
        await server.transport.shut()


def table(lines: list[Line]) -> str:
    """Return the lines in columns."""
    width = max(len(line.what) for line in lines)
    return "\n".join(f"{line.what:<{width}}  {line.verdict:<5}  {line.says}".rstrip() for line in lines)


async def checked(directory: Directory, identifier: str, clock: Clock) -> list[Line]:
    """Return what works, in the order in which it is needed. Nothing is tried once something before it has failed."""
    lines = await _connection(directory)
    if not lines or lines[-1].verdict != FAILS:
        lines += await _account(directory, identifier, clock)
    if close := getattr(directory, "close", None):
        await close()
    return lines


async def _connection(directory: Directory) -> list[Line]:
    reasons = getattr(directory, "connection_faults", None)
    lines = []
    if reasons is not None:
        for server, fault in (await reasons()).items():
            lines.append(
                Line(f"connection to {server}", FAILS if fault else WORKS, fault or "with TLS, as the service account")
            )
        if lines and all(line.verdict == FAILS for line in lines):
            return lines
    if Capability.CHECK_PASSWORD not in directory.capabilities:
        return [*lines, Line("signing in", NOTE, "this directory checks no password, and locks nobody here")]
    try:
        lockout = await directory.lockout()
    except DirectoryLost:
        return [*lines, Line("reading policies", FAILS, "no server answers")]
    known = getattr(directory, "policies_are_readable", True)
    said = f"locks at {lockout.limit} failures in {lockout.period}" if lockout else "locks no account"
    if not known:
        said = f"none can be read: {said} is assumed. Grant read, or set the lockout"
    lines.append(Line("reading policies", WORKS if known else NOTE, said))
    if findings := getattr(directory, "findings", None):
        lines += [Line(what, WORKS if fine else NOTE, says) for what, (fine, says) in (await findings()).items()]
    return [*lines, await _of_nobody(directory)]


async def _of_nobody(directory: Directory) -> Line:
    """Sign in with a name that nobody has: where the entry that is asked instead is wrong, it would be told apart."""
    what = "a name that nobody has"
    try:
        await directory.authenticate(generated_password(), generated_password())
    except DirectoryLost:
        return Line(what, FAILS, "cannot be asked for: is the entry of decoy_dn there, and may it be read?")
    return Line(what, WORKS)


async def _account(directory: Directory, identifier: str, clock: Clock) -> list[Line]:
    try:
        entry = await directory.resolve(identifier)
    except DirectoryLost:
        return [Line("finding the account", FAILS, "the search is refused: grant read on the entry and on its names")]
    if entry is None:
        return [Line("finding the account", FAILS, "no entry, more than one, or no right to read the id and the names")]
    lines = [
        Line(
            "finding the account",
            WORKS,
            f"names: {', '.join(entry.names)}; roles: {', '.join(sorted(entry.roles)) or 'none'}",
        )
    ]
    if entry.is_privileged or not entry.enabled:
        return [*lines, Line("the account", FAILS, f"{NOT_FOR_TESTS}: take another one")]
    # Of four kinds of characters, which some policies ask for.
    first, second = f"{generated_password()}-Q7", f"{generated_password()}-Q7"
    lines.append(
        await _tried("setting a password", lambda: directory.set_password(entry, first), "grant write on the password")
    )
    if lines[-1].verdict == FAILS:
        return lines
    lines += await _after(directory, entry, (first, second), clock)
    return lines


async def _after(directory: Directory, entry: DirectoryEntry, passwords: tuple[str, str], clock: Clock) -> list[Line]:
    """Try what needs the password that was just set."""
    lines, (first, second) = [], passwords
    found = await _found_later(directory, entry)
    if found is None:
        return [Line("finding it by its id", FAILS, "grant read on the id")]
    lines.append(Line("finding it by its id", WORKS))
    moved = found.password_stamp != entry.password_stamp
    lines.append(
        Line("the time of a password", WORKS if moved else FAILS, "" if moved else "does not move: grant read on it")
    )
    apart = abs(clock.now() - found.password_changed_at)
    fine = apart < CLOCK_MARGIN
    lines.append(
        Line("clock", WORKS if fine else FAILS, f"{apart.total_seconds():.0f} s apart, at most {CLOCK_MARGIN}")
    )
    expires = found.password_expires_at
    said = f"{expires:%Y-%m-%d %H:%M} UTC" if expires else "never, or nothing readable says when: nobody is told before"
    lines.append(Line("the day it expires", WORKS, said))
    if Capability.CHECK_PASSWORD in directory.capabilities:
        opened = await directory.authenticate(entry.names[0], first)
        said = f"the password is {opened.password_state}" if opened else "the new password does not sign in"
        lines.append(Line("signing in", WORKS if opened else FAILS, said))
    lines.append(
        await _tried(
            "changing as the person", lambda: directory.change_password(found, first, second), "people cannot change it"
        )
    )
    now = await directory.find(entry.object_id)
    if now is not None:
        lines.append(await _tried("ending a lock", lambda: directory.unlock(now), "grant write on the lock"))
        lines.append(
            await _tried("reading attributes", lambda: directory.attributes(now), "grant read on phones and language")
        )
        if isinstance(directory, EntraDirectory):
            lines += [_of_right(*right) for right in await rights_beside(directory, now)]
    return lines


async def _found_later(directory: Directory, before: DirectoryEntry) -> DirectoryEntry | None:
    """Return the entry with the new password, where the directory takes a while to show it."""
    for _ in range(LOOKS if isinstance(directory, EntraDirectory) else 1):
        found = await directory.find(before.object_id)
        if found is None or found.password_stamp != before.password_stamp:
            break
        await asyncio.sleep(LATE_SECONDS)
    return found


async def _tried(what: str, act: Callable[[], Awaitable[object]], grant: str) -> Line:
    try:
        await act()
    except NotSupported:
        return Line(what, NOTE, "this directory cannot do it")
    except PasswordNotTaken as refused:
        return Line(what, NOTE, f"the policy refuses it now: {', '.join(refused.reasons)}")
    except (DirectoryLost, DirectoryUnknown, AccountChanged, WrongPassword) as fault:
        return Line(what, FAILS, f"{grant} ({type(fault).__name__}; the log has the result code)")
    return Line(what, WORKS)


if __name__ == "__main__":
    sys.exit(main())
