"""`./sesame clean-data`: forgets everything that the local stack keeps."""

import shutil

from local.file_lock import FileLock
from local.setup.progress import ROOT

DATA = ROOT / ".local"
LOCK = DATA / "run.lock"


def forget() -> int:
    """Remove the data, unless a stack is using it."""
    if not DATA.exists():
        print("There is no data.")
        return 0
    with FileLock(LOCK) as lock:
        if not lock.acquire():
            print("The stack is running: stop it first (Ctrl-C in its terminal).")
            return 1
        for entry in DATA.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.suffix != LOCK.suffix:
                entry.unlink()
    print("Forgotten: tables, queues, messages, keys, demo people, logs.")
    return 0
