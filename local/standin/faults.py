"""Faults on demand: a test sets `{channel, to?, fault, times?}`, and each message uses up one occurrence."""

import enum
from dataclasses import dataclass
from typing import Any


class Fault(enum.StrEnum):
    """How a send fails."""

    THROTTLED = "throttled"  # 429 with Retry-After; not accepted
    INVALID = "invalid"  # the recipient is refused: per recipient for SMS, 400 for email
    OPTED_OUT = "opted_out"  # the same, because the owner of the number answered STOP
    UNVERIFIED = "unverified"  # the same, because the sender's own number is not verified
    SENDER = "sender"  # the sender is refused, with 400 for the whole request; not accepted
    SLOW = "slow"  # accepted, but answered after 15 s, which is longer than our clients wait
    DROP = "drop"  # the connection is closed; not accepted
    ACCEPT_THEN_DROP = "accept_then_drop"  # accepted, then the connection is closed: the client cannot know


@dataclass
class ArmedFault:
    """One fault and how often it still occurs."""

    channel: str
    fault: Fault
    to: str | None
    times: int


class Faults:
    """The faults that are set, oldest first."""

    def __init__(self) -> None:
        self._armed: list[ArmedFault] = []

    def arm(self, wanted: Any) -> ArmedFault:
        """Set a fault. Raises ValueError if the request is wrong."""
        if not isinstance(wanted, dict):
            raise ValueError("a JSON object is expected")  # noqa: TRY004  (told to a client, not to a programmer)
        if wanted.get("channel") not in {"sms", "email", "voice", "speech"}:
            raise ValueError("channel must be sms, email, voice (a call) or speech (within one)")
        times, to = wanted.get("times", 1), wanted.get("to")
        if not isinstance(times, int) or times < 1 or not (to is None or isinstance(to, str)):
            raise ValueError("times must be a positive number, and to must be a string if it is given")
        armed = ArmedFault(wanted["channel"], Fault(str(wanted.get("fault"))), to.lower() if to else None, times)
        self._armed.append(armed)
        return armed

    def take(self, channel: str, recipients: list[str]) -> Fault | None:
        """Use up one occurrence of the first matching fault."""
        lowered = {recipient.lower() for recipient in recipients}
        for armed in self._armed:
            if armed.channel == channel and (armed.to is None or armed.to in lowered):
                armed.times -= 1
                if armed.times == 0:
                    self._armed.remove(armed)
                return armed.fault
        return None

    def clear(self) -> None:
        """Remove all faults."""
        self._armed.clear()
