"""Errors as the table service (OData, JSON) and the queue service (XML) answer them.

Shapes: Microsoft Learn, "Status and error codes". Codes and messages: Microsoft Learn, "Common REST API error codes",
"Table Storage error codes" and "Queue Storage error codes".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Self
from uuid import uuid4
from xml.sax.saxutils import escape

from local.strict_store.wire import Answer

JSON = "application/json;odata=minimalmetadata;streaming=true;charset=utf-8"


@dataclass(frozen=True, slots=True)
class ServiceError:
    """An error of the service. `details` are further elements of the XML form."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)

    def of_operation(self, index: int) -> Self:
        """Return the error of one operation of an entity group transaction. Its message begins with the index."""
        return replace(self, message=f"{index}:{self.message}")

    def body_as_json(self) -> bytes:
        message = {"lang": "en-US", "value": f"{self.message}\n{_trace()}"}
        return json.dumps({"odata.error": {"code": self.code, "message": message}}, separators=(",", ":")).encode()

    def as_json(self) -> Answer:
        headers = {"Content-Type": JSON, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return Answer.of(self.status, {**headers, **self.headers}, self.body_as_json())

    def as_xml(self) -> Answer:
        details = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in self.details.items())
        body = (
            '<?xml version="1.0" encoding="utf-8"?>'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}\n{_trace()}</Message>{details}</Error>"
        )
        headers = {"Content-Type": "application/xml", "x-ms-error-code": self.code}
        return Answer.of(self.status, {**headers, **self.headers}, body.encode())


def _trace() -> str:
    return f"RequestId:{uuid4()}\nTime:{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


# Microsoft Learn, "Common REST API error codes"; "Scalability and performance targets for standard storage accounts"
# says that a partition at its limit answers with these two.
SERVER_BUSY: Final = ServiceError(503, "ServerBusy", "The server is busy.", {"Retry-After": "1"})
OPERATION_TIMED_OUT: Final = ServiceError(
    500, "OperationTimedOut", "Operation could not be completed within the specified time."
)
INVALID_INPUT: Final = ServiceError(400, "InvalidInput", "One of the request inputs is not valid.")
OUT_OF_RANGE_INPUT: Final = ServiceError(400, "OutOfRangeInput", "One of the request inputs is out of range.")
