"""Ends a process of the local stack when its parent has ended, however that happened.

The parent holds the other end of the child's standard input and never writes, so end-of-file means that the parent is
gone. This works on every system, also if the parent is killed while it starts the child.
"""

import os
import signal
import threading
import time

STOP_WITHIN = 15.0  # seconds; longer than an orderly stop takes
FLAG = "--tethered"
ABOUT = "stop when standard input ends, which the parent holds open"


def tether() -> None:
    """Stop this process in order (SIGTERM) when its standard input ends, and kill it if it does not stop."""
    threading.Thread(target=_watch_standard_input, daemon=True).start()


def _watch_standard_input() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_WITHIN)
    os._exit(1)
