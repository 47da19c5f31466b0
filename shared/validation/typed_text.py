"""Clean text that people type or paste, before anything else reads it: one function for every such field.

Contacts apps, messengers, word processors, spreadsheets and phone keyboards put characters into text that nobody sees
or means: marks of direction around a phone number, a no-break space, a zero-width space, a long dash, a curly
apostrophe, digits of another script. A person cannot find what is wrong with text that looks right.

The table follows the preparation of names in directories (RFC 4518, section 2.2): what shows nothing is removed, and
every blank is a space. In addition, dashes and quotes become the ones of ASCII, decimal digits of every script become
0 to 9, and full-width, half-width and small forms become the ordinary ones. Letters stay as they are.

Passwords are never cleaned. A password is compared byte for byte by the directory that owns it, and a character that
nobody sees may be part of it (OWASP ASVS 5.0 6.2.8).
"""

import unicodedata
from functools import lru_cache
from typing import Final

IGNORABLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc") | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
"""Letters and marks that show nothing: the property Default_Ignorable_Code_Point of Unicode, the empty Braille pattern
and the object replacement character. Characters of the category Cf show nothing either."""

JOINERS: Final = frozenset("\u200c\u200d\ufe0e\ufe0f")
"""They show nothing alone, but decide how their neighbours look, as in emoji and in Persian."""

_BLANK_CONTROLS: Final = frozenset("\t\n\x0b\x0c\r\x85")
_BLANKS: Final = frozenset({"Zs", "Zl", "Zp"})
_ORDINARY_FORM: Final = frozenset({"<wide>", "<narrow>", "<small>"})
_SIGNS: Final = {
    **dict.fromkeys("\u2212\u2043\u02d7", "-"),  # minus sign, hyphen bullet, modifier letter minus
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2039\u203a", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
}


def cleaned(text: str) -> str:
    """Return the text without what nobody sees or means. Applied again, it changes nothing.

    Control characters other than tabs and line breaks stay, so that the reader of a field refuses them.
    """
    return " ".join(part for part in "".join(map(_meant, text)).split(" ") if part)


def shown_text(text: str) -> str:
    """Return text that is shown and never compared, such as the name of an app: with its own dashes and digits.

    Marks that hide or turn what stands around them are removed.
    """
    kept = (character if character in JOINERS else _seen(character) for character in text)
    return " ".join(part for part in "".join(kept).split(" ") if part)


def shown_line(text: str) -> str:
    """Return text that is shown, as above. Raises ValueError for a control character (A-23)."""
    shown = shown_text(text)
    if any(unicodedata.category(character) == "Cc" for character in shown):
        raise ValueError("a control character")  # each takes six characters in the JSON of the row
    return shown


@lru_cache(maxsize=4096)
def _meant(character: str) -> str:
    """Return what a character stands for."""
    seen = _seen(character)
    if seen.isascii():
        return seen
    category = unicodedata.category(character)
    if category == "Pd":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    form, _, code_point = unicodedata.decomposition(character).partition(" ")
    if form in _ORDINARY_FORM:
        return _meant(chr(int(code_point, 16)))
    return _SIGNS.get(character, character)


def _seen(character: str) -> str:
    """Return nothing for what shows nothing, and a space for a blank."""
    if character in _BLANK_CONTROLS:
        return " "
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Cf" or character in IGNORABLE:
        return ""
    return " " if category in _BLANKS else character
