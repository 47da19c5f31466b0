"""`./sesame lock`: compiles what is wanted (`*.in`) into what is installed (`*.txt`), for every Python we support."""

from local.setup import python_env
from local.setup.progress import ROOT, run_step

LOCKS = {
    "requirements.in": "requirements.txt",
    "requirements-dev.in": "requirements-dev.txt",
    "local/setup/requirements-node.in": "local/setup/requirements-node.txt",
    "requirements-worker.in": "requirements-worker.txt",
}


def compile_all(options: list[str]) -> int:
    """Compile each lock file; `--upgrade` takes newer versions."""
    for wanted, lock in LOCKS.items():
        if (ROOT / wanted).exists():
            run_step(f"Locking {wanted}", [*_command(options), wanted, "-o", lock])
    return 0


def _command(options: list[str]) -> list[str]:
    # No index address in the files: the same lock serves every mirror.
    fixed = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url")
    uv = str(python_env.python().parent / "uv")
    return [uv, "pip", "compile", "-q", *fixed, "--custom-compile-command", "./sesame lock", *options]
