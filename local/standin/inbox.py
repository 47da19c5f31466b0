"""The endpoints for people and tests: the inbox page, the messages as JSON, faults, clearing."""

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from local.standin.faults import Faults
from local.standin.message_store import MessageStore
from local.standin.phones import Phones

PAGE = Path(__file__).with_name("page.html")
# The page shows content from messages. It loads nothing from other sites, and the HTML of an email cannot run scripts.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; "
    "frame-ancestors 'none'"
)


class Inbox:
    """The endpoints without a signature. The server listens on loopback only."""

    def __init__(self, store: MessageStore, faults: Faults, phones: Phones) -> None:
        self._store = store
        self._faults = faults
        self._phones = phones

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        return [
            Route("/", self._page, methods=["GET"]),
            Route("/messages", self._messages, methods=["GET"]),
            Route("/calls", self._calls, methods=["GET"]),
            Route("/phones", self._tell, methods=["POST"]),
            Route("/faults", self._arm, methods=["POST"]),
            Route("/clear", self._clear, methods=["POST"]),
        ]

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(PAGE.read_text("utf-8"), headers={"Content-Security-Policy": POLICY})

    async def _messages(self, request: Request) -> Response:
        try:
            found = self._store.messages(to=request.query_params.get("to"), since=request.query_params.get("since"))
        except (ValueError, TypeError):
            return JSONResponse({"error": "since must be an instant such as 2026-01-31T10:00:00+00:00"}, 400)
        return JSONResponse([message.shown() for message in found], headers={"Cache-Control": "no-store"})

    async def _calls(self, request: Request) -> Response:
        to = request.query_params.get("to")
        found = [call.shown() for call in self._phones.calls.values() if to in {None, call.to}]
        return JSONResponse(found, headers={"Cache-Control": "no-store"})

    async def _tell(self, request: Request) -> Response:
        try:
            self._phones.tell(json.loads(await request.body()))
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "to, and what the phone does, are expected"}, 400)
        return Response(status_code=204)

    async def _arm(self, request: Request) -> Response:
        try:
            armed = self._faults.arm(json.loads(await request.body()))
        except ValueError as fault:
            return JSONResponse({"error": str(fault)}, 400)
        return JSONResponse({"channel": armed.channel, "to": armed.to, "fault": armed.fault, "times": armed.times})

    async def _clear(self, _: Request) -> Response:
        self._store.clear()
        self._faults.clear()
        self._phones.clear()
        return Response(status_code=204)
