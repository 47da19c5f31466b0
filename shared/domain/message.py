"""Messages: what the outbox carries. Ids only, and of one size for everybody, so that a queue tells nothing (R-94)."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What `deliver` is asked to do."""

    CODE = "code"
    NOTICE = "notice"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeOrder:
    """Tell the person whatever stands on the row to be told."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderOrder:
    """Ask the person to reconfirm; idempotent by account and due day."""

    account: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One rendered message on its way to one address."""

    channel: str
    to: str
    subject: str
    text: str
    html: str
    account: str
    """Whose letter it is: the provider's report brings it back, so that no table has to remember what was sent."""
    idempotency: str
    """The same for every attempt at the same message: providers that know it accept it once."""
