"""`./sesame clean-data`: deletes the data of the local stack."""

import shutil

from local.file_lock import FileLock
from local.setup.progress import ROOT

DATA = ROOT / ".local"
LOCK = DATA / "run.lock"


def forget() -> int:
    """Delete the data, unless a stack is running."""
    if not DATA.exists():
        print("There is no data to delete.")
        return 0
    with FileLock(LOCK) as lock:
        if not lock.acquire():
            print("The stack is running. Stop it first (Ctrl-C in its terminal).")
            return 1
        for entry in DATA.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.suffix != LOCK.suffix:
                entry.unlink()
    print("Deleted tables, queues, messages, keys, demo people and logs.")
    return 0
