"""The default alphabet of SMS (3GPP TS 23.038). One other character cuts a segment from 160 to 70 characters."""

import unicodedata
from typing import Final

ALPHABET: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_KEPT: Final = ALPHABET - frozenset("ΔΦΓΛΩΠΨΣΘΞ")
"""The Greek capitals would stand among Latin letters, because the alphabet has no other Greek ones."""


def in_gsm7(text: str) -> str:
    """Return `text` in the alphabet. Other characters are transliterated (œ to oe, ł to l), never dropped.

    A character that no alphabet writes, such as a control character, becomes nothing.
    """
    composed = unicodedata.normalize("NFC", text)
    if set(composed) <= _KEPT:
        return composed
    from anyascii import anyascii

    return "".join(c if c in _KEPT else "".join(a for a in anyascii(c) if a in _KEPT) for c in composed)
