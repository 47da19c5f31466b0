"""Make the canonical form of a typed name, which every route, limit and key uses (R-98).

The form follows the UsernameCaseMapped profile of RFC 8265 where it fits a *lookup*:

1. at most 320 bytes of UTF-8 as typed, checked first, because normalisation is slow on hostile text (A-29);
2. full-width and half-width characters become the ordinary ones (the width mapping of the RFC);
3. blanks at both ends are removed (phone keyboards add one after a completed word);
4. lower case, then NFC.

Compatibility characters are *not* folded (no NFKC), and case is mapped to lower case, never to upper case and never
folded. So a ligature, a circled letter, the Turkish dotless i and the long s stay different from the plain letters;
otherwise two names could collide as in CVE-2019-19844 (A-20).

Characters that the RFC forbids in names (controls, zero-width characters, slashes, quotes) are no error in a lookup.
They stay in the canonical form, so that such a name differs from the clean one and gets the answer of an unknown name
(A-21, R-90). Where accounts are made, `new_identifier` refuses those that cannot be seen (rule 8).
"""

import unicodedata
from typing import Final, NewType

from shared.domain.errors import InvalidInput

CanonicalIdentifier = NewType("CanonicalIdentifier", str)

MAX_BYTES: Final = 320  # 64 + "@" + 255, the longest address; security.md section 5

UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Cs", "Co", "Zl", "Zp"})
"""The Unicode categories of control, format, private and unassigned characters and of line breaks."""

IGNORABLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164") | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
"""Letters and marks that show nothing: the property Default_Ignorable_Code_Point of Unicode, and the empty Braille
pattern."""

_WIDTH_TAGS: Final = ("<wide>", "<narrow>")


def canonical_identifier(text: str, *, field: str = "identifier") -> CanonicalIdentifier:
    """Return the canonical form. Raises InvalidInput for text that is blank, too long or has no UTF-8 form."""
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:  # half of a surrogate pair; `parse_object` refuses it earlier
        raise InvalidInput(field, "malformed") from None
    if size > MAX_BYTES:
        raise InvalidInput(field, "too_long")
    canonical = _without_outer_blanks(unicodedata.normalize("NFC", "".join(map(_of_ordinary_width, text)).lower()))
    if not canonical:
        raise InvalidInput(field, "too_short")
    return CanonicalIdentifier(canonical)


def new_identifier(text: str, *, field: str = "identifier") -> CanonicalIdentifier:
    """Return the canonical form of a name for a new account.

    Raises InvalidInput also for characters that cannot be seen: one name would look like another, and a line break
    would make two names of one.
    """
    canonical = canonical_identifier(text, field=field)
    if any(character in IGNORABLE or unicodedata.category(character) in UNSEEN for character in canonical):
        raise InvalidInput(field, "not_allowed")
    return canonical


def _of_ordinary_width(character: str) -> str:
    if character.isascii():
        return character
    tag, _, code_point = unicodedata.decomposition(character).partition(" ")
    return chr(int(code_point, 16)) if tag in _WIDTH_TAGS else character


def _without_outer_blanks(text: str) -> str:
    """Strip space characters only (category Zs): `str.strip` would also remove control characters."""
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start]) == "Zs":
        start += 1
    while start < end and unicodedata.category(text[end - 1]) == "Zs":
        end -= 1
    return text[start:end]
