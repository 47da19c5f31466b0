"""Count the lines that people wrote, by part of the repository.

Every line counts, also blank lines and comments (`wc -l`), in files that git tracks or would add. Generated files are
left out: lock files, the OpenAPI document and the word lists.
"""

import shutil
import subprocess
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = {
    "product": ("functions/*", "shared/*", "function_app.py"),
    "local": ("local/*",),
    "operate": ("operate/*",),
    "web": ("web/*",),
    "infra": ("infra/*", "azure.yaml"),
    "tests": ("tests/*",),
    "bench": ("bench/*",),
    "docs": ("docs/*",),
}
"""`*` matches any path, at any depth."""

MADE = (
    "*package-lock.json",
    "*requirements*.txt",
    "shared/adapters/common_passwords/*.txt",
    "web/openapi.json",
)


def files() -> list[str]:
    """Return the paths of the files that people wrote."""
    git = shutil.which("git") or "git"
    listing = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listing, cwd=ROOT, text=True, encoding="utf-8").split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file() and not _is_like(name, MADE)})


def _is_like(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def main() -> None:
    """Print one line for each part."""
    lines: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for name in files():
        for part in (part for part, patterns in PARTS.items() if _is_like(name, patterns)):
            lines[part] += (ROOT / name).read_bytes().count(b"\n")
            count[part] += 1
    print(f"{'':10}{'files':>8}{'lines':>8}")
    for part in PARTS:
        print(f"{part:10}{count[part]:8}{lines[part]:8}")
    print(f"{'in all':10}{count.total():8}{lines.total():8}")


if __name__ == "__main__":
    main()
