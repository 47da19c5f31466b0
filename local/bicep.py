"""Microsoft's Bicep compiler: where it is, and `python -m local.bicep`, which builds and lints infra/."""

import os
import shutil
import subprocess
import sys

from local.setup.progress import ROOT

MAIN = ROOT / "infra" / "main.bicep"
VERSION = "0.49.2"
HOW_TO_GET = (
    f"There is no Bicep compiler here. Install version {VERSION} or later from github.com/Azure/bicep/releases or with "
    "`az bicep install`, and put it on PATH or name it in SESAME_BICEP."
)


def compiler() -> str | None:
    """Return the compiler: SESAME_BICEP, else `bicep` on PATH; None if there is none."""
    return os.environ.get("SESAME_BICEP") or shutil.which("bicep")


def environment() -> dict[str, str]:
    """Return the environment in which the compiler also starts on a machine without the ICU libraries."""
    return {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", **os.environ}


def main() -> int:
    """Build and lint; any error and any warning fails."""
    program = compiler()
    if program is None:
        print(HOW_TO_GET)
        return 1
    clean = True
    for words in (("lint", MAIN), ("build", MAIN, "--stdout")):
        done = subprocess.run([program, *words], env=environment(), capture_output=True, text=True, check=False)
        print(done.stderr, end="")  # findings; the template of `build` is not of interest
        clean &= done.returncode == 0 and not done.stderr.strip()
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
