"""Fields as people read them, and the filters that keep a field from becoming more than a word (R-97).

Our messages are trusted because they are ours. A link, a line break or a template sign that came in through a name
would turn them into somebody else's (A-22, A-23).
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Final, Literal

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

LONGEST_NAME: Final = 24  # leaves a text message within its 160 characters in every template
_LONGEST_ORIGIN: Final = 48
NAMELESS: Final = "Sésame"

_METHODS: Final[dict[str, dict[Language, str]]] = {
    "email": {"en": "email address", "fr": "adresse email"},
    "mobile_phone": {"en": "mobile phone", "fr": "téléphone mobile"},
    "office_phone": {"en": "office phone", "fr": "téléphone de bureau"},
    "authenticator_app": {"en": "authenticator app", "fr": "application"},
    "recovery_code": {"en": "recovery codes", "fr": "codes de secours"},
    "security_questions": {"en": "security questions", "fr": "questions"},
}
_SOME_METHOD: Final[dict[Language, str]] = {"en": "one method", "fr": "un moyen"}

_MONTHS: Final[dict[Language, str]] = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_AT: Final[dict[Language, str]] = {"en": "at", "fr": "à"}

_CODE: Final = re.compile(r"[0-9]{4,12}", re.ASCII)
_GROUP: Final = 4


def language_or_english(language: str | None) -> Language:
    """Return the language to write in: a tag we have words for, by its first part, else English."""
    first = (language or "").lower().partition("-")[0]
    return "fr" if first == "fr" else "en"


def product_name(name: str) -> str:
    """Return the name of the product without anything that reads as a link, a sign or a second line."""
    return _only(name, " -'&", LONGEST_NAME) or NAMELESS


def origin(text: str) -> str:
    """Return a coarse place or network, `Lyon, France` or `203.0.113.0/24`."""
    return _only(text, " -'.,:/()", _LONGEST_ORIGIN)


def method_name(name: str, language: Language) -> str:
    """Return what people call a method; anything unknown is just some method."""
    return _METHODS.get(name, _SOME_METHOD)[language]


def instant(at: datetime, language: Language) -> str:
    """Return an instant in UTC, `22 November 2026 at 12:30 UTC`."""
    utc = at.astimezone(UTC)
    month = _MONTHS[language].split()[utc.month - 1]
    return f"{utc.day} {month} {utc.year} {_AT[language]} {utc:%H:%M} UTC"


def short_instant(at: datetime) -> str:
    """Return an instant for a text message, `2026-11-22 12:30 UTC`: no letters that cost extra, no order to guess."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def grouped(code: str) -> str:
    """Return the digits of a code in groups that a person can carry from one screen to another, `1234 5678`."""
    if _CODE.fullmatch(code) is None:
        raise ValueError("a code is ASCII digits only")  # never with the code in it
    size = _GROUP if len(code) % _GROUP == 0 else 3
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def minutes(count: str) -> str:
    """Return a span, `10 minutes`; the word is the same in both languages."""
    if not (count.isascii() and count.isdigit()):
        raise ValueError("minutes are a number")
    return f"{int(count)} minute{'' if int(count) == 1 else 's'}"


def _only(text: str, signs: str, longest: int) -> str:
    """Keep letters, digits and a few signs, with single blanks between words."""
    composed = unicodedata.normalize("NFC", text[: 4 * longest])  # cut first: composing long text is slow
    kept = "".join(character if character.isalnum() or character in signs else " " for character in composed)
    return " ".join(kept.split())[:longest].strip()
