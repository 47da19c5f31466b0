"""The texts of one language: `en.json`, `fr.json` and so on. Each has the texts of pages, problems and messages.

Texts are ICU MessageFormat, which translators' tools read: `{code}` is a field, and `{minutes, plural, ...}` chooses by
the plural categories of the language. ICU itself formats them here (icu4py); the pages get theirs compiled at build
time (web/texts.mjs). docs/translating.md tells how to add a language.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.domain.language import LANGUAGES, Language

if TYPE_CHECKING:
    from icu4py.messageformat import MessageFormat

_FOLDER: Final = Path(__file__).parent


def language_or_default(tag: str | None) -> Language:
    """Return the language of a tag such as `fr-CA`; the first one of all for another tag."""
    primary = (tag or "").lower().partition("-")[0]
    return next((ours for ours in LANGUAGES if ours == primary), LANGUAGES[0])


@cache
def catalogue(language: Language) -> Mapping[str, Any]:
    """Return all texts of a language by their keys."""
    texts: Mapping[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return texts


def text(language: Language, *path: str) -> str:
    """Return a text as the catalogue has it, such as `text("fr", "messages", "code", "sms")`. Raises KeyError."""
    found: Any = catalogue(language)
    for key in path:
        found = found[key]
    return str(found)


def filled(language: Language, pattern: str, fields: Mapping[str, str | int | datetime]) -> str:
    """Return the text with its fields. ICU does not read what it inserts, so a field cannot bring fields of its own.

    Times are written in UTC. Without one of its fields, a text keeps the name in braces: callers check what they have.
    """
    return _read(language, pattern).format({name: _utc(value) for name, value in fields.items()})


def _utc(value: str | int | datetime) -> str | int | datetime:
    # ICU writes a time in the zone of the machine, and takes one without a zone to be in it: UTC stays UTC.
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


@cache
def _read(language: Language, pattern: str) -> "MessageFormat":
    from icu4py.messageformat import MessageFormat  # only messages need it, not the first answer of an instance

    return MessageFormat(pattern, language)
