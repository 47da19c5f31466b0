"""Settings of one host instance: host.json, and the command line from `./sesame run`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

AZURE_LEASE = 600.0  # seconds; fixed in the storage extension, not a setting in Azure
LOCAL_POLL_CAP = 1.0  # seconds; Azure waits up to host.json's maxPollingInterval, which is too long for local use


@dataclass(frozen=True)
class QueueSettings:
    """`extensions.queues` of host.json, with the extension's defaults."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    retry_after: float = 0.0  # visibilityTimeout in host.json: the pause after a failure, not the lease
    max_poll: float = LOCAL_POLL_CAP
    lease: float = AZURE_LEASE
    base64: bool = True


@dataclass(frozen=True)
class HostSettings:
    """All settings of one instance."""

    app_root: Path
    port: int
    state: Path  # folder in which timers store their status
    route_prefix: str = "api"
    custom_headers: Mapping[str, str] = field(default_factory=dict)
    queues: QueueSettings = field(default_factory=QueueSettings)
    allowed_origins: frozenset[str] = frozenset()

    @classmethod
    def read(cls, app_root: Path, *, port: int, state: Path, lease: float, environment: Mapping[str, str]) -> Self:
        """Read the app's host.json; missing parts have the host's defaults."""
        document = json.loads((app_root / "host.json").read_text("utf-8"))
        extensions = document.get("extensions", {})
        http = extensions.get("http", {})
        origins = environment.get("SESAME_WEB_ORIGINS", "").split(",")
        return cls(
            app_root=app_root,
            port=port,
            state=state,
            route_prefix=http.get("routePrefix", "api").strip("/"),
            custom_headers=http.get("customHeaders", {}),
            queues=_queues(extensions.get("queues", {}), lease),
            allowed_origins=frozenset(filter(None, (origin.strip() for origin in origins))),
        )


def _queues(section: Mapping[str, Any], lease: float) -> QueueSettings:
    batch_size = min(int(section.get("batchSize", 16)), 32)  # the queue service returns at most 32 messages
    return QueueSettings(
        batch_size=batch_size,
        new_batch_threshold=int(section.get("newBatchThreshold", batch_size // 2)),
        max_dequeue_count=int(section.get("maxDequeueCount", 5)),
        retry_after=_seconds(section.get("visibilityTimeout", "00:00:00")),
        max_poll=min(_seconds(section.get("maxPollingInterval", "00:01:00")), LOCAL_POLL_CAP),
        lease=lease,
        base64=section.get("messageEncoding", "base64") == "base64",
    )


def _seconds(span: str) -> float:
    hours, minutes, seconds = span.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
