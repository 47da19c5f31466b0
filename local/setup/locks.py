"""`./sesame lock`: compiles what is wanted (`*.in`) into what is installed (`*.txt`), hash by hash."""

from local.setup import python_env
from local.setup.progress import ROOT, run_step

EVERY_PYTHON = ("--universal", "--python-version", "3.11")
# Microsoft's worker library declares 3.13 and is installed beside the app without its dependencies (tests/worker).
WORKER_ALONE = ("--no-deps", "--python-version", "3.13")
LOCKS = {
    "requirements": EVERY_PYTHON,
    "requirements-dev": EVERY_PYTHON,
    "local/setup/requirements-node": EVERY_PYTHON,
    "requirements-worker": WORKER_ALONE,
    "requirements-checkov": EVERY_PYTHON,
}


def compile_all(options: list[str]) -> int:
    """Compile each lock file; `--upgrade` takes newer versions."""
    uv = str(python_env.python().parent / "uv")
    # No index address in the files: the same lock serves every mirror.
    fixed = ("-q", "--generate-hashes", "--no-emit-index-url", "--custom-compile-command", "./sesame lock")
    for name, scope in LOCKS.items():
        command = [uv, "pip", "compile", *fixed, *scope, *options, f"{name}.in", "-o", f"{name}.txt"]
        run_step(f"Locking {name}", command, folder=ROOT)
    return 0
