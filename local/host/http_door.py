"""HTTP as the host converts it, in both directions, and its admin endpoints."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from local.host import cross_origin
from local.host.calling import Datum, Invoker
from local.host.loading import LoadedFunction
from local.host.routes import Route, find, route_table
from local.host.settings import HostSettings
from local.host.timer_trigger import TimerTrigger

ADMIN = "/admin/functions/"
logger = logging.getLogger("host")
access = logging.getLogger("host.access")


class HttpDoor:
    """The ASGI application of one instance."""

    def __init__(
        self,
        functions: Iterable[LoadedFunction],
        settings: HostSettings,
        invoker: Invoker,
        timers: Mapping[str, TimerTrigger],
        fault: str = "",
    ) -> None:
        self._routes: tuple[Route, ...] = route_table(functions, settings.route_prefix)
        self._settings = settings
        self._invoker = invoker
        self._timers = timers
        self._status = {"state": "Running"} | ({"errors": [fault]} if fault else {})
        self._by_hand: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log one line, without query string, headers or body."""
        if scope["type"] != "http":
            raise NotImplementedError(f"{scope['type']} is not supported")
        started = time.perf_counter()
        request = Request(scope, receive)
        answer = await self._answer(request)
        for name, value in self._settings.custom_headers.items():
            answer.headers.setdefault(name, value)
        if "access-control-allow-origin" not in answer.headers:  # a preflight has it, and no `Vary`
            cross_origin.mark(answer, request.headers.get("origin"), self._settings.allowed_origins)
        await answer(scope, receive, send)
        took = round((time.perf_counter() - started) * 1000, 1)
        access.info(
            "request",
            extra={"method": scope["method"], "path": scope["path"], "status": answer.status_code, "ms": took},
        )

    async def _answer(self, request: Request) -> Response:
        asked = cross_origin.preflight(request.method, request.headers, self._settings.allowed_origins)
        if asked is not None:
            return asked
        path: str = request.scope["path"]
        if path == "/admin/host/status":
            return JSONResponse(self._status)
        if path == "/":  # AzureWebJobsDisableHomepage
            return Response(status_code=204)
        if path.startswith(ADMIN):
            return self._admin(request.method, path.removeprefix(ADMIN))
        found = find(self._routes, request.method, request.scope["raw_path"])
        if found is None:
            return Response(status_code=404)
        route, values = found
        try:
            shaped = await _shaped(request, values, self._settings.most_body)
            return _rendered(await self._invoker.call(route.function, shaped))
        except ClientDisconnect:
            return Response(status_code=400)  # the client has disconnected
        except Exception:
            logger.exception("function failed")
            return Response(status_code=500)

    def _admin(self, method: str, name: str) -> Response:
        """Start a timer by hand: answer 202, then run it."""
        if method != "POST" or name not in self._timers:
            return Response(status_code=404)
        task = asyncio.ensure_future(self._timers[name].fire())
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)
        return Response(status_code=202)


async def _shaped(request: Request, route_values: dict[str, str], most_body: int) -> Any:
    """Return the datum of a request: repeated headers joined, empty query values dropped.

    A chunked body is passed as empty, because the real host does so with a Python worker. One that is too long for the
    host raises, so the answer is 500 without a word, and not the 413 of the app.
    """
    if int(request.headers.get("content-length", 0)) > most_body:
        raise ValueError("the body is too long for the host")
    chunked = "chunked" in request.headers.get("transfer-encoding", "").lower()
    body = b"" if chunked else await request.body()
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    headers["x-forwarded-for"] = _forwarded_for(headers.get("x-forwarded-for"), request)
    query = dict(parse_qsl(request.scope["query_string"].decode("ascii", "replace")))
    return Datum(
        {
            "method": Datum(request.method, "string"),
            "url": Datum(str(request.url), "string"),
            "headers": _strings(headers),
            "query": _strings(query),
            "params": _strings(route_values),
            "body": Datum(body, "bytes"),
        },
        "http",
    )


def _forwarded_for(claimed: str | None, request: Request) -> str:
    """Append the address of the peer, as Azure's front end does.

    Earlier entries come from the client and prove nothing.
    """
    host, port = request.client or ("127.0.0.1", 0)
    peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"{claimed}, {peer}" if claimed else peer


def _strings(values: dict[str, str]) -> dict[str, Any]:
    return {name: Datum(value, "string") for name, value in values.items()}


def _rendered(datum: Any) -> Response:
    parts = datum.value
    answer = Response(parts["body"].value, status_code=int(parts["status_code"].value))
    for name, value in parts["headers"].items():
        if name.lower() != "content-length":
            answer.headers[name] = value.value.encode("ascii").decode()  # another character is a 500 in Azure
    return answer
