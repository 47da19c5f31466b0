"""Common passwords, folded: what the blocklist rule compares with (R-43, ASVS 6.2.4). NOTICE says whence."""

from functools import cache
from pathlib import Path


@cache
def load() -> frozenset[str]:
    """Return every listed word in the form of `shared.domain.password_folding.folded`; read once, on first use."""
    return frozenset((Path(__file__).parent / "words.txt").read_text("utf-8").split())
