"""Calls through Azure Communication Services Call Automation, and speech by the speech service that belongs to it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from shared.adapters.acs._clients import ONE_ATTEMPT, provider_errors
from shared.domain.calls import Line, Step
from shared.ports.channel import NotSent

if TYPE_CHECKING:
    from azure.core.pipeline.transport import AsyncHttpTransport

SILENCE_SECONDS: Final = 10
"""How long the call waits for a key after it has asked for one. A voicemail records that much silence at most."""
TONES: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
"""The tones of the digits, in the words of Call Automation (`DtmfTone`)."""


class AcsCalls:
    """Each method is one request. What comes of it is reported to the address that the call was placed with."""

    def __init__(
        self,
        endpoint: str,
        credential: Callable[[], Any],
        line: Line | None,
        transport: "AsyncHttpTransport[Any, Any]",
    ) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._line = line
        self._transport = transport
        self._client: Any = None

    async def place(self, number: str, token: str) -> None:
        from azure.communication.callautomation import PhoneNumberIdentifier

        if self._line is None:  # asked for while calls were switched on
            raise NotSent("no_caller", permanent=True)
        with provider_errors():
            await self._calls().create_call(
                PhoneNumberIdentifier(number),
                f"{self._line.callback}/v1/calls/{token}",
                source_caller_id_number=PhoneNumberIdentifier(self._line.caller),
                cognitive_services_endpoint=self._line.speech,
            )

    async def say(self, connection: str, speech: str, step: Step) -> None:
        from azure.communication.callautomation import SsmlSource

        with provider_errors():
            await self._call(connection).play_media(
                SsmlSource(ssml_text=speech), interrupt_call_media_operation=True, operation_context=step.value
            )

    async def dial(self, connection: str, number: str, tones: str) -> None:
        from azure.communication.callautomation import PhoneNumberIdentifier

        with provider_errors():
            await self._call(connection).send_dtmf_tones(
                [TONES[int(digit)] for digit in tones], PhoneNumberIdentifier(number), operation_context=Step.DIAL.value
            )

    async def ask_for_key(self, connection: str, number: str, speech: str) -> None:
        from azure.communication.callautomation import PhoneNumberIdentifier, RecognizeInputType, SsmlSource

        with provider_errors():
            await self._call(connection).start_recognizing_media(
                RecognizeInputType.DTMF,
                PhoneNumberIdentifier(number),
                play_prompt=SsmlSource(ssml_text=speech),
                interrupt_prompt=True,
                initial_silence_timeout=SILENCE_SECONDS,
                dtmf_max_tones_to_collect=1,
                operation_context=Step.ASK.value,
            )

    async def hang_up(self, connection: str) -> None:
        with provider_errors():
            await self._call(connection).hang_up(is_for_everyone=True)

    def _call(self, connection: str) -> Any:
        return self._calls().get_call_connection(connection)

    def _calls(self) -> Any:
        from azure.communication.callautomation.aio import CallAutomationClient

        if self._client is None:
            self._client = CallAutomationClient(
                self._endpoint, self._credential(), transport=self._transport, **ONE_ATTEMPT
            )
        return self._client
