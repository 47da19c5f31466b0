"""The folder of an export: a compressed file for each table, and `manifest.json`, which makes it complete.

Files are for their owner only (mode 0600), the folder too (0700): they hold hashes of passwords and sealed contacts.
The digests find damage. They are no protection from somebody who may write to the folder.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Final

from operate.backup.entities import entity_of

FORMAT: Final = 1
"""The version of the files' form. A reader refuses another one."""
MANIFEST: Final = "manifest.json"
IMPORTS: Final = "imports.json"


class Refused(Exception):
    """The command cannot go on. The text says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The file of one table. Times are ISO 8601 in UTC."""

    table: str
    rows: int
    sha256: str
    began: str
    ended: str


@dataclass(slots=True, kw_only=True)
class Manifest:
    """What an export has. Without `ended` it is not complete."""

    source: str
    """Address of the tables that were exported."""
    began: str
    format: int = FORMAT
    ended: str = ""
    files: list[File] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Import:
    """One import of this export into one store."""

    id: str
    """Random. The new versions of the rows derive from it, so that a repeated import writes the same rows."""
    began: str
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    def make(self) -> None:
        """Make the folder if it is missing."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def manifest(self) -> Manifest | None:
        """Return the manifest, or None in a new folder. Raises Refused if it cannot be read."""
        try:
            data = json.loads((self.path / MANIFEST).read_text("utf-8"))
            found = Manifest(**{**data, "files": [File(**file) for file in data["files"]]})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as fault:
            raise Refused(f"{MANIFEST} is damaged: take another export.") from fault
        if found.format != FORMAT:
            raise Refused(f"The export has the format {found.format}, and this version reads {FORMAT}.")
        return found

    def keep(self, manifest: Manifest) -> None:
        """Write the manifest, in one step."""
        self._write(MANIFEST, asdict(manifest))

    def imports(self) -> dict[str, Import]:
        """Return what was imported, by the address of the store."""
        try:
            return {store: Import(**one) for store, one in json.loads((self.path / IMPORTS).read_text("utf-8")).items()}
        except FileNotFoundError:
            return {}

    def keep_import(self, store: str, one: Import) -> None:
        """Write what is being imported, in one step."""
        self._write(IMPORTS, {name: asdict(entry) for name, entry in {**self.imports(), store: one}.items()})

    def complete(self) -> Manifest:
        """Return the manifest of a complete export with undamaged files. Raises Refused."""
        manifest = self.manifest()
        if manifest is None or not manifest.ended:
            raise Refused("This folder has no complete export.")
        for file in manifest.files:
            path = self.path / _name(file.table)
            if not path.exists() or digest(path) != file.sha256:
                raise Refused(f"{path.name} is missing or damaged: take another export.")
            if sum(1 for _ in self.rows(file.table)) != file.rows:
                raise Refused(f"{path.name} does not have the {file.rows} rows of the manifest: take another export.")
        return manifest

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, one after the other. Raises Refused if one cannot be read."""
        try:
            with gzip.open(self.path / _name(table), "rt", encoding="utf-8") as lines:
                for line in lines:
                    yield entity_of(line)
        except (OSError, EOFError, ValueError, zlib.error) as fault:
            raise Refused(f"{_name(table)} is damaged: take another export.") from fault

    @contextmanager
    def new_file(self, table: str) -> Iterator[IO[str]]:
        """Yield a file to write the rows to. It gets its name when all of it is on the disk."""
        unfinished = self.path / f"{_name(table)}.unfinished"
        with _private(unfinished) as raw:
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                lines = TextIOWrapper(packed, encoding="utf-8", newline="\n")
                yield lines
                lines.flush()
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(self.path / _name(table))

    def digest(self, table: str) -> str:
        """Return the SHA-256 of the table's file, as `sha256sum` prints it."""
        return digest(self.path / _name(table))

    def _write(self, name: str, content: object) -> None:
        unfinished = self.path / f"{name}.unfinished"
        with _private(unfinished) as file:
            file.write(json.dumps(content, indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path / name)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(table: str) -> str:
    return f"{table}.jsonl.gz"


def _private(path: Path) -> IO[bytes]:
    """Open a new file that nobody else may read, from its first byte on."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")
