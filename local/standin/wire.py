"""The SMS send, the email send and the operation status, in the formats of the services."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.standin.faults import Fault, Faults
from local.standin.message_store import MessageStore
from local.standin.signature import is_signed
from local.standin.transport import drop
from shared.validation.report_codes import DOCUMENTED_SMS, OPT_OUT_TEXT

SLOW_SECONDS = 15.0
RETRY_AFTER = "2"
REFUSALS = {
    Fault.INVALID: "Invalid To phone number format.",
    Fault.OPTED_OUT: OPT_OUT_TEXT,
    Fault.UNVERIFIED: DOCUMENTED_SMS["4010"][1],
}
"""What the result of one number says."""

Endpoint = Callable[[Request], Awaitable[Response]]


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error in the service's format."""
    shape = {"error": {"code": code, "message": message}}
    return JSONResponse(shape, status_code=status, headers={"x-ms-error-code": code, **(headers or {})})


class Wire:
    """The endpoints that the SDKs call."""

    def __init__(self, store: MessageStore, faults: Faults, access_key: str) -> None:
        self._store = store
        self._faults = faults
        self._access_key = access_key

    def routes(self) -> list[Route]:
        """Return the endpoints, each with the signature check."""
        return [
            Route("/sms", self.signed(self._sms), methods=["POST"]),
            Route("/emails:send", self.signed(self._email), methods=["POST"]),
            Route("/emails/operations/{operation}", self.signed(self._operation), methods=["GET"]),
        ]

    def signed(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint with the check of the signature."""

        async def checked(request: Request) -> Response:
            query = request.scope["query_string"].decode()
            path = request.scope["raw_path"].decode() + (f"?{query}" if query else "")
            if not is_signed(request.method, path, request.headers, await request.body(), self._access_key):
                return error(401, "Denied", "Denied by the resource provider.")
            try:
                return await endpoint(request)
            except (KeyError, TypeError, IndexError, ValueError):
                return error(400, "BadRequest", "The request body is not valid.")

        return checked

    async def _sms(self, request: Request) -> Response:
        body = json.loads(await request.body())
        recipients: list[dict[str, Any]] = body["smsRecipients"]
        fault = self._faults.take("sms", [recipient["to"] for recipient in recipients])
        if (refusal := refused(request, fault)) is not None:
            return refusal
        results = []
        for recipient in recipients:
            if fault in REFUSALS:
                results.append(_sms_result(recipient["to"], None, REFUSALS[fault]))
                continue
            repeat = str(recipient.get("repeatabilityRequestId") or uuid.uuid4())
            text = str(body["message"])
            message = self._store.add(
                id=f"Outgoing_{uuid.uuid4()}_noam", channel="sms", to=recipient["to"], subject="", text=text,
                html="", operation=repeat, tag=str((body.get("smsSendOptions") or {}).get("tag") or ""),
                sender=str(body["from"]),
            )  # fmt: skip
            results.append(_sms_result(recipient["to"], message.id))
        await afterwards(request, fault)
        return JSONResponse({"value": results}, status_code=202)

    async def _email(self, request: Request) -> Response:
        body = json.loads(await request.body())
        content = body["content"]
        groups = (body["recipients"].get(kind) or [] for kind in ("to", "cc", "bcc"))
        addresses = [recipient["address"] for group in groups for recipient in group]
        if not addresses:
            raise ValueError("no recipient")
        fault = self._faults.take("email", addresses)
        if (refusal := refused(request, fault)) is not None:
            return refusal
        if fault is Fault.INVALID:
            return error(400, "InvalidEmailAddress", "Invalid format for email address.")
        operation = request.headers.get("operation-id") or str(uuid.uuid4())
        for number, address in enumerate(addresses):
            self._store.add(
                id=operation if number == 0 else f"{operation}-{number}", channel="email", to=address,
                subject=str(content["subject"]), text=content.get("plainText") or "", html=content.get("html") or "",
                operation=operation, sender=str(body["senderAddress"]), headers=body.get("headers"),
            )  # fmt: skip
        await afterwards(request, fault)
        location = f"{request.base_url}emails/operations/{operation}?{request.url.query}"
        headers = {"operation-location": location, "retry-after": "1"}
        return JSONResponse({"id": operation, "status": "Running", "error": None}, 202, headers)

    async def _operation(self, request: Request) -> Response:
        operation = request.path_params["operation"]
        if not self._store.has_operation(operation):
            return error(404, "NotFound", "Requested message could not be located.")
        return JSONResponse({"id": operation, "status": "Succeeded", "error": None})


def refused(request: Request, fault: Fault | None) -> Response | None:
    """Return the response if a fault prevents acceptance."""
    if fault is Fault.THROTTLED:
        return error(429, "TooManyRequests", "The number of requests is over the limit.", {"retry-after": RETRY_AFTER})
    if fault is Fault.SENDER:
        return error(400, "InvalidSenderUserName", "The sender is not valid.")
    if fault is Fault.DROP:
        drop(request)
        return Response(status_code=500)
    return None


async def afterwards(request: Request, fault: Fault | None) -> None:
    """Apply faults that occur after acceptance."""
    if fault is Fault.SLOW:
        await asyncio.sleep(SLOW_SECONDS)
    elif fault is Fault.ACCEPT_THEN_DROP:
        drop(request)


def _sms_result(to: str, message_id: str | None, refusal: str | None = None) -> dict[str, Any]:
    """Return the result for one recipient. The call returns 202 even if every recipient was refused."""
    accepted = message_id is not None
    return {
        "to": to,
        "messageId": message_id,
        "httpStatusCode": 202 if accepted else 400,
        "repeatabilityResult": "accepted" if accepted else "rejected",
        "successful": accepted,
        "errorMessage": refusal,
    }
