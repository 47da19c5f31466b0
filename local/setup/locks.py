"""`./sesame lock`: compiles requirements (`*.in`) into lock files (`*.txt`) with hashes."""

from local.setup import python_env
from local.setup.progress import ROOT, run_step

EVERY_PYTHON = ("--universal", "--python-version", "3.11")
# Microsoft's worker library declares Python 3.13 and is installed beside the app without its dependencies
# (tests/worker).
WORKER_ALONE = ("--no-deps", "--python-version", "3.13")
LOCKS = {
    "requirements.txt": ("shipped", EVERY_PYTHON),
    "requirements/dev.txt": ("dev", EVERY_PYTHON),
    "requirements/node.txt": ("node", EVERY_PYTHON),
    "requirements/worker.txt": ("worker", WORKER_ALONE),
    "requirements/checkov.txt": ("checkov", EVERY_PYTHON),
}


def compile_all(options: list[str]) -> int:
    """Compile each lock file; `--upgrade` allows newer versions."""
    uv = str(python_env.python().parent / "uv")
    # The files contain no index address, so that they work with every mirror.
    fixed = ("-q", "--generate-hashes", "--no-emit-index-url", "--custom-compile-command", "./sesame lock")
    for lock, (source, scope) in LOCKS.items():
        command = [uv, "pip", "compile", *fixed, *scope, *options, f"requirements/{source}.in", "-o", lock]
        run_step(f"Locking {lock}", command, folder=ROOT)
    return 0
