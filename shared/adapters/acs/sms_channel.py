"""SMS through Azure Communication Services."""

from collections.abc import Callable
from typing import Any, Final

from shared.adapters.acs._clients import CLIENT_ERRORS, ONE_ATTEMPT, TOO_MANY, provider_errors
from shared.domain.message import Letter
from shared.ports.channel import NotSent

ACCEPTED: Final = 202


class AcsSmsChannel:
    def __init__(self, endpoint: str, credential: Callable[[], Any], sender: str) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._sender = sender
        self._client: Any = None

    async def send(self, letter: Letter) -> None:
        from azure.communication.sms.aio import SmsClient

        if self._client is None:
            self._client = SmsClient(self._endpoint, self._credential(), **ONE_ATTEMPT)
        with provider_errors():
            results = await self._client.send(
                from_=self._sender,
                to=letter.to,
                message=letter.text,
                # The delivery report returns this tag and so identifies the row. It is a keyed hash: the provider
                # learns nothing from it.
                enable_delivery_report=True,
                tag=letter.account,
            )
        # The call returns 202 even if this number was refused. Each item contains the result for its number.
        for result in results:
            if not result.successful:
                status = int(result.http_status_code or 0)
                raise NotSent(f"sms_{status}", permanent=status in CLIENT_ERRORS and status != TOO_MANY)
