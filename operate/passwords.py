"""First passwords: generated, shown once, and easy to read aloud (M1)."""

import secrets
from typing import Final

_SYLLABLES: Final = tuple(consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou")
_WORDS: Final = 5
_SYLLABLES_A_WORD: Final = 3


def generated_password() -> str:
    """Return fifteen of seventy syllables: 91 bits, without characters that are easily confused."""
    words = ["".join(secrets.choice(_SYLLABLES) for _ in range(_SYLLABLES_A_WORD)) for _ in range(_WORDS)]
    return "-".join(words)
