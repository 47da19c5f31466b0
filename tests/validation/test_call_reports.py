"""Reports about calls: the events of Call Automation, in the shapes of its documentation and SDKs."""

import json
from typing import Any

import pytest

from shared.domain.calls import CallReport, Ending, Happened, Step
from shared.validation.call_reports import call_reports

CONNECTION = "411f0b00-d97f-49ad-a6ff-3f8c05dc64d7"


def event(kind: str, **data: Any) -> dict[str, Any]:
    source = f"calling/callConnections/{CONNECTION}"
    return {
        "id": "e9cf1c71-f119-48db-86ca-4f2530a2004d", "source": source, "subject": source, "specversion": "1.0",
        "type": f"Microsoft.Communication.{kind}", "time": "2026-11-28T00:55:08.2240104+00:00",
        "data": {"callConnectionId": CONNECTION, "serverCallId": "aHR0cHM6", "correlationId": "53be", **data},
    }  # fmt: skip


def result(code: int, subcode: int) -> dict[str, Any]:
    return {"resultInformation": {"code": code, "subCode": subcode, "message": "as documented"}}


def report(what: Happened, step: Step | None = None, **more: Any) -> CallReport:
    return CallReport(what=what, connection=CONNECTION, step=step, **more)


ASKED = {"operationContext": "ask"}
READ: list[tuple[dict[str, Any], CallReport | None]] = [
    (event("CallConnected", operationContext=None), report(Happened.ANSWERED)),
    (event("ParticipantsUpdated", participants=[]), None),
    (event("RecognizeCanceled", **ASKED), None),
    (event("InventedLater"), None),
    (event("PlayCompleted", operationContext="speak"), report(Happened.DONE, Step.SPEAK)),
    (event("PlayFailed", operationContext="speak", **result(500, 8564)), report(Happened.FAILED, Step.SPEAK)),
    (event("SendDtmfTonesCompleted", operationContext="dial"), report(Happened.DONE, Step.DIAL)),
    (event("RecognizeFailed", **ASKED, **result(400, 8510)), report(Happened.FAILED, Step.ASK)),
    *(
        (event("RecognizeCompleted", **ASKED, **{name: {"tones": tones}}), report(Happened.PRESSED, Step.ASK, key=key))
        for name, tones, key in (
            ("dtmfResult", ["one"], "1"),
            ("collectTonesResult", ["nine"], "9"),
            ("dtmfResult", ["pound"], "#"),
            ("dtmfResult", ["one", "one"], ""),
            ("dtmfResult", [], ""),
            ("speechResult", ["one"], ""),
        )
    ),
    *(
        (event(kind, **result(code, subcode)), report(Happened.ENDED, ending=ending))
        for kind, code, subcode, ending in (
            ("CreateCallFailed", 480, 560480, Ending.NO_ANSWER),
            ("CreateCallFailed", 486, 560486, Ending.BUSY),
            ("CreateCallFailed", 603, 560603, Ending.DECLINED),
            ("CreateCallFailed", 404, 560404, Ending.UNREACHABLE),
            ("CreateCallFailed", 403, 510403, Ending.FAILED),
            ("CallDisconnected", 200, 7000, Ending.OURS),
            ("CallDisconnected", 0, 560000, Ending.HUNG_UP),
            ("CallDisconnected", 200, 999999, Ending.HUNG_UP),
            ("CallDisconnected", 503, 560503, Ending.FAILED),
        )
    ),
    (event("CallDisconnected"), report(Happened.ENDED, ending=Ending.FAILED)),
]


@pytest.mark.parametrize(("sent", "read"), READ)
def test_a_report_is_read_and_what_does_not_matter_is_skipped(sent: dict[str, Any], read: CallReport | None) -> None:
    """One event or a batch."""
    wanted = () if read is None else (read,)
    assert call_reports(json.dumps([sent])) == call_reports(json.dumps(sent)) == wanted


@pytest.mark.parametrize(
    "sent",
    [
        "", "null", "[]", "[1]", "{}", "[[]]", "[" * 10_000, json.dumps([event("CallConnected")] * 33),
        json.dumps({**event("CallConnected"), "type": 1}), json.dumps({**event("CallConnected"), "data": "x"}),
        json.dumps(event("CallConnected", callConnectionId="../../recordings")),
        json.dumps(event("CallConnected", callConnectionId=None)),
    ],
)  # fmt: skip
def test_what_the_provider_does_not_send_is_refused_without_quoting_it(sent: str) -> None:
    """Also an id that would change the address of the next request."""
    with pytest.raises(ValueError, match=r"^[A-Za-z ]+$"):
        call_reports(sent)
