"""Define a call that speaks a code: what its token holds, what the provider tells of it, and what became of it.

    placed -> answered (-> put through to an extension) -> asked for a key -> the key was pressed -> spoken -> ended

No step is stored but one: that the code is being spoken stands on its claim, written before it is spoken (rule 2).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.person import CodeId

VOICE: Final = "voice"
"""The channel of a code that is spoken."""

KEY: Final = "1"
"""The key that the person presses to hear the code. A voicemail presses none, so nothing is left on it (A-54)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line from which the installation calls: what its settings say."""

    caller: str
    """A number of the installation in E.164, which the person sees."""
    speech: str
    """The address of the service that turns text into speech."""
    callback: str
    """The address of the API, under which the provider reports about a call."""
    resource: str
    """The id of the provider's resource, which the tokens of its reports name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCall:
    """The content of the token in the address for the reports of one call. It helps nobody to guess the code."""

    account: AccountKey
    code: CodeId
    language: str
    expires_at: datetime


class Step(StrEnum):
    """What was asked of the provider in a call. Its report names it."""

    ANNOUNCE = "announce"
    """Tell whoever answers for which extension the call is."""
    DIAL = "dial"
    """Send the tones of the extension."""
    ASK = "ask"
    """Ask for the key, and listen."""
    SPEAK = "speak"
    """Speak the code."""


class Happened(StrEnum):
    """The kinds of reports that matter."""

    ANSWERED = "answered"
    DONE = "done"
    """A step was carried out."""
    FAILED = "failed"
    """A step was not carried out: in ASK, no key was pressed."""
    PRESSED = "pressed"
    """A key was pressed."""
    ENDED = "ended"


class Ending(StrEnum):
    """Why no code was spoken. The audit log has these words, and strangers never see them."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    """There is no such number."""
    HUNG_UP = "hung_up"
    NO_KEY = "no_key"
    WRONG_KEY = "wrong_key"
    TOO_LATE = "too_late"
    """The code has expired, a newer one was asked for, or the number is no longer registered."""
    FAILED = "failed"
    """The provider, the line or the speech service."""
    OURS = "ours"
    """The service ended the call itself, and has told why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """One report of the provider about a call."""

    what: Happened
    connection: str
    """The provider's id of the call."""
    step: Step | None = None
    """What the report is about. None for the call itself."""
    key: str = ""
    """The key that was pressed."""
    ending: Ending | None = None
    """Why the call ended."""
