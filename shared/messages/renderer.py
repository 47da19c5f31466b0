"""Renders a message from a template, a language, a channel and fields.

Messages with a code contain only the code, its lifetime and the product's name. They contain no link, which phishing
could imitate, and no text that a stranger can influence (R-21, A-23). Every field is filtered by `words` and escaped
for HTML. `string.Template` does not expand the values it inserts. Templates are cached when they are first used.
"""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from shared.messages import words
from shared.messages.gsm7 import in_gsm7
from shared.messages.words import Language

_FOLDER: Final = Path(__file__).parent

_OF_CODES: Final = frozenset({"product", "code", "minutes"})
_OF_NOTICES: Final = frozenset({"product", "at", "origin"})
_OF_CHANGES: Final = _OF_NOTICES | {"method", "objection"}

# The fields that each template may contain. Other fields are ignored.
TEMPLATES: Final[Mapping[str, frozenset[str]]] = {
    "code": _OF_CODES,
    "code_registration": _OF_CODES,
    "code_change": _OF_CODES,
    "password_changed": _OF_NOTICES,
    "password_maybe_changed": _OF_NOTICES,
    "method_added": _OF_CHANGES,
    "method_changed": _OF_CHANGES,
    "method_removed": _OF_CHANGES,
    "method_suspended": _OF_NOTICES | {"method"},
    "frozen": _OF_NOTICES,
    "loss_wait": _OF_NOTICES | {"objection", "until"},
    "sign_in_closed": _OF_NOTICES,
    "erased": frozenset({"product", "at"}),
    "unblocked": frozenset({"product", "at"}),
    "reminder": frozenset({"product"}),
}
_OPTIONAL: Final = ("origin", "objection")
"""A line with one of these is left out where there is none: the origin is unknown, the address can stop nothing."""

Field = str | datetime


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rendered message; for an SMS, subject and HTML are empty."""

    subject: str
    text: str
    html: str


def render(template: str, language: str | None, channel: str, fields: Mapping[str, Field]) -> Rendered:
    """Return the message of `template` for `channel` (`email` or `sms`), in English if the language is not supported.

    Raises:
        KeyError: the template is unknown, or a field that it needs is missing.
        ValueError: the channel is unknown, or a code is not all digits.
    """
    of, allowed = words.language_or_english(language), TEMPLATES[template]
    given = {name: value for name, value in fields.items() if name in allowed}
    if channel == "sms":
        plain = {name: in_gsm7(value) for name, value in _readable(given, of, words.short_instant).items()}
        plain["product"] = plain["product"] or words.NAMELESS  # no character of the name may exist in GSM-7
        return Rendered("", _filled(f"{of}/{template}/sms.txt", plain), "")
    if channel != "email":
        raise ValueError("the channel must be email or sms")
    plain = _readable(given, of, lambda at: words.instant(at, of))
    escaped = {name: html.escape(value) for name, value in plain.items()}
    subject = _filled(f"{of}/{template}/subject.txt", plain)
    content = _filled(f"{of}/{template}/body.html", escaped)
    page = {"language": of, "subject": html.escape(subject), "product": escaped["product"], "content": content}
    return Rendered(subject, _filled(f"{of}/{template}/body.txt", plain), _filled("layout.html", page))


def _readable(fields: Mapping[str, Field], language: Language, read_at: Callable[[datetime], str]) -> dict[str, str]:
    """Return every field as people read it, filtered by its kind."""
    return {name: _word(name, value, language, read_at) for name, value in fields.items()}


def _word(name: str, value: Field, language: Language, read_at: Callable[[datetime], str]) -> str:
    if isinstance(value, datetime):
        return read_at(value)
    match name:
        case "product":
            return words.product_name(value)
        case "code":
            return words.grouped(value)
        case "minutes":
            return words.minutes(value)
        case "method":
            return words.method_name(value, language)
        case "origin":
            return words.origin(value)
        case "objection":
            return words.objection(value)
        case _:
            raise ValueError(f"{name} is not text")


def _filled(path: str, values: Mapping[str, str]) -> str:
    text = _text(path)
    for name in _OPTIONAL:
        if not values.get(name):
            text = "\n".join(line for line in text.split("\n") if f"${name}" not in line).rstrip()
    return Template(text).substitute(values)


@cache
def _text(path: str) -> str:
    return (_FOLDER / path).read_text("utf-8").strip()
