"""What all calls to Azure Communication Services share: one attempt, and errors of the Channel port."""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from shared.ports.channel import NotSent

ONE_ATTEMPT: Final[dict[str, Any]] = {"retry_total": 0}
"""The SDK would wait after a 429 and send again after a lost response. One code could then be sent twice (A-49)."""

TOO_MANY: Final = 429
CLIENT_ERRORS: Final = range(400, 500)


def refused(cause: str, status: int) -> NotSent:
    """What a status of 400 or more means. After one of 500 or more the message may still have been accepted."""
    definite = status in CLIENT_ERRORS
    return NotSent(cause, permanent=definite and status != TOO_MANY, definite=definite)


@contextlib.contextmanager
def provider_errors() -> Iterator[None]:
    """Convert the SDK's exceptions to NotSent. A message that may have been accepted is never marked permanent."""
    from azure.core.exceptions import AzureError, HttpResponseError

    try:
        yield
    except HttpResponseError as error:
        status = error.status_code or 0
        raise refused(f"http_{status}", status) from None
    except (AzureError, TimeoutError):
        # `from None`: the SDK's exceptions contain the request, and with it the address and the text.
        raise NotSent("no_answer", permanent=False) from None
