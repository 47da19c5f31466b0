"""Renders a message from a template, a language, a channel and fields.

Messages with a code contain only the code, its lifetime and the product's name. They contain no link, which phishing
could imitate, and no text that a stranger can influence (R-21, A-23). Every field is filtered by `words` and escaped
for HTML. ICU does not read the values that it inserts.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from shared.domain.code_shape import CodeShape, origin_bound
from shared.domain.language import Language
from shared.domain.organisation import OURS
from shared.messages import words
from shared.messages.catalogue import filled, language_or_default, text
from shared.messages.gsm7 import in_gsm7

_LAYOUT: Final = Path(__file__).parent / "layout.html"

Field = str | datetime
_Word = str | int

_OF_CODES: Final = frozenset({"product", "account", "code", "minutes"})
_OF_NOTICES: Final = frozenset({"product", "account", "at", "origin", "helpdesk", "reference"})
_OF_CHANGES: Final = _OF_NOTICES | {"method", "objection"}
_OF_REMINDERS: Final = frozenset({"product", "account", "helpdesk"})

# The fields that the texts of each template may contain. Other fields are ignored.
TEMPLATES: Final[Mapping[str, frozenset[str]]] = {
    "code": _OF_CODES,
    "code_registration": _OF_CODES,
    "code_change": _OF_CODES,
    "password_changed": _OF_NOTICES,
    "password_maybe_changed": _OF_NOTICES,
    "account_unlocked": _OF_NOTICES,
    "account_maybe_unlocked": _OF_NOTICES,
    "access_pass_issued": _OF_NOTICES,
    "access_pass_maybe_issued": _OF_NOTICES,
    "method_added": _OF_CHANGES,
    "method_changed": _OF_CHANGES,
    "method_removed": _OF_CHANGES,
    "method_removed_by_administrator": _OF_CHANGES - {"origin"},
    "method_suspended": _OF_NOTICES | {"method"},
    "recovery_code_used": _OF_NOTICES | {"left"},
    "frozen": _OF_NOTICES,
    "frozen_by_administrator": _OF_NOTICES - {"origin"},
    "change_unproved": _OF_NOTICES,
    "loss_wait": _OF_NOTICES | {"objection", "until"},
    "sign_in_closed": _OF_NOTICES,
    "erased": _OF_NOTICES - {"account", "origin"},
    "must_reregister": _OF_NOTICES - {"origin"},
    "contact_overwritten": _OF_CHANGES - {"origin", "objection"},
    "methods_compromised": _OF_NOTICES - {"origin"},
    "should_reregister": _OF_NOTICES - {"origin"},
    "unblocked": _OF_NOTICES - {"origin"},
    "activation_issued": _OF_NOTICES - {"origin"},
    "reminder_ahead": _OF_REMINDERS | {"days"},
    "reminder_today": _OF_REMINDERS,
    "reminder_overdue": _OF_REMINDERS | {"days"},
    "reminder_suspect": _OF_REMINDERS,
    "reminder_renewal": _OF_REMINDERS,
    "reminder_expiry": _OF_REMINDERS | {"days"},
}
_OPTIONAL: Final = ("account", "origin", "objection", "helpdesk", "reference")
"""A line with one of these is left out where there is none: an unknown origin, an address that can stop nothing."""

_MARKUP: Final = {
    "code": '<span style="font-size:2em;font-weight:700;letter-spacing:.06em">{}</span>',
    "objection": "<strong>{}</strong>",
}
"""What makes a field stand out in an email. A catalogue has no markup."""

_FILTERS: Final[Mapping[str, Callable[[str], _Word]]] = {
    "product": words.product_name,
    "account": words.account_name,
    "code": lambda code: CodeShape(len(code)).shown(code),
    "minutes": words.whole_number,
    "days": words.whole_number,
    "left": words.whole_number,
    "origin": words.origin,
    "objection": words.objection,
    "helpdesk": words.helpdesk,
    "reference": words.reference,
}
"""How each text is written. Whatever a field brings, only what its filter lets through is shown (A-22, A-23)."""

_FILLER: Final = "&#847;&zwnj;&nbsp;" * 40
"""After the first words, so that the list of a mailbox, which a locked screen may show, has nothing else: no code."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rendered message; for an SMS, subject and HTML are empty."""

    subject: str
    text: str
    html: str


def render(
    template: str, language: str | None, channel: str, fields: Mapping[str, Field], *, web_host: str = ""
) -> Rendered:
    """Return the message of `template` for `channel` (`email` or `sms`), in English if the language has no catalogue.

    `web_host` is the host of the page for which a text message gives its code to the browser.

    Raises:
        KeyError: the template is unknown, or a field that it needs is missing.
        ValueError: the channel is unknown, or a code is not all digits.
    """
    of, allowed = language_or_default(language), TEMPLATES[template]
    given = {name: value for name, value in fields.items() if name in allowed}
    if channel == "sms":
        said = _readable(given, of, words.short_instant)
        plain = {name: in_gsm7(value) if isinstance(value, str) else value for name, value in said.items()}
        plain["product"] = words.text_name(str(said["product"]))
        plain["helpdesk"] = words.text_helpdesk(str(said.get("helpdesk", "")), of)
        lines = [_said(of, template, "sms", plain)]
        if web_host and "code" in given:
            lines.append(origin_bound(web_host, str(given["code"])))
        return Rendered("", "\n".join(lines), "")
    if channel != "email":
        raise ValueError("the channel must be email or sms")
    zone, accent = str(fields.get("time_zone", "UTC")), str(fields.get("accent", OURS["accent"]))
    plain = _readable(given, of, lambda at: words.instant(at, of, zone))
    subject = _said(of, template, "subject", plain)
    page = {"language": of, "subject": html.escape(subject), "product": html.escape(str(plain["product"]))}
    page |= {"accent": accent if re.fullmatch("#[0-9a-f]{6}", accent) else OURS["accent"]}
    page["preview"] = html.escape(_first_words(text(of, "messages", template, "body"))) + _FILLER
    page["content"] = _paragraphs(_said(of, template, "body", plain, markup=True))
    return Rendered(subject, _said(of, template, "body", plain), Template(_layout()).substitute(page))


def _readable(fields: Mapping[str, Field], language: Language, read_at: Callable[[datetime], str]) -> dict[str, _Word]:
    """Return every field as people read it, filtered by its kind."""
    return {name: _word(name, value, language, read_at) for name, value in fields.items()}


def _word(name: str, value: Field, language: Language, read_at: Callable[[datetime], str]) -> _Word:
    if isinstance(value, datetime):
        return read_at(value)
    if name == "method":
        return words.method_name(value, language)
    if name not in _FILTERS:
        raise ValueError(f"{name} is not text")
    return _FILTERS[name](value)


def _said(language: Language, template: str, part: str, values: Mapping[str, _Word], *, markup: bool = False) -> str:
    """Return one part of a message with its fields; with `markup`, as HTML in which every field is escaped."""
    pattern = text(language, "messages", template, part)
    for name in _OPTIONAL:
        if not values.get(name):
            pattern = "\n".join(line for line in pattern.split("\n") if f"{{{name}}}" not in line)
    pattern = re.sub(r"\n{3,}", "\n\n", pattern).strip()
    used = {name: values[name] for name in TEMPLATES[template] if re.search(rf"\{{{name}[,}}]", pattern)}
    if markup:
        pattern = html.escape(pattern, quote=False)
        used = {name: _marked(name, value) if isinstance(value, str) else value for name, value in used.items()}
    return filled(language, pattern, used)


def _marked(name: str, value: str) -> str:
    return _MARKUP.get(name, "{}").format(html.escape(value))


def _first_words(pattern: str) -> str:
    """Return the first paragraph, or its whole sentences before a field."""
    said, field, _ = pattern.partition("\n")[0].partition("{")
    return said.rpartition(". ")[0] + "." if field else said.rstrip(" :")


def _paragraphs(marked: str) -> str:
    return "\n".join(f"<p>{block}</p>" for block in marked.replace("\n\n", "\0").replace("\n", "<br>\n").split("\0"))


@cache
def _layout() -> str:
    return _LAYOUT.read_text("utf-8").strip()
