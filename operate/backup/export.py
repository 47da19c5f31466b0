"""Writes the tables to a folder. A command that was stopped goes on with the table at which it stopped."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from operate.backup.entities import line_of
from operate.backup.folder import File, Folder, Manifest, Refused
from operate.backup.tables import parts_of, rows_in, to_export
from shared.wiring import Adapters

LONGEST: Final = timedelta(days=1)
"""An export that began earlier does not go on: its tables would be too far apart."""


async def export(adapters: Adapters, path: Path) -> Manifest:
    """Export, and return the manifest. The service may run meanwhile. Raises Refused and StoreLost."""
    store = adapters.table_service
    folder = Folder(path)
    folder.make()
    manifest = folder.manifest() or Manifest(source=store.url, began=_now(adapters))
    is_old = adapters.clock.now() > datetime.fromisoformat(manifest.began) + LONGEST
    if manifest.source != store.url or manifest.ended or is_old:
        raise Refused(f"{path} has another export already: name a new folder.")
    folder.keep(manifest)
    done = {file.table for file in manifest.files}
    for table in await to_export(store):
        if table not in done:
            manifest.files.append(await _file(adapters, folder, table))
            folder.keep(manifest)
            print(f"{table:<14} {manifest.files[-1].rows:>9} rows", flush=True)
    manifest.ended = _now(adapters)
    folder.keep(manifest)
    return manifest


async def _file(adapters: Adapters, folder: Folder, table: str) -> File:
    began, count = _now(adapters), 0
    with folder.new_file(table) as file:
        for part in parts_of(table):
            async for row in rows_in(adapters.table_service, part):
                file.write(line_of(row.values) + "\n")
                count += 1
    return File(table=table, rows=count, sha256=folder.digest(table), began=began, ended=_now(adapters))


def _now(adapters: Adapters) -> str:
    return adapters.clock.now().isoformat(timespec="seconds")
