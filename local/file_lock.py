"""A lock between processes of one machine. The system releases it when its holder ends for any reason."""

import os
import sys
from pathlib import Path
from typing import Self


class FileLock:
    """An exclusive lock on a file. `acquire` never waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if no process holds it; return whether it was taken."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    @property
    def descriptor(self) -> int | None:
        """Return the file descriptor that holds the lock. A child process that inherits it holds the lock too."""
        return self._descriptor

    def release(self) -> None:
        """Release the lock. The file stays: removing it would allow two holders."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        """Return the lock without acquiring it; the caller must check `acquire`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
