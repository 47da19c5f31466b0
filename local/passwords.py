"""First passwords: generated, shown once, and easy to read out (M1)."""

import secrets
from typing import Final

_SYLLABLES: Final = tuple(consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou")
_WORDS: Final = 5
_SYLLABLES_A_WORD: Final = 3


def generated_password() -> str:
    """Fifteen syllables of seventy: 91 bits, and no sign that two people would read out differently."""
    words = ["".join(secrets.choice(_SYLLABLES) for _ in range(_SYLLABLES_A_WORD)) for _ in range(_WORDS)]
    return "-".join(words)
