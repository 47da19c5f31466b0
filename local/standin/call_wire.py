"""The calls of Call Automation (API version 2026-03-12): create, recognise, play, send tones, hang up.

As strict as the documentation and the model of the SDK: numbers in E.164 without an extension, one target, an address
for reports that is https (without TLS on this machine only), valid SSML with a voice, tones by name, at most 18.
"""

import ipaddress
import json
import re
import uuid
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.standin.call_reports import Reporter, Signer
from local.standin.faults import Fault, Faults
from local.standin.phones import DIGITS, PhoneCall, Phones
from local.standin.wire import Endpoint, afterwards, error, refused

VERSION: Final = "2026-03-12"
NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
ADDRESS: Final = re.compile(r"[A-Za-z0-9._~:/?@!$&'()*+,;=%-]+")
LONGEST_ADDRESS, LONGEST_CONTEXT, LONGEST_SPEECH, MOST_TONES = 2048, 256, 400, 18
"""Microsoft gives no limit of the first three. Theirs are surely not lower."""
SPEAK: Final = "{http://www.w3.org/2001/10/synthesis}"
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
VOICE: Final = re.compile(r"[a-z]{2}-[A-Z]{2}-[A-Za-z]+Neural")
TONES: Final = {*DIGITS, "a", "b", "c", "d", "pound", "asterisk"}


class Invalid(ValueError):
    """A request that Call Automation refuses. The message says why."""


class CallWire:
    """The endpoints that the SDK calls."""

    def __init__(self, phones: Phones, faults: Faults, signer: Signer) -> None:
        self._phones = phones
        self._faults = faults
        self._signer = signer

    def routes(self, signed: Any) -> list[Route]:
        """Return the endpoints. `signed` adds the check of the signature."""
        one = "/calling/callConnections/{call}"
        actions = {
            "recognize": self._recognize, "play": self._play, "sendDtmfTones": self._dial, "terminate": self._hang_up,
        }  # fmt: skip
        return [
            Route("/calling/callConnections", signed(_strict(self._create)), methods=["POST"]),
            *(Route(f"{one}:{name}", signed(_strict(action)), methods=["POST"]) for name, action in actions.items()),
        ]

    async def _create(self, request: Request) -> Response:
        body = json.loads(await request.body())
        _repeatable(request)
        if len(body["targets"]) != 1:
            raise Invalid("one target")
        to, caller = _number(body["targets"][0]["phoneNumber"]), _number(body["sourceCallerIdNumber"])
        address = _address(body["callbackUri"])
        if not str(body["callIntelligenceOptions"]["cognitiveServicesEndpoint"]).startswith("https://"):
            raise Invalid("an endpoint of the speech service")
        fault = self._faults.take("voice", [to])
        if (refusal := refused(request, fault)) is not None:
            return refusal
        if fault in {Fault.INVALID, Fault.UNVERIFIED}:
            return error(400, "8523", "The source caller id is not a phone number of this resource.")
        reporter = Reporter(self._signer, str(request.base_url).rstrip("/"), address, str(uuid.uuid4()))
        call = self._phones.ring(to, caller, reporter)
        await afterwards(request, fault)
        return JSONResponse(
            {
                "callConnectionId": call.id,
                "serverCallId": reporter.server_call,
                "correlationId": call.id,
                "callConnectionState": call.state,
                "callbackUri": address,
                "targets": body["targets"],
                "sourceCallerIdNumber": body["sourceCallerIdNumber"],
            },
            201,
        )

    async def _recognize(self, request: Request) -> Response:
        call, body = self._connected(request), json.loads(await request.body())
        options = body["recognizeOptions"]
        if body["recognizeInputType"] != "dtmf" or not 1 <= options["dtmfOptions"]["maxTonesToCollect"] <= 50:
            raise Invalid("tones to recognise")
        if not 1 <= options["initialSilenceTimeoutInSeconds"] <= 300:
            raise Invalid("a time to wait")
        if _number(options["targetParticipant"]["phoneNumber"]) != call.to:
            return error(404, "8558", "The participant is not in the call.")
        if call.listening is not None and not call.listening.done():
            return error(412, "8583", "Another operation is under way.")
        self._phones.ask_for_key(call, _ssml(body["playPrompt"]), _context(body))
        return Response(status_code=202)

    async def _play(self, request: Request) -> Response:
        call, body = self._connected(request), json.loads(await request.body())
        (source,) = body["playSources"]
        if body["playTo"] or (body.get("playOptions") or {}).get("loop"):
            raise Invalid("to everybody, and once")
        fault = self._faults.take("speech", [call.to])
        if (refusal := refused(request, fault)) is not None:
            return refusal
        self._phones.speak(call, _ssml(source), _context(body))
        await afterwards(request, fault)
        return Response(status_code=202)

    async def _dial(self, request: Request) -> Response:
        call, body = self._connected(request), json.loads(await request.body())
        _repeatable(request)
        tones = [str(tone) for tone in body["tones"]]
        if not 0 < len(tones) <= MOST_TONES or not set(tones) <= TONES:
            raise Invalid("tones")
        if _number(body["targetParticipant"]["phoneNumber"]) != call.to:
            return error(404, "8558", "The participant is not in the call.")
        self._phones.dial(call, tones, _context(body))
        return JSONResponse({"operationContext": _context(body)}, 202)

    async def _hang_up(self, request: Request) -> Response:
        _repeatable(request)
        self._phones.hang_up(self._connected(request))
        return Response(status_code=204)

    def _connected(self, request: Request) -> PhoneCall:
        call = self._phones.calls.get(request.path_params["call"])
        if call is None or call.state == "disconnected":
            raise LookupError("Call not found.")
        if call.state != "connected":
            raise Invalid("an established call (8501)")
        return call


def _strict(endpoint: Endpoint) -> Endpoint:
    """Answer as Call Automation does to a request that is not valid."""

    async def checked(request: Request) -> Response:
        if request.query_params.get("api-version") != VERSION:
            return error(400, "UnsupportedApiVersion", "The API version is not known.")
        try:
            return await endpoint(request)
        except LookupError as fault:
            if isinstance(fault, KeyError | IndexError):
                return error(400, "8523", f"A field is missing: {fault}")
            return error(404, "8522", str(fault))
        except Invalid as fault:
            return error(400, "8523", f"Expected: {fault}")

    return checked


def _repeatable(request: Request) -> None:
    uuid.UUID(request.headers["repeatability-request-id"])
    if not request.headers["repeatability-first-sent"].endswith("GMT"):
        raise Invalid("the time of the first request")


def _number(given: Any) -> str:
    if not isinstance(given, dict) or not NUMBER.fullmatch(str(given.get("value"))):
        raise Invalid("a number in E.164")
    return str(given["value"])


def _address(text: Any) -> str:
    address = str(text)
    parts = urlsplit(address)
    try:
        loopback = parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = False
    if (
        not (parts.scheme == "https" or loopback)
        or len(str(text)) > LONGEST_ADDRESS
        or not ADDRESS.fullmatch(str(text))
    ):
        raise Invalid("an https address for reports")
    return str(text)


def _context(body: dict[str, Any]) -> str:
    context = str(body.get("operationContext") or "")
    if len(context) > LONGEST_CONTEXT:
        raise Invalid("a shorter operationContext")
    return context


def _ssml(source: dict[str, Any]) -> str:
    """Return the SSML of a source. Anything that the speech service would not speak is invalid."""
    if source["kind"] != "ssml":
        raise Invalid("SSML")
    text = str(source["ssml"]["ssmlText"])
    try:
        root = ET.fromstring(text)  # noqa: S314  (from our own service, and limited below)
    except ET.ParseError as fault:
        raise Invalid(f"well-formed SSML, {fault}") from None
    voices = list(root)
    if root.tag != f"{SPEAK}speak" or root.get("version") != "1.0" or len(voices) != 1:
        raise Invalid("one voice in speak")
    locale, name = str(root.get(LANGUAGE)), str(voices[0].get("name"))
    if voices[0].tag != f"{SPEAK}voice" or not VOICE.fullmatch(name) or not name.startswith(f"{locale}-"):
        raise Invalid("a voice of the language")
    for part in voices[0].iter():
        pause = re.fullmatch(r"(\d{1,5})ms", part.get("time", "")) if part.tag == f"{SPEAK}break" else None
        if part is not voices[0] and (pause is None or int(pause[1]) > 20_000):
            raise Invalid("pauses of at most 20 s, and nothing else")
    if not 0 < len("".join(root.itertext()).strip()) <= LONGEST_SPEECH:
        raise Invalid("a speech of ordinary length")
    return text
