"""The sentences that tell administrators what helps a person next. The commands of a terminal show the same ones."""

from shared.domain.language import Language
from shared.domain.next_step import NextStep
from shared.messages.catalogue import text


def advice_on(step: NextStep, language: Language) -> str:
    """Return what to do."""
    return text(language, "advice", step)
