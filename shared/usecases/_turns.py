"""Give each name a small number of places among the sign-ins that this instance works on at once (rule 18)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from shared.domain.errors import TryAgain

AT_ONCE: Final = 4
"""Of the 32 hashes that may wait in an instance (`WAITING` in shared/adapters/argon2_hasher.py)."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Counts sign-ins under way by name. One name cannot take every place in the queue of hashes."""

    _under_way: Counter[str] = field(default_factory=Counter, init=False)

    @contextmanager
    def taken(self, name_key: str) -> Iterator[None]:
        """Take a place for the time of the block. Raises TryAgain when the name has none left."""
        if self._under_way[name_key] >= AT_ONCE:
            raise TryAgain
        self._under_way[name_key] += 1
        try:
            yield
        finally:
            self._under_way[name_key] -= 1
            if not self._under_way[name_key]:
                del self._under_way[name_key]
