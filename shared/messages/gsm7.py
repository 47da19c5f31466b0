"""The default alphabet of SMS (3GPP TS 23.038). One other character cuts a segment from 160 to 70 characters."""

import unicodedata
from typing import Final

ALPHABET: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def in_gsm7(text: str) -> str:
    """Return `text` in the alphabet: other characters are replaced by their base letter, or removed."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        base = character if character in ALPHABET else unicodedata.normalize("NFD", character)[0]
        kept.append(base if base in ALPHABET else "")
    return "".join(kept)
