"""Email through Azure Communication Services."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from shared.adapters.acs._clients import ONE_ATTEMPT, provider_errors
from shared.domain.message import Letter

OPERATIONS: Final = uuid.UUID("9f0f7a52-9d54-5a7c-8f0e-3f1f7c0f6f11")
"""Namespace of operation ids. The same letter has the same id in every attempt, and ACS takes an id once."""


class AcsEmailChannel:
    def __init__(self, endpoint: str, credential: Callable[[], Any], sender: str) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._sender = sender
        self._client: Any = None

    async def send(self, letter: Letter) -> None:
        from azure.communication.email.aio import EmailClient

        if self._client is None:
            self._client = EmailClient(self._endpoint, self._credential(), **ONE_ATTEMPT)
        message = {
            "senderAddress": self._sender,
            # One address a message, and as an object: "a@x, b@y" in a header would be two.
            "recipients": {"to": [{"address": letter.to}]},
            "content": {"subject": letter.subject, "plainText": letter.text, "html": letter.html},
            "userEngagementTrackingDisabled": True,
        }
        with provider_errors():
            # Without polling: the SDK would otherwise ask after the outcome in the background.
            await self._client.begin_send(
                message, operation_id=str(uuid.uuid5(OPERATIONS, letter.idempotency)), polling=False
            )
