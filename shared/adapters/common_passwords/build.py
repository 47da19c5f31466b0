"""Builds `words.txt`: `python -m shared.adapters.common_passwords.build FOLDER`.

FOLDER holds the unpacked npm packages that NOTICE names, under `common`, `fr` and `de`. Only developers run this. The
result is kept in the repository, so that builds and deployments do not depend on those packages.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.domain.password_folding import folded, with_and_without_decoration

HERE: Final = Path(__file__).parent
MOST_COMMON: Final = 22_000  # of the ranked list; later entries come from single leaks and are not common
NAMES: Final = ("fr/src/firstnames.json", "fr/src/lastnames.json", "de/src/firstnames.json", "de/src/lastnames.json")
SHORTEST: Final = 4


def sources(folder: Path) -> Iterator[str]:
    """Yield every word as its source spells it."""
    yield from json.loads((folder / "common/src/passwords.json").read_text("utf-8"))[:MOST_COMMON]
    for name in NAMES:
        yield from json.loads((folder / name).read_text("utf-8"))
    for line in (HERE / "european.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield line


def words(folder: Path) -> list[str]:
    """Return the sorted folded words, each also without leading and trailing digits."""
    forms = {folded(form) for word in sources(folder) for form in with_and_without_decoration(word)}
    return sorted(form for form in forms if len(form) >= SHORTEST and form.isascii() and " " not in form)


if __name__ == "__main__":
    (HERE / "words.txt").write_text("\n".join(words(Path(sys.argv[1]))) + "\n", "utf-8", newline="\n")
