"""`./sesame clean-data`: deletes the data of the local stack."""

import shutil
from contextlib import ExitStack

from local.file_lock import FileLock
from local.setup.progress import ROOT

DATA = ROOT / ".local"
LOCKS = ("run.lock", "data.lock")  # of the supervisor, and of the store


def forget() -> int:
    """Delete the data, unless a stack is running."""
    if not DATA.exists():
        print("There is no data to delete.")
        return 0
    with ExitStack() as held:
        if not all(held.enter_context(FileLock(DATA / name)).acquire() for name in LOCKS):
            print("The stack is running. Stop it first (Ctrl-C in its terminal).")
            return 1
        for entry in DATA.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.suffix != ".lock":
                entry.unlink()
    print("Deleted tables, queues, messages, keys, demo people and logs.")
    return 0
