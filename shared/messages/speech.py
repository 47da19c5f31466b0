"""What a call says, as SSML (W3C, Speech Synthesis Markup Language 1.1) for the speech service of Azure.

A code is spoken digit by digit, with pauses, and twice. Every field is filtered and escaped, as in other messages.
"""

import html
from collections.abc import Mapping
from typing import Final

from shared.domain.code_shape import CodeShape
from shared.domain.language import Language
from shared.messages import words
from shared.messages.catalogue import filled, language_or_default, text

VOICES: Final[Mapping[Language, tuple[str, str]]] = {
    "en": ("en-GB", "en-GB-SoniaNeural"),
    "fr": ("fr-FR", "fr-FR-DeniseNeural"),
}
"""Locale and voice of each language (Microsoft Learn, "Language and voice support for the Speech service")."""

_BETWEEN_DIGITS: Final = '<break time="350ms"/>'
_BETWEEN_GROUPS: Final = '<break time="900ms"/>'
_BEFORE_AGAIN: Final = '<break time="1200ms"/>'

_MARK: Final = "\ue000"
"""Stands for digits with their pauses while ICU fills a text. No catalogue has it."""


def prompt(template: str, language: str, *, product: str, key: str) -> str:
    """Return what is said before a code: who calls, what for, and which key to press. It is said twice."""
    of = language_or_default(language)
    said = _filled(of, text(of, "messages", template, "call"), {"product": words.product_name(product), "key": key})
    return _ssml(of, f"{said}{_BEFORE_AGAIN}{said}")


def spoken_code(language: str, code: str) -> str:
    """Return the words with the code. Raises ValueError if it is not all digits."""
    of, digits = language_or_default(language), _digits(code)
    return _ssml(of, _filled(of, text(of, "messages", "spoken", "code"), {"code": _MARK}).replace(_MARK, digits))


def announcement(language: str, extension: str) -> str:
    """Return what a switchboard hears before the tones of an extension."""
    of = language_or_default(language)
    said = _filled(of, text(of, "messages", "spoken", "extension"), {"extension": _MARK})
    return _ssml(of, said.replace(_MARK, _digits(extension)))


def _filled(language: Language, pattern: str, fields: Mapping[str, str]) -> str:
    """Return the text with its fields, both escaped."""
    escaped = {name: html.escape(value, quote=False) for name, value in fields.items()}
    return filled(language, html.escape(pattern, quote=False), escaped)


def _digits(number: str) -> str:
    groups = CodeShape(len(number)).shown(number).split("-")
    return _BETWEEN_GROUPS.join(_BETWEEN_DIGITS.join(group) for group in groups)


def _ssml(language: Language, said: str) -> str:
    locale, voice = VOICES[language]
    return (
        f'<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="{locale}">'
        f'<voice name="{voice}">{said}</voice></speak>'
    )
