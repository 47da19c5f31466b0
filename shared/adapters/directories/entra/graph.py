"""Microsoft Graph, through the pipeline of the Azure SDK with the identity of the service.

A read may be repeated within its deadline. A write is sent once: an answer that does not come leaves it in doubt
(rule 11). Nothing of an address or a body reaches a log or an error: they hold names and passwords.
"""

import asyncio
import json
import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy, HeadersPolicy
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import HttpRequest

from shared.adapters.directories.entra.options import Options
from shared.ports.directory import DirectoryLost, DirectoryUnknown

DEADLINE_SECONDS: Final = 2.5
"""For everything that one call of the port asks. Shorter than SOON in shared/ports/promised_notices.py."""
PAUSES: Final = (0.2, 0.4)
"""Before a read is repeated. Some identity services throttle without saying for how long."""
LONGEST_PAUSE: Final = 60
LOST: Final = (AzureError, TimeoutError, zlib.error)
"""No answer, or one that the SDK cannot unpack."""
FORBIDDEN, NOT_FOUND, THROTTLED, FAILED = 403, 404, 429, 500
_LOG: Final = logging.getLogger("sesame.directory")

NEEDS: Final[Mapping[str, str]] = {
    "users": "User.Read.All",
    "transitiveMemberOf": "User.Read.All",
    "passwordProfile": "User-PasswordProfile.ReadWrite.All, and the directory role User Administrator",
    "revokeSignInSessions": "User.RevokeSessions.All",
    "phoneMethods": "UserAuthMethod-Phone.Read.All",
    "emailMethods": "UserAuthMethod-Email.Read.All",
    "temporaryAccessPassMethods": "UserAuthMethod-TAP.ReadWrite.All",
}
"""By what is asked for: the application permission that the managed identity needs (docs/deploy.md)."""


class Forbidden(DirectoryLost):
    """A permission or a directory role is missing. The log names it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and its body if that is a JSON object."""

    status: int
    body: Mapping[str, Any] = field(repr=False)
    request_id: str
    """With it Microsoft's support finds the request."""
    at: float
    """When it was made, by the clock of Graph, in seconds since 1970. 0 if it does not say."""
    retry_after: int | None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_busy(self) -> bool:
        return self.status == THROTTLED or self.status >= FAILED


class Graph:
    """Requests below `/v1.0`. `until` is the end of the deadline, by the clock of the event loop."""

    def __init__(
        self, options: Options, credential: AsyncTokenCredential, transport: AsyncHttpTransport[Any, Any]
    ) -> None:
        self.options = options
        self._enforced = {} if options.is_encrypted else {"enforce_https": False}
        self._client: AsyncPipelineClient[Any, Any] = AsyncPipelineClient(
            options.graph,
            policies=[HeadersPolicy(), AsyncBearerTokenCredentialPolicy(credential, options.scope)],
            transport=transport,
        )

    def deadline(self) -> float:
        """Return the deadline of a call that begins now."""
        return asyncio.get_running_loop().time() + DEADLINE_SECONDS

    async def get(self, until: float, *path: str, **query: str) -> Mapping[str, Any] | None:
        """Return the object, or None if there is none. `query` are the system options, without their `$`.

        Raises DirectoryLost if Graph does not answer, is busy or refuses.
        """
        options = "&".join(urlencode({f"${name}": value}, quote_via=quote) for name, value in query.items())
        request = HttpRequest("GET", f"{self._target(path)}?{options}" if options else self._target(path))
        for pause in (*PAUSES, None):
            try:
                answer = await self._send(request, until)
            except LOST as lost:
                if pause is None or isinstance(lost, TimeoutError | ClientAuthenticationError):
                    raise self._unanswered(lost) from None
                await asyncio.sleep(pause)
                continue
            if answer.is_busy and answer.retry_after is None and pause is not None:
                await asyncio.sleep(pause)
                continue
            if answer.status == NOT_FOUND:
                return None
            if not answer.ok:
                raise self.refused(answer, path[-1] if path[-1] in NEEDS else path[0])
            if not answer.body:  # an answer that cannot be read is no list without entries
                raise self.refused(answer)
            return answer.body
        raise DirectoryLost

    async def write(self, until: float, method: str, *path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send it once, and return the answer.

        Raises DirectoryLost if it was certainly not carried out, and DirectoryUnknown if it may have been.
        """
        if asyncio.get_running_loop().time() >= until:
            raise DirectoryLost
        try:
            answer = await self._send(HttpRequest(method, self._target(path), json=body), until)
        except (ServiceRequestError, ClientAuthenticationError) as unsent:  # no connection, or no token for it
            raise self._unanswered(unsent) from None
        except LOST as lost:
            self._unanswered(lost)
            raise DirectoryUnknown from None
        if answer.status == THROTTLED:
            raise self.refused(answer)
        if answer.status >= FAILED:  # what a server did before it failed is not known
            self.refused(answer)
            raise DirectoryUnknown
        return answer

    async def _send(self, request: HttpRequest, until: float) -> Answer:
        async with asyncio.timeout_at(until):
            response = await self._client.send_request(request, **self._enforced)
        headers = response.headers
        try:
            body = json.loads(response.text()) if response.content else {}
        except (ValueError, RecursionError):
            body = {}
        wait = headers.get("retry-after", "")
        return Answer(
            response.status_code,
            body if isinstance(body, dict) else {},
            headers.get("request-id", ""),
            _seconds(headers.get("date", "")),
            min(max(1, int(wait)), LONGEST_PAUSE) if wait.isascii() and wait.isdigit() and len(wait) < 10 else None,
        )

    def _target(self, path: tuple[str, ...]) -> str:
        """Return the address with each part escaped, so that no id and no name can lead elsewhere."""
        return "/".join((self.options.graph, "v1.0", *(quote(part, safe="") for part in path)))

    def _unanswered(self, error: Exception) -> DirectoryLost:
        _LOG.warning("Microsoft Graph did not answer: %s", type(error).__name__)
        return DirectoryLost()

    def refused(self, answer: Answer, what: str = "") -> DirectoryLost:
        """Log a refusal with what is probably missing, and return the error for it."""
        missing = f"; needed: {NEEDS[what]}" if answer.status == FORBIDDEN and what in NEEDS else ""
        _LOG.warning("Microsoft Graph answered %s, request %s%s", answer.status, answer.request_id, missing)
        return Forbidden() if answer.status == FORBIDDEN else DirectoryLost(answer.retry_after or 1)


def _seconds(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return 0.0
