"""The texts of error responses (problem documents): for each code, what happened, why, and what to do next (M15).

A text depends on the code, and for what cannot be read on the reason, which depends on the request only. If it depended
on another cause, a stranger could learn whether an account exists (R-01).
"""

import re
from typing import Final

from shared.domain.language import LANGUAGES, Language
from shared.messages.catalogue import catalogue, text

_LONGEST_HEADER: Final = 200  # characters; the header of a browser has a few tens
_RANGE: Final = re.compile(r"([A-Za-z]{2})(?:-[A-Za-z0-9-]+)?(?:;q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?", re.ASCII)


def problem_text(code: str, language: Language, reason: str | None = None) -> tuple[str, str]:
    """Return the title and the detail for a code; those of `internal` for an unknown code. They have no fields.

    Where the reason has a text (`TextReason` and `ActRefusal` of `shared.domain.errors`), it is the detail.
    """
    try:
        title, detail = text(language, "problems", code, "title"), text(language, "problems", code, "next")
    except KeyError:
        return problem_text("internal", language)
    return title, catalogue(language)["reasons"].get(reason, detail)


def problem_explanation(code: str, language: Language) -> str:
    """Return why the problem happens. Raises KeyError for an unknown code."""
    return text(language, "problems", code, "why")


def language_from(accept_language: str | None) -> Language:
    """Return the supported language that the header prefers (RFC 9110 section 12.5.4), otherwise the first of all."""
    best, best_weight = LANGUAGES[0], 0.0
    for part in (accept_language or "")[:_LONGEST_HEADER].split(","):
        read = _RANGE.fullmatch("".join(part.split()))
        language = next((ours for ours in LANGUAGES if read and read.group(1).lower() == ours), None)
        weight = float(read.group(2) or 1) if read else 0.0
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best
