"""Stores accepted messages. A message is on disk before it is acknowledged, so killing the process loses nothing."""

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Message:
    """One accepted message to one recipient. `operation` is the sender's id, which identifies a repetition."""

    id: str
    channel: str
    to: str
    subject: str
    text: str
    html: str
    at: str
    operation: str
    tag: str = ""
    """The tag that the delivery report returns to the sender."""
    sender: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    """Of an email, beside those that every email has."""

    def shown(self) -> dict[str, Any]:
        """Return the message as `GET /messages` shows it."""
        return {name: value for name, value in asdict(self).items() if name not in {"operation", "tag"}}


class MessageStore:
    """An append-only file of messages, with a copy in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # the file contains live codes
        lines = path.read_bytes().splitlines(keepends=True)
        # If the process is killed during a write, the last line is incomplete. Its message was never acknowledged.
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
        sender: str = "",
        headers: dict[str, str] | None = None,
    ) -> Message:
        """Store a message and return it. A repeated operation returns the message that this recipient already has."""
        for known in reversed(self._messages):
            if known.operation == operation and known.to == to:
                return known
        at = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
        message = Message(id, channel, to, subject, text, html, at, operation, tag, sender, headers or {})
        self._file.write(json.dumps(asdict(message), ensure_ascii=False).encode() + b"\n")
        os.fsync(self._file.fileno())
        self._messages.append(message)
        return message

    def has_operation(self, operation: str) -> bool:
        """Return whether an operation with this id was accepted."""
        return any(message.operation == operation for message in self._messages)

    def messages(self, *, to: str | None = None, since: str | None = None) -> list[Message]:
        """Return messages in the order of arrival: all, those to one recipient, those after a time."""
        after = dt.datetime.fromisoformat(since) if since else None
        return [
            message
            for message in self._messages
            if (to is None or message.to.lower() == to.lower())
            and (after is None or dt.datetime.fromisoformat(message.at) > after)
        ]

    def clear(self) -> None:
        """Delete all messages."""
        self._file.truncate(0)
        self._messages.clear()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
