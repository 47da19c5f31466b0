"""The phones that are called: what each does, and what it heard.

`POST /phones {to, does, twice?}` tells one phone what it does from now on; without it, a phone answers and presses 1.
`GET /calls` shows every call: what was said and dialled in it, and what was reported.
"""

import asyncio
import enum
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from local.standin.call_reports import Reporter
from local.standin.message_store import MessageStore

RINGS, LISTENS, SILENCE = 0.05, 0.05, 0.1
"""Seconds until a phone is answered, until a key is pressed or a speech ends, and that a call waits for a key."""


class Does(enum.StrEnum):
    """What a phone does."""

    ANSWERS = "answers"  # presses 1 and listens
    WRONG_KEY = "wrong_key"  # presses 2
    SILENT = "silent"  # answered, but no key is pressed: also a voicemail, which records until the call ends
    VOICEMAIL = "voicemail"
    SWITCHBOARD = "switchboard"  # presses 1 only after an extension was dialled
    HANGS_UP = "hangs_up"  # when it is asked for a key
    HANGS_UP_LATE = "hangs_up_late"  # while the code is spoken
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"  # there is no such number


NOT_ANSWERED: Final = {
    Does.NO_ANSWER: (480, 560480, "No answer from the called user."),
    Does.BUSY: (486, 560486, "The called number was busy"),
    Does.DECLINED: (603, 560603, "Call declined by the recipient."),
    Does.UNREACHABLE: (404, 560404, "Phone number not found."),
}
DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SHORT_PAUSE = re.compile(r'(?<=\d)<break time="[1-5]\d\dms"\s*/>(?=\d)')
_LONG_PAUSE = re.compile(r'(?<=\d)<break time="\d+ms"\s*/>(?=\d)')


def heard_in(ssml: str) -> str:
    """Return what a person hears, as text: a short pause between digits is nothing, a long one is a hyphen."""
    text = _LONG_PAUSE.sub("-", _SHORT_PAUSE.sub("", ssml))
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@dataclass
class PhoneCall:
    """One call."""

    id: str
    to: str
    caller: str
    does: Does
    reporter: Reporter
    state: str = "connecting"
    heard: list[str] = field(default_factory=list)
    dialled: str = ""
    listening: asyncio.Task[None] | None = None

    def shown(self) -> dict[str, Any]:
        """Return the call as `GET /calls` shows it."""
        return {
            "id": self.id, "to": self.to, "from": self.caller, "does": self.does, "state": self.state,
            "heard": self.heard, "dialled": self.dialled, "callback": self.reporter.address,
            "reports": self.reporter.sent, "statuses": self.reporter.statuses,
        }  # fmt: skip


class Phones:
    """All phones, and the calls to them."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self._does: dict[str, tuple[Does, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.calls: dict[str, PhoneCall] = {}

    def tell(self, wanted: Any) -> None:
        """Tell a phone what it does. Raises ValueError, KeyError or TypeError if the request is wrong."""
        self._does[str(wanted["to"])] = Does(str(wanted["does"])), 2 if wanted.get("twice") else 1

    def clear(self) -> None:
        """Forget the calls, and what phones were told."""
        self._does.clear()
        self.calls.clear()

    def ring(self, to: str, caller: str, reporter: Reporter) -> PhoneCall:
        """Place a call. `reporter` has its id."""
        does, reporter.times = self._does.get(to, (Does.ANSWERS, 1))
        call = PhoneCall(reporter.call, to, caller, does, reporter)
        self.calls[call.id] = call
        self._soon(self._ringing(call))
        return call

    def ask_for_key(self, call: PhoneCall, ssml: str, context: str) -> None:
        """Speak, and wait for a key."""
        self._hears(call, ssml)
        call.listening = self._soon(self._key(call, context))

    def speak(self, call: PhoneCall, ssml: str, context: str) -> None:
        """Speak. Whatever is awaited is no longer."""
        if call.listening is not None and not call.listening.done():
            call.listening.cancel()
            self._soon(call.reporter.report("RecognizeCanceled", {"operationContext": "ask"}))
        self._hears(call, ssml)
        self._soon(self._spoken(call, context))

    def dial(self, call: PhoneCall, tones: list[str], context: str) -> None:
        """Take tones."""
        call.dialled += "".join(str(DIGITS.index(tone)) for tone in tones)
        self._soon(call.reporter.report("SendDtmfTonesCompleted", _done(context, 0, "Tones were sent.")))

    def hang_up(self, call: PhoneCall) -> None:
        """End the call for the service."""
        self._end(call, 7000, "The conversation has ended.")

    async def _ringing(self, call: PhoneCall) -> None:
        await asyncio.sleep(RINGS)
        if call.does in NOT_ANSWERED:
            code, subcode, message = NOT_ANSWERED[call.does]
            call.state = "disconnected"
            await call.reporter.report("CreateCallFailed", _result(code, subcode, message))
            return
        call.state = "connected"
        await call.reporter.report("ParticipantsUpdated", {"sequenceNumber": 1, "participants": []})
        await call.reporter.report("CallConnected", _result(200, 0, ""))

    async def _key(self, call: PhoneCall, context: str) -> None:
        await asyncio.sleep(LISTENS)
        if call.does is Does.HANGS_UP:
            self._end(call, 560000, "Call ended by the called user.")
            return
        keys = {Does.ANSWERS: "one", Does.HANGS_UP_LATE: "one", Does.WRONG_KEY: "two"}
        key = keys.get(call.does) or ("one" if call.does is Does.SWITCHBOARD and call.dialled else "")
        if key:
            done = _done(context, 8531, "Action completed, max digits received.")
            await call.reporter.report(
                "RecognizeCompleted", {**done, "recognitionType": "dtmf", "dtmfResult": {"tones": [key]}}
            )
            return
        await asyncio.sleep(SILENCE)
        silent = {"operationContext": context, **_result(400, 8510, "Action failed, initial silence timeout reached.")}
        await call.reporter.report("RecognizeFailed", silent)

    async def _spoken(self, call: PhoneCall, context: str) -> None:
        await asyncio.sleep(LISTENS)
        if call.does is Does.HANGS_UP_LATE and context == "speak":
            self._end(call, 560000, "Call ended by the called user.")
        else:
            await call.reporter.report("PlayCompleted", _done(context, 0, "Action completed successfully."))

    def _end(self, call: PhoneCall, subcode: int, message: str) -> None:
        call.state = "disconnected"
        if call.listening is not None and call.listening is not asyncio.current_task():
            call.listening.cancel()
        self._soon(call.reporter.report("CallDisconnected", _result(200, subcode, message)))

    def _hears(self, call: PhoneCall, ssml: str) -> None:
        call.heard.append(heard_in(ssml))
        number = len(call.heard)
        self._store.add(
            id=f"{call.id}-{number}", channel="voice", to=call.to, subject="", text=call.heard[-1], html="",
            operation=str(uuid.uuid4()), sender=call.caller,
        )  # fmt: skip

    def _soon(self, what: Any) -> "asyncio.Task[None]":
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _result(code: int, subcode: int, message: str) -> dict[str, Any]:
    return {"resultInformation": {"code": code, "subCode": subcode, "message": message}}


def _done(context: str, subcode: int, message: str) -> dict[str, Any]:
    return {"operationContext": context, **_result(200, subcode, message)}
