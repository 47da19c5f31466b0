"""Turns the fields of messages into the words that people read, and removes unsafe characters from them (R-97).

People trust our messages. The filters stop an attacker who puts a link, a line break or a template sign into a name, to
make our message show their text (A-22, A-23).
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.domain.language import Language
from shared.domain.organisation import is_helpdesk, is_phone
from shared.domain.trail import REFERENCE_LENGTH, REFERENCE_LETTERS
from shared.messages.catalogue import filled, text
from shared.messages.gsm7 import in_gsm7

LONGEST_NAME: Final = 60
LONGEST_TEXT_NAME: Final = 24
"""With it, every text message stays within 160 characters."""
_LONGEST_ORIGIN: Final = 48
NAMELESS: Final = "Sésame"

_OBJECTION: Final = re.compile(r"[0-9A-Z]{10}", re.ASCII)
LONGEST_PHONE: Final = 16
"""A plus and 15 digits (ITU-T E.164)."""
_REFERENCE: Final = re.compile(f"[{REFERENCE_LETTERS}]{{{REFERENCE_LENGTH}}}")
_DOT_OF_AN_ADDRESS: Final = re.compile(r"\.(?=\w{2})")


def product_name(name: str) -> str:
    """Return the product's name without links, template signs and line breaks; a default name if nothing is left."""
    kept = _only(name, " .,&+()'’·‑–—-", LONGEST_NAME)  # noqa: RUF001  the typographic signs of names
    return _DOT_OF_AN_ADDRESS.sub(" ", kept) or NAMELESS


def text_name(name: str) -> str:
    """Return the name in the alphabet of SMS, cut after a word where it is too long."""
    written = in_gsm7(product_name(name))
    if len(written) <= LONGEST_TEXT_NAME:
        return written or NAMELESS
    whole, _, _ = written[: LONGEST_TEXT_NAME + 1].rpartition(" ")
    return whole.rstrip(" ,&+(-") or written[:LONGEST_TEXT_NAME]


def fits_a_text(name: str) -> bool:
    """Whether text messages show the whole name."""
    return len(in_gsm7(name)) <= LONGEST_TEXT_NAME


def account_name(masked: str) -> str:
    """Return the masked name of an account, filtered."""
    return _only(masked, "\u2022@.-_", _LONGEST_ORIGIN)


def origin(text: str) -> str:
    """Return the filtered place or network of a request, such as `Lyon, France` or `203.0.113.0/24`."""
    return _only(text, " -'.,:/()", _LONGEST_ORIGIN)


def method_name(name: str, language: Language) -> str:
    """Return the name of a method in that language; a general term for an unknown method."""
    try:
        return text(language, "messages", "method", name)
    except KeyError:
        return text(language, "messages", "method", "other")


def instant(at: datetime, language: Language, zone: str = "UTC") -> str:
    """Return the time in UTC, such as `22 November 2026 at 12:30 UTC`; with a zone, the time there before it."""
    if zone == "UTC":
        return filled(language, text(language, "messages", "at"), {"at": at})
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)  # what a clock shows there
    return filled(language, text(language, "messages", "atInZone"), {"local": local, "at": at, "zone": zone})


def short_instant(at: datetime) -> str:
    """Return the time in UTC for an SMS, `2026-11-22 12:30 UTC`: GSM-7 only, the same in both languages."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def objection(code: str) -> str:
    """Return the code that stops a change in two groups, `K7QM2-XPD9R`. "" stays "". Raises ValueError."""
    if code and _OBJECTION.fullmatch(code) is None:
        raise ValueError("not a code of an objection")
    return f"{code[:5]}-{code[5:]}" if code else ""


def helpdesk(contact: str) -> str:
    """Return the contact that the settings give: a phone number or an email address. "" stays "". Raises ValueError."""
    if contact and not is_helpdesk(contact):
        raise ValueError("not a contact of a helpdesk")
    return contact


def text_helpdesk(contact: str, language: Language) -> str:
    """Return the contact for a text message: the digits of a phone number, otherwise `your helpdesk`."""
    digits = "".join(contact.split()) if is_phone(contact) else ""
    digits = re.sub(r"[^+0-9]", "", digits.replace("(0)", ""))
    return digits if 0 < len(digits) <= LONGEST_PHONE else text(language, "messages", "helpdesk")


def reference(text: str) -> str:
    """Return a reference in three groups, `fvnp-crbg-kkst`. "" stays "". Raises ValueError."""
    if text and _REFERENCE.fullmatch(text) is None:
        raise ValueError("not a reference")
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def whole_number(count: str) -> int:
    """Return a number of minutes, days or codes. Raises ValueError."""
    if not (count.isascii() and count.isdigit()):
        raise ValueError("it must be a whole number")
    return int(count)


def _only(text: str, signs: str, longest: int) -> str:
    """Keep letters, digits and the given signs, with single spaces between words, and cut to `longest` characters."""
    composed = unicodedata.normalize("NFC", text[: 4 * longest])  # cut first: normalising long text is slow
    kept = "".join(character if character.isalnum() or character in signs else " " for character in composed)
    return " ".join(kept.split())[:longest].strip()
