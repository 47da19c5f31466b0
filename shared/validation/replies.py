"""The words by which a person refuses our texts, or wants them again. No other text is read, kept or logged.

Microsoft Learn, "SMS FAQ", "Opt-out handling": the mandatory words of short codes, and START and UNSTOP. STOPALL is the
word of the same list in the CTIA Messaging Principles. The same words filter the events before they reach the queue
(infra/app/delivery_reports.bicep; tests/infra holds both together).
"""

from typing import Final

STOPS: Final = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT")
STARTS: Final = ("START", "UNSTOP")
_LONGEST: Final = 40


def opts_out(text: object) -> bool | None:
    """Return True for a word that refuses texts, False for one that wants them again, None for any other text."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    said = " ".join(text.upper().split()).strip(" .!\"'")
    if said in STOPS:
        return True
    return False if said in STARTS else None
