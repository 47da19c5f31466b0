"""Find patterns that make a long password easy to guess: repetition, sequences, keyboard walks and joined words.

The time is linear in the length of the password, which the caller has cut to a few hundred characters (A-29).
"""

from collections.abc import Container
from itertools import pairwise
from typing import Final

from shared.domain.password_folding import FoldedText

SHORTEST_PIECE: Final = 4  # shorter listed words occur by chance in any text
LONGEST_PIECE: Final = 24
_SHORTEST_RUN: Final = 4  # as in `abcd`, `1234`, `qwer`; runs of three occur in ordinary words

# Keyboard rows, each half a key to the right of the row above. The last two entries are single lines.
_LAYOUTS: Final = (
    ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    ("1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm"),
    ("abcdefghijklmnopqrstuvwxyz",),
    ("01234567890",),
)


def _neighbours(rows: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """Return every pair of neighbouring keys, in both directions."""
    pairs = {pair for row in rows for pair in pairwise(row)}
    for upper, lower in pairwise(rows):
        pairs |= set(zip(upper, lower, strict=False)) | set(zip(upper[1:], lower, strict=False))
    return frozenset(pairs | {(right, left) for left, right in pairs})


_NEIGHBOURS: Final = tuple(map(_neighbours, _LAYOUTS))


def period(text: str) -> int:
    """Return the length of the shortest text that gives `text` when repeated, with its last copy cut anywhere.

    This is the prefix function of Knuth, Morris and Pratt.
    """
    borders = [0] * len(text)
    for position in range(1, len(text)):
        border = borders[position - 1]
        while border and text[position] != text[border]:
            border = borders[border - 1]
        borders[position] = border + (text[position] == text[border])
    return len(text) - borders[-1] if text else 0


def characters_outside_runs(text: str) -> int:
    """Count the characters, where each run of neighbouring or equal keys counts as one character.

    A run uses one layout. Runs over several layouts would also be found in random passwords.
    """
    left, position = 0, 0
    while position < len(text):
        run = max(_run(text, position, neighbours) for neighbours in _NEIGHBOURS)
        left += 1
        position += run if run >= _SHORTEST_RUN else 1
    return left


def _run(text: str, start: int, neighbours: frozenset[tuple[str, str]]) -> int:
    end = start + 1
    while end < len(text) and _follows(text[end - 1], text[end], neighbours):
        end += 1
    return end - start


def _follows(earlier: str, later: str, neighbours: frozenset[tuple[str, str]]) -> bool:
    return (earlier, later) in neighbours or (earlier == later and later.isascii())


def pieces(candidate: FoldedText, words: Container[str]) -> list[str] | None:
    """Return the fewest listed words that `candidate` consists of, or None when it has letters outside of them.

    Decoration (digits, blanks, punctuation) may be anywhere between the words and does not count. So a listed year is
    never counted as a word, and fifteen random digits are not a pattern.
    """
    text, size = candidate.text, len(candidate.text)
    fewest: list[int | None] = [0] + [None] * size
    came_from = [0] * (size + 1)
    for end in range(1, size + 1):
        before = fewest[end - 1] if candidate.decoration[end - 1] else None
        best, origin = before, end - 1
        for start in range(max(0, end - LONGEST_PIECE), end - SHORTEST_PIECE + 1):
            count = fewest[start]
            if count is not None and (best is None or count + 1 < best) and text[start:end] in words:
                best, origin = count + 1, start
        fewest[end], came_from[end] = best, origin
    if fewest[size] is None:
        return None
    found, end = [], size
    while end:
        start = came_from[end]
        if end - start >= SHORTEST_PIECE:
            found.append(text[start:end])
        end = start
    return found[::-1]
