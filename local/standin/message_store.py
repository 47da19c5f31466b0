"""What the stand-in accepted. A message is on disk before it is acknowledged, so killing the process loses nothing."""

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Message:
    """One accepted message to one recipient; `operation` is the sender's own id, by which a repeat is recognised."""

    id: str
    channel: str
    to: str
    subject: str
    text: str
    html: str
    at: str
    operation: str
    tag: str = ""
    """What the sender wants back in the delivery report."""

    def shown(self) -> dict[str, str]:
        """Return what `GET /messages` tells."""
        return {name: value for name, value in asdict(self).items() if name not in {"operation", "tag"}}


class MessageStore:
    """An append-only file of messages, and the same in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds live codes
        lines = path.read_bytes().splitlines(keepends=True)
        # A kill in the middle of a write leaves a last line without an end; it was never acknowledged.
        whole = [line for line in lines if line.endswith(b"\n")]
        if len(whole) != len(lines):
            path.write_bytes(b"".join(whole))
        self._messages = [Message(**json.loads(line)) for line in whole]
        self._file = path.open("ab", buffering=0)

    def add(
        self,
        *,
        id: str,  # noqa: A002
        channel: str,
        to: str,
        subject: str,
        text: str,
        html: str,
        operation: str,
        tag: str = "",
    ) -> Message:
        """Keep a message and return it; a repeat of an operation returns what it already brought to this recipient."""
        for known in reversed(self._messages):
            if known.operation == operation and known.to == to:
                return known
        at = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
        message = Message(id, channel, to, subject, text, html, at, operation, tag)
        self._file.write(json.dumps(asdict(message), ensure_ascii=False).encode() + b"\n")
        os.fsync(self._file.fileno())
        self._messages.append(message)
        return message

    def has_operation(self, operation: str) -> bool:
        """Return whether an operation of this id was accepted."""
        return any(message.operation == operation for message in self._messages)

    def messages(self, *, to: str | None = None, since: str | None = None) -> list[Message]:
        """Return the messages in the order of arrival: all, those to one recipient, those later than an instant."""
        after = dt.datetime.fromisoformat(since) if since else None
        return [
            message
            for message in self._messages
            if (to is None or message.to.lower() == to.lower())
            and (after is None or dt.datetime.fromisoformat(message.at) > after)
        ]

    def clear(self) -> None:
        """Forget everything."""
        self._file.truncate(0)
        self._messages.clear()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
