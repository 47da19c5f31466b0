"""What administrators read about a person, in pages and at a terminal: the next step, and what happened."""

from shared.domain.language import Language
from shared.domain.next_step import NextStep
from shared.domain.trail import Tag
from shared.messages.catalogue import catalogue, text


def advice_on(step: NextStep, language: Language) -> str:
    """Return what to do next."""
    return text(language, "advice", step)


def words_of(tag: Tag, language: Language) -> str:
    """Return what happened, as the person reads it too. Empty for a step on the way."""
    return str(catalogue(language)["pages"]["activity"]["what"].get(tag.value, ""))
