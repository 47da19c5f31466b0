"""Fold a password to compare it with lists: without case, accents, look-alike characters and decoration.

The folded form is only compared. It is never hashed.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

# Characters that people and guessing tools write for a letter. i and l have the same look-alikes and become l.
_LOOK_ALIKES: Final = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "!": "l", "|": "l", "3": "e", "\u20ac": "e", "4": "a", "@": "a"}
    | {"5": "s", "$": "s", "7": "t", "+": "t"}
)
_MOST_LETTERS_OF_ONE: Final = 3  # enough for a ligature; a few characters decompose into twenty


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text, and for each of its characters whether it may be decoration between words."""

    text: str
    decoration: tuple[bool, ...]

    @property
    def letters(self) -> int:
        """How many characters are not decoration."""
        return len(self.decoration) - sum(self.decoration)


def folded_text(text: str) -> FoldedText:
    """Fold `text` character by character, and keep for each folded character whether it was decoration."""
    characters: list[str] = []
    decoration: list[bool] = []
    for character in text:
        plain = unicodedata.normalize("NFKD", character).casefold()
        bare = "".join(part for part in plain if not unicodedata.combining(part))[:_MOST_LETTERS_OF_ONE]
        characters.append(bare.translate(_LOOK_ALIKES))
        decoration.extend([_is_decoration(character)] * len(bare))
    return FoldedText("".join(characters), tuple(decoration))


def folded(text: str) -> str:
    """Return the form in which words are listed."""
    return folded_text(text).text


def with_and_without_decoration(text: str) -> tuple[str, str, str]:
    """Return `text` as it is, without the digits, blanks and punctuation at its end, and without those at both ends."""
    start, end = 0, len(text)
    while end and _is_decoration(text[end - 1]):
        end -= 1
    while start < end and _is_decoration(text[start]):
        start += 1
    return text, text[:end], text[start:end]


def _is_decoration(character: str) -> bool:
    """Digits of any script, blanks and ASCII punctuation; not an emoji, which guessing tools do not append."""
    return not character.isalpha() and (character.isascii() or character.isdigit() or character.isspace())
