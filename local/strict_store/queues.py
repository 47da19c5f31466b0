"""The rules of the queue service that Azurite does not apply.

Azurite applies the others of Microsoft Learn, "Put Message", "Get Messages" and "Naming queues and metadata": the names
of queues, at most 64 KiB in a message as it is sent (base64 included), at most 32 messages at a time, and a visibility
timeout of at most 7 days and shorter than the life of the message. tests/local/test_strict_store.py checks them too.

Not applied: Update Message may not hide a message past its expiry. Only the Functions host updates messages.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from local.strict_store.deletions import Deletions
from local.strict_store.errors import ServiceError
from local.strict_store.wire import Answer, Request

BEING_DELETED: Final = ServiceError(409, "QueueBeingDeleted", "The specified queue is being deleted.")


@dataclass
class QueueRules:
    """Refuses what the service refuses."""

    deletions: Deletions = field(default_factory=Deletions)

    def before(self, request: Request) -> Request | Answer:
        """Return the request to forward, or the refusal."""
        fault = self._fault(request)
        return request if fault is None else fault.as_xml()

    def after(self, request: Request, answer: Answer) -> Answer:
        """Return the answer, and remember deletions."""
        account, _, queue = request.path.lstrip("/").partition("/")
        if request.method == "DELETE" and answer.status == 204 and queue and "/" not in queue:
            self.deletions.begin(account, queue)
        return answer

    def error(self, error: ServiceError) -> Answer:
        """Return the error as XML."""
        return error.as_xml()

    def _fault(self, request: Request) -> ServiceError | None:
        account, _, rest = request.path.lstrip("/").partition("/")
        if self.deletions.are_under_way(account, rest.partition("/")[0]):
            return BEING_DELETED
        life = int(parse_qs(request.query).get("messagettl", ["1"])[0])
        if life < 1 and life != -1:  # Put Message: a positive number, or -1 for no expiry
            return _invalid_parameter("messagettl", life)
        return None


def _invalid_parameter(name: str, value: int) -> ServiceError:
    details = {"QueryParameterName": name, "QueryParameterValue": str(value)}
    message = "Value for one of the query parameters specified in the request URI is invalid."
    return ServiceError(400, "InvalidQueryParameterValue", message, details=details)
