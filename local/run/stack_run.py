"""Starts the parts in order, keeps them running, and stops them in reverse order: also if this process is killed.

The hosts stop when this process has ended. What they use stops when all of them have: the standard input of the store,
the inbox and the web app is a pipe whose other end is held by this process and by every host.
"""

import asyncio
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from local.file_lock import FileLock
from local.run.child import Child, GivenUp
from local.run.report import kept_people, table, write_stack_file
from local.stack import parts
from local.stack.keys import write_private
from local.stack.ports import Ports
from local.tether import FLAG

SEED_WITHIN = 120.0
KEPT = ("SESAME_", "IDENTITY_")
"""What commands need that use the running stack."""


class StackRun:
    """One run of the whole stack. `data` is locked, and stays locked until the store has ended."""

    def __init__(
        self,
        place: parts.Place,
        ports: Ports,
        environment: Mapping[str, str],
        data: FileLock,
        directory: parts.Part | None = None,
    ) -> None:
        self._place = place
        self._ports = ports
        self._environment = environment
        self._stack_file = place.data / "stack.json"
        self._settings_file = place.data / "environment.json"  # for commands that use the running stack
        self._up = False
        self._held: list[int] = []
        store = parts.azurite_part(place, ports)
        fronts = [parts.inbox_part(place, ports), parts.web_part(ports), parts.sample_part(ports)]
        if directory is not None:
            fronts.insert(0, directory)
        self._store = self._child(store, stdin=self._until_hosts_end(), keeps=[data.descriptor])
        self._fronts = [self._child(part, stdin=self._until_hosts_end()) for part in fronts]
        numbers = range(1, len(ports.api) + 1)
        self._hosts = [self._child(parts.api_part(place, ports, number), keeps=self._held) for number in numbers]

    def _until_hosts_end(self) -> int:
        """Return the end of a pipe of its own: Node makes the one that it reads non-blocking for every reader."""
        end, held = os.pipe()
        self._held.append(held)
        return end

    def _child(self, part: parts.Part, **pipes: Any) -> Child:
        log = self._place.data / "logs" / f"{part.name}.log"
        return Child(part, self._environment, log, self._tell_programs, **pipes)

    async def run(self) -> None:
        """Run until cancelled. Raises GivenUp, with the reason, if the stack cannot run."""
        self._forget_files()
        try:
            await self._start()
            async with asyncio.TaskGroup() as keepers:
                for child in (self._store, *self._fronts, *self._hosts):
                    keepers.create_task(child.keep())
        except* GivenUp as failures:
            raise failures.exceptions[0] from None
        finally:
            await self._stop()

    async def _start(self) -> None:
        started = time.monotonic()
        print("Starting the store, the inbox and the web app...", flush=True)
        async with asyncio.TaskGroup() as first:
            first.create_task(self._store.start())
            for child in self._fronts:
                first.create_task(child.start())
        print("Starting the service...", flush=True)
        async with asyncio.TaskGroup() as then:
            then.create_task(self._seed())
            for child in self._hosts:
                then.create_task(child.start())
        self._up = True
        settings = {name: value for name, value in self._environment.items() if name.startswith(KEPT)}
        write_private(self._settings_file, json.dumps(settings, indent=2))
        self._tell_programs()
        people = kept_people(self._place.data / "people.json")
        print(table(self._ports, people, self._place.data, time.monotonic() - started), flush=True)

    async def _seed(self) -> None:
        """Create missing tables, queues and demo people."""
        process = await asyncio.create_subprocess_exec(
            *parts.seed_command(self._place),
            FLAG,
            cwd=parts.ROOT,
            env=dict(self._environment),
            stdin=self._until_hosts_end(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), SEED_WITHIN)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            raise GivenUp(f"the tables and demo people could not be created:\n{output.decode('utf-8', 'replace')}")

    def _tell_programs(self) -> None:
        """Write `stack.json` when everything is up, and again when a part gets a new process."""
        if self._up:
            children = (self._store, *self._fronts, *self._hosts)
            processes = {child.part.name: child.pid for child in children if child.pid is not None}
            people = kept_people(self._place.data / "people.json")
            write_stack_file(self._stack_file, self._ports, people, processes)

    def _forget_files(self) -> None:
        """Delete both files, which say that a stack is up. A stack that was killed could not delete them."""
        self._stack_file.unlink(missing_ok=True)
        self._settings_file.unlink(missing_ok=True)

    async def _stop(self) -> None:
        """Stop clients before servers, and the store last: it saves its data when it is interrupted."""
        self._up = False
        self._forget_files()
        print("Stopping...", flush=True)
        await asyncio.gather(*(child.stop() for child in self._hosts))
        await asyncio.gather(*(child.stop() for child in self._fronts))
        await self._store.stop()
        print("Stopped. The data is kept.", flush=True)
