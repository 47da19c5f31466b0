"""The default alphabet of text messages (3GPP TS 23.038). One character outside of it halves the room."""

import unicodedata
from typing import Final

ALPHABET: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
SINGLE_MESSAGE: Final = 160  # characters


def in_gsm7(text: str) -> str:
    """Return `text` with each character that is outside the alphabet replaced by its base letter, or dropped."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        base = character if character in ALPHABET else unicodedata.normalize("NFD", character)[0]
        kept.append(base if base in ALPHABET else "")
    return "".join(kept)
