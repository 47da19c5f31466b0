"""Refuses what a web page of another site makes a browser send to a server of this machine.

* DNS rebinding: the name of the page's own site leads to 127.0.0.1, so the browser lets the page read the answers. The
  `Host` header still has that name.
* Cross-site request forgery: the page posts to this machine. The `Origin` header names the page.

Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet. `local/azurite/loopback_only.cjs` does the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

OURS = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.IGNORECASE)
REASONS = {
    HTTPStatus.MISDIRECTED_REQUEST: "This server answers to 127.0.0.1 and localhost only.\n",
    HTTPStatus.FORBIDDEN: "This server takes no request from a page of another origin.\n",
}


def refusal(hosts: Sequence[str], origins: Sequence[str]) -> HTTPStatus | None:
    """Return the status that answers a request with these `Host` and `Origin` headers, or None if it is ours."""
    if len(hosts) != 1 or not OURS.fullmatch(hosts[0]):
        return HTTPStatus.MISDIRECTED_REQUEST
    if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
        return HTTPStatus.FORBIDDEN
    return None


@dataclass(frozen=True, slots=True)
class LoopbackOnly:
    """An ASGI application that passes on only what is ours. Below `open_prefix` the application checks the origin."""

    app: ASGIApp
    open_prefix: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            is_open = self.open_prefix is not None and scope["path"].lower().startswith(self.open_prefix)
            status = refusal(headers.getlist("host"), [] if is_open else headers.getlist("origin"))
            if status is not None:
                return await PlainTextResponse(REASONS[status], status)(scope, receive, send)
        return await self.app(scope, receive, send)
