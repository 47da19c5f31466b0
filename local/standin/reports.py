"""Events on demand, queued as Event Grid does.

`POST /reports {to, status, details?}` or `{to, code}`: a delivery report on the last message there, in the provider's
words; `code` is one of the provider's codes for texts (shared/validation/report_codes.py). `POST /replies
{from, text}`: a person's answer to the last text there.
"""

import datetime as dt
import json
import os
import uuid
from typing import Any

from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.standin.message_store import Message, MessageStore
from shared.domain.reachability import Outcome
from shared.validation.report_codes import DOCUMENTED_SMS

QUEUE = "delivery-reports"
TOPIC = "/subscriptions/local/resourcegroups/local/providers/microsoft.communication/communicationservices/standin"


class Reports:
    """Reports on the last message to a recipient, in the format of the provider."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        """Return the endpoints; like the inbox they need no signature."""
        return [
            Route("/reports", self._report, methods=["POST"]),
            Route("/replies", self._reply, methods=["POST"]),
        ]

    async def _report(self, request: Request) -> Response:
        try:
            wanted = json.loads(await request.body())
            to = str(wanted["to"])
            if "code" in wanted:
                outcome, details = DOCUMENTED_SMS[str(wanted["code"])]
                status = "Delivered" if outcome is Outcome.DELIVERED else "Failed"
            else:
                status, details = str(wanted["status"]), str(wanted.get("details", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse({"error": "to, and either status or a documented code, are expected"}, 400)
        sent = self._store.messages(to=to)
        if not sent:
            return NOTHING_SENT
        return await _queued((_email if sent[-1].channel == "email" else _sms)(sent[-1], status, details))

    async def _reply(self, request: Request) -> Response:
        try:
            wanted = json.loads(await request.body())
            number, text = str(wanted["from"]), str(wanted["text"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "from and text are expected"}, 400)
        sent = [message for message in self._store.messages(to=number) if message.channel == "sms"]
        if not sent:
            return NOTHING_SENT
        return await _queued(_answer(sent[-1], text))


NOTHING_SENT = JSONResponse({"error": "nothing was sent there"}, 404)


async def _queued(event: dict[str, Any]) -> Response:
    connection = os.environ.get("SESAME_STORAGE_CONNECTION")
    if not connection:
        return JSONResponse({"error": "there is no store"}, 404)
    async with QueueClient.from_connection_string(
        connection, QUEUE, message_encode_policy=TextBase64EncodePolicy()
    ) as queue:
        await queue.send_message(json.dumps(event), time_to_live=86400)
    return JSONResponse(event)


def _event(kind: str, subject: str, data: dict[str, Any], at: str) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "topic": TOPIC,
        "subject": subject,
        "data": data,
        "eventType": f"Microsoft.Communication.{kind}",
        "dataVersion": "1.0",
        "metadataVersion": "1",
        "eventTime": at,
    }


def _email(message: Message, status: str, details: str) -> dict[str, Any]:
    at = dt.datetime.now(dt.UTC).isoformat()
    data = {
        "sender": "DoNotReply@sesame.example",
        "recipient": message.to,
        "internetMessageId": f"<{uuid.uuid4()}@standin.example>",
        "messageId": message.operation,
        "status": status,
        "deliveryStatusDetails": {"statusMessage": details, "recipientMailServerHostName": "mx.mail.example"},
        "deliveryAttemptTimestamp": at,
    }
    return _event("EmailDeliveryReportReceived", f"sender/DoNotReply/message/{message.operation}", data, at)


def _sms(message: Message, status: str, details: str) -> dict[str, Any]:
    at = dt.datetime.now(dt.UTC).isoformat()
    data = {
        "messageId": message.id,
        "from": message.sender.removeprefix("+"),
        "to": message.to.removeprefix("+"),  # some real reports have this form
        "deliveryStatus": status,
        "deliveryStatusDetails": details,
        "deliveryAttempts": [{"timestamp": at, "segmentsSucceeded": 1, "segmentsFailed": 0}],
        "receivedTimestamp": at,
        "tag": message.tag,
    }
    return _event("SMSDeliveryReportReceived", f"/phonenumber/{data['to']}", data, at)


def _answer(message: Message, text: str) -> dict[str, Any]:
    at = dt.datetime.now(dt.UTC).isoformat()
    data = {
        "messageId": f"Incoming_{uuid.uuid4()}",
        "from": message.to.removeprefix("+"),
        "to": message.sender.removeprefix("+"),
        "message": text,
        "receivedTimestamp": at,
        "segmentCount": 1,
    }
    return _event("SMSReceived", f"/phonenumber/{data['to']}", data, at)
