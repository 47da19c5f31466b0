"""Ties a process of the local stack to its parent, so that killing the parent leaves no process running.

On Linux the kernel signals the child when its parent dies. Elsewhere the child watches its standard input: the parent
holds the other end and never writes, so end-of-file means that the parent is gone.
As a program, it does the same for code that is not ours: `python -m local.tether INT PARENT_PID node azurite.js`.
"""

import ctypes
import os
import platform
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
ON_LINUX = platform.system() == "Linux"


def tether(*, death_signal: signal.Signals = signal.SIGTERM, parent: int | None = None) -> None:
    """Ask for `death_signal` when the parent dies, or at once if it is already dead.

    `parent` is the process id of the parent at the start, which covers a death between fork and this call.
    """
    if ON_LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), death_signal)
        return
    threading.Thread(target=_watch_standard_input, args=(os.getpid(), death_signal), daemon=True).start()


def _watch_standard_input(pid: int, death_signal: signal.Signals) -> None:
    while os.read(0, 1024):
        pass
    os.kill(pid, death_signal)


def main(arguments: list[str]) -> int:
    """Replace this process by the given program on Linux; elsewhere start it and forward the end of the parent."""
    name, parent, *command = arguments
    death_signal = signal.Signals[f"SIG{name}"]
    if ON_LINUX:
        tether(death_signal=death_signal, parent=int(parent))
        os.execvp(command[0], command)  # noqa: S606  (no shell is wanted)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch_standard_input, args=(child.pid, death_signal), daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: child.send_signal(death_signal))
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
