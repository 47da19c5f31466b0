"""Settings of one host instance: host.json, and the command line from `./sesame run`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from local.host.loading import IndexingError

AZURE_LEASE = 600.0  # seconds; fixed in the storage extension, not a setting in Azure
AZURE_GRACE = 30  # seconds that open requests get after SIGTERM, as seen on the real host
MOST_BATCH = 32
AZURE_BODY = 104_857_600
LOCAL_POLL_CAP = 0.3  # seconds; Azure waits up to host.json's maxPollingInterval, which is too long for local use


@dataclass(frozen=True)
class QueueSettings:
    """`extensions.queues` of host.json. Messages are in base64, which is the default."""

    batch_size: int
    new_batch_threshold: int
    max_dequeue_count: int
    retry_after: float  # visibilityTimeout in host.json: the pause after a failure, not the lease
    max_poll: float
    lease: float


@dataclass(frozen=True)
class HostSettings:
    """All settings of one instance."""

    app_root: Path
    port: int
    state: Path  # folder of the timers' locks
    route_prefix: str
    custom_headers: Mapping[str, str]
    queues: QueueSettings
    function_timeout: float
    most_body: int  # bytes; the host reads a body before the app sees it
    allowed_origins: frozenset[str]

    @classmethod
    def read(cls, app_root: Path, *, port: int, state: Path, lease: float, environment: Mapping[str, str]) -> Self:
        """Read the app's host.json.

        Raises:
            KeyError: a part is missing that the app's host.json sets.
            IndexingError: the real host would never start with it.
        """
        whole = json.loads((app_root / "host.json").read_text("utf-8"))
        extensions = whole["extensions"]
        if extensions["queues"]["batchSize"] > MOST_BATCH:
            raise IndexingError(f"host.json: batchSize is over {MOST_BATCH}")
        origins = environment.get("SESAME_WEB_ORIGINS", "").split(",")
        return cls(
            app_root=app_root,
            port=port,
            state=state,
            route_prefix=extensions["http"]["routePrefix"],
            custom_headers=extensions["http"]["customHeaders"],
            queues=_queues(extensions["queues"], lease),
            function_timeout=_seconds(whole.get("functionTimeout", "00:30:00")),
            most_body=int(environment.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", AZURE_BODY)),
            allowed_origins=frozenset(filter(None, (origin.strip() for origin in origins))),
        )


def _queues(section: Mapping[str, Any], lease: float) -> QueueSettings:
    return QueueSettings(
        batch_size=section["batchSize"],
        new_batch_threshold=section["newBatchThreshold"],
        max_dequeue_count=section["maxDequeueCount"],
        retry_after=_seconds(section["visibilityTimeout"]),
        max_poll=min(_seconds(section["maxPollingInterval"]), LOCAL_POLL_CAP),
        lease=lease,
    )


def _seconds(span: str) -> float:
    hours, minutes, seconds = span.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
