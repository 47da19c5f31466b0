"""What all calls to Azure Communication Services share: one attempt, and errors of the Channel port."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Final

from shared.ports.channel import NotSent

ONE_ATTEMPT: Final[dict[str, Any]] = {"retry_total": 0}
"""The SDK would wait after a 429 and send again after a lost response. One code could then be sent twice (A-49)."""

CLIENT_ERRORS: Final = frozenset(range(400, 500)) - {408}
"""Statuses of requests that were certainly not carried out. After a 408, or one of 500 or more, they may have been."""

OF_THE_ADDRESS: Final = frozenset({"InvalidEmailAddress", "EmailDroppedAllRecipientsSuppressed"})
"""The error codes of an email that say something about its recipient (Azure/azure-sdk-for-net issue 56805)."""


WORD: Final = re.compile(r"[A-Za-z]{1,64}")
"""An error code. The provider writes addresses into its messages; a word without digits or signs holds none."""


def refused(cause: str, status: int, *, of_the_address: bool, code: str = "") -> NotSent:
    """What a status of 400 or more means. After one of 500 or more the message may still have been accepted.

    Only a refusal of the address itself is permanent. One of the sender, its domain or the credential certainly sent
    nothing, and ends when an operator corrects it (rule 2).
    """
    definite = status in CLIENT_ERRORS
    permanent = definite and of_the_address
    return NotSent(cause, permanent=permanent, definite=definite, status=status, code=code)


@contextlib.contextmanager
def provider_errors() -> Iterator[None]:
    """Convert the SDK's exceptions to NotSent. A message that may have been accepted is never marked permanent."""
    from azure.core.exceptions import AzureError, HttpResponseError

    try:
        yield
    except HttpResponseError as error:
        status = error.status_code or 0
        code = str(getattr(error.error, "code", ""))
        said = code if WORD.fullmatch(code) else ""
        raise refused(f"http_{status}", status, of_the_address=code in OF_THE_ADDRESS, code=said) from None
    except (AzureError, TimeoutError):
        # `from None`: the SDK's exceptions contain the request, and with it the address and the text.
        raise NotSent("no_answer", permanent=False) from None
