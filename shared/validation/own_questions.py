"""Read the security questions that an organisation adds (`own_questions` of the policy)."""

import re
import unicodedata
from typing import Final

from shared.domain.language import LANGUAGES
from shared.domain.security_questions import MOST_OWN, OWN, OwnQuestion
from shared.validation.security_answers import folded
from shared.validation.typed_text import shown_text

SHORTEST, LONGEST = 3, 200
"""Characters of a question (Microsoft Entra, "Authentication methods - security questions")."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,23}", re.ASCII)
_PLAIN: Final = frozenset("LMNPS")
"""The first letters of the categories of letters, marks, numbers, punctuation and symbols."""


def own_questions(given: object) -> tuple[tuple[OwnQuestion, ...], list[str]]:
    """Return the questions, and a message for each fault. No text of a question is in a message."""
    if not isinstance(given, dict):
        return (), ["must be an object, such as {'first_site': {'en': 'At which site did you first work?'}}"]
    faults = [f"at most {MOST_OWN} questions are possible"] if len(given) > MOST_OWN else []
    found: list[OwnQuestion] = []
    asked: set[tuple[str, str]] = set()
    for name, texts in given.items():
        wrong = list(_faults_of(name, texts))
        if not wrong:
            same = {(language, folded(text)) for language, text in texts.items()}
            wrong = ["says the same as another one"] if same & asked else []
            asked |= same
            found.append(OwnQuestion(f"{OWN}{name}", texts))
        faults += [f"{name!r} {fault}" for fault in wrong]
    return tuple(found), faults


def _faults_of(name: str, texts: object) -> list[str]:
    if not _NAME.fullmatch(name):
        return ["is not a name of at most 24 lower-case letters, digits and underscores that begins with a letter"]
    if not isinstance(texts, dict) or not texts or not texts.keys() <= set(LANGUAGES):
        return [f"must have a text in at least one of these languages and in no other: {', '.join(LANGUAGES)}"]
    return [f"in {language}: {fault}" for language, text in texts.items() for fault in _faults_in(text)]


def _faults_in(text: object) -> list[str]:
    if not isinstance(text, str) or not SHORTEST <= len(text) <= LONGEST:
        return [f"must be a text of {SHORTEST} to {LONGEST} characters"]
    plain = all(character == " " or unicodedata.category(character)[0] in _PLAIN for character in text)
    return [] if plain and shown_text(text) == text and folded(text) else ["has characters that are not plain text"]
