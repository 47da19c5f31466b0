"""Read the reports of a call: CloudEvents (1.0, JSON batch) of Call Automation. They come in any order, and repeated.

Codes: Microsoft Learn, "Troubleshooting call end response codes for Calling SDK, Call Automation SDK, PSTN, Chat SDK,
and SMS SDK", dated 22 July 2024, read on 28 November 2026. A subcode that begins with 560 or 540 is the answer of the
telephone network.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from shared.domain.calls import CallReport, Ending, Happened, Step
from shared.validation.records import parsed

_PREFIX: Final = "Microsoft.Communication."
_MOST: Final = 32
"""Reports in one request. Call Automation sends one."""
_CONNECTION: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)

_KINDS: Final = {
    "CallConnected": Happened.ANSWERED,
    "PlayCompleted": Happened.DONE,
    "PlayFailed": Happened.FAILED,
    "PlayCanceled": Happened.FAILED,
    "SendDtmfTonesCompleted": Happened.DONE,
    "SendDtmfTonesFailed": Happened.FAILED,
    "RecognizeCompleted": Happened.PRESSED,
    "RecognizeFailed": Happened.FAILED,
    "CallDisconnected": Happened.ENDED,
    "CreateCallFailed": Happened.ENDED,
}
"""All others say nothing that matters, such as who takes part. RecognizeCanceled is one: the code is being spoken."""

_STEPS: Final = {step.value: step for step in Step}
_KEYS: Final = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "pound": "#", "asterisk": "*",
}  # fmt: skip

_SUBCODES: Final = {
    **dict.fromkeys((560404, 560484, 540404, 540484, 560410, 560604), Ending.UNREACHABLE),
    **dict.fromkeys((560408, 560480, 560487, 540480, 540487, 500001, 8541, 8542, 8544), Ending.NO_ANSWER),
    **dict.fromkeys((560486, 540486, 560600, 8539, 8540), Ending.BUSY),
    **dict.fromkeys((560603, 540603, 8538), Ending.DECLINED),
    **dict.fromkeys((560000, 540000), Ending.HUNG_UP),
    **dict.fromkeys((7000, 10550), Ending.OURS),
}
"""What the subcode of an ended call says about the person's phone. One that is not here says nothing about it: the
installation's own number or rights (510403, 560403, 511404), or a fault on the way (560500, 560503)."""


def call_reports(text: str) -> tuple[CallReport, ...]:
    """Return the reports in one body: one event or a list. Raises ValueError for what Call Automation does not send."""
    message = parsed(text)
    events = message if isinstance(message, list) else [message]
    if not 0 < len(events) <= _MOST:
        raise ValueError("not reports of a call")
    return tuple(report for event in events if (report := _report(event)) is not None)


def _report(event: Any) -> CallReport | None:
    data = _object(_object(event).get("data"))
    kind = event.get("type")
    if not isinstance(kind, str):
        raise ValueError("not a report of a call")  # noqa: TRY004  the input is wrong, not the program
    what = _KINDS.get(kind.removeprefix(_PREFIX)) if kind.startswith(_PREFIX) else None
    if what is None:
        return None
    connection = data.get("callConnectionId")
    if not isinstance(connection, str) or not _CONNECTION.fullmatch(connection):
        raise ValueError("a report without its call")
    if what is Happened.ENDED:
        return CallReport(what=what, connection=connection, ending=_ending(data.get("resultInformation")))
    step = _STEPS.get(str(data.get("operationContext")))
    key = _key(data) if what is Happened.PRESSED else ""
    return CallReport(what=what, connection=connection, step=step, key=key)


def _key(data: Mapping[str, Any]) -> str:
    """Return the one key that was pressed. "" for none or several, and for anything that was said."""
    tones = (data.get("dtmfResult") or data.get("collectTonesResult") or {}).get("tones")
    return _KEYS.get(str(tones[0]).lower(), "") if isinstance(tones, list) and len(tones) == 1 else ""


def _ending(result: Any) -> Ending:
    subcode = result.get("subCode") if isinstance(result, dict) else None
    code = result.get("code") if isinstance(result, dict) else None
    if isinstance(subcode, int) and subcode in _SUBCODES:
        return _SUBCODES[subcode]
    return Ending.HUNG_UP if isinstance(code, int) and (code == 0 or 200 <= code < 300) else Ending.FAILED


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not a report of a call")  # noqa: TRY004  the input is wrong, not the program
    return value
