"""Common passwords in folded form, for the blocklist rule (R-43, OWASP ASVS 5.0 6.2.4). NOTICE names the sources."""

from functools import cache
from pathlib import Path


@cache
def load() -> frozenset[str]:
    """Return all listed words, folded by `shared.domain.password_folding.folded`.

    The file is read once, on first use.
    """
    return frozenset((Path(__file__).parent / "words.txt").read_text("utf-8").split())
