"""`./sesame lock`: compiles `requirements/*.in` into lock files with hashes.

What ships is locked first, for the Python and the machines of Azure alone. The development lock is for every supported
Python; on the deployed one it has the versions that ship.
"""

import re
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from local.setup import python_env
from local.setup.progress import ROOT, run_step

DEPLOYED = "3.13"
"""The Python on which Azure runs the app (infra/app/api.bicep)."""

SHIPPED = ROOT / "requirements.txt"
# The images of Azure Functions for this Python have a newer glibc than 2.28.
ON_AZURE = ("--python-version", DEPLOYED, "--python-platform", "x86_64-manylinux_2_28", "--only-binary", ":all:")
EVERY_PYTHON = ("--universal", "--python-version", "3.11", "--generate-hashes")
# Microsoft's worker library is installed beside the app without its dependencies (tests/worker).
WORKER_ALONE = ("--no-deps", "--python-version", DEPLOYED, "--generate-hashes")
OTHERS = {"node": EVERY_PYTHON, "checkov": EVERY_PYTHON, "worker": WORKER_ALONE}


def compile_all(options: list[str]) -> int:
    """Compile each lock file; `--upgrade` allows newer versions."""
    with tempfile.TemporaryDirectory() as name:
        packages = _lock_what_ships(Path(name), options)
        pins = Path(name) / "pins.txt"
        lines = [f"{each['name']}=={each['version']} ; python_full_version >= '{DEPLOYED}'\n" for each in packages]
        pins.write_text("".join(lines), "utf-8")
        # Read from standard input, so that the lock file does not name a temporary file.
        _compile("requirements/dev.in", ROOT / "requirements/dev.txt", *EVERY_PYTHON, "-c", "-", *options, given=pins)
    for name, scope in OTHERS.items():
        _compile(f"requirements/{name}.in", ROOT / f"requirements/{name}.txt", *scope, *options)
    return 0


def _lock_what_ships(folder: Path, options: list[str]) -> list[dict[str, Any]]:
    """Write requirements.txt with the hashes of the wheels that the deployed Python loads. Return the packages.

    With no other hash, pip refuses to install it on another Python or to build a package from source.
    """
    draft, wheels = folder / SHIPPED.name, folder / "pylock.toml"
    shutil.copyfile(SHIPPED, draft)  # uv keeps its versions
    _compile("requirements/shipped.in", draft, *ON_AZURE, *options)
    _compile(str(draft), wheels, *ON_AZURE, "--format", "pylock.toml")
    packages: list[dict[str, Any]] = tomllib.loads(wheels.read_text("utf-8"))["packages"]
    hashes = {each["name"]: _hashes(each["wheels"]) for each in packages}
    about = f"# For Python {DEPLOYED} on Linux x86-64 alone. On another one, pip reports hashes that do not match.\n"
    pin = re.compile(r"^([a-z0-9-]+)==\S+$", re.MULTILINE)
    SHIPPED.write_text(about + pin.sub(lambda found: found[0] + hashes[found[1]], draft.read_text("utf-8")), "utf-8")
    return packages


def _hashes(wheels: list[dict[str, Any]]) -> str:
    """Leave out the pure Python wheel of a package that has compiled ones, because it would install anywhere."""
    compiled = [wheel for wheel in wheels if not wheel["url"].endswith("-none-any.whl")]
    digests = sorted(wheel["hashes"]["sha256"] for wheel in compiled or wheels)
    return "".join(f" \\\n    --hash=sha256:{digest}" for digest in digests)


def _compile(source: str, target: Path, *options: str, given: Path | None = None) -> None:
    uv = str(python_env.python().parent / "uv")
    # The files contain no index address, so that they work with every mirror.
    fixed = ("-q", "--no-emit-index-url", "--custom-compile-command", "./sesame lock")
    command = [uv, "pip", "compile", *fixed, *options, source, "-o", str(target)]
    run_step(f"Locking {target.name}", command, folder=ROOT, given=given)
