"""Read delivery reports, and STOP and START from people, that Event Grid puts into a queue.

They are untrusted, repeated and in any order.

A report has a full address, so its text is neither logged nor stored, and no exception quotes it. The case of field
names in real reports differs from the documentation (`Tag`, `deliveryAttemptTimeStamp`), so it is ignored.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from shared.domain.contact import Contact, EmailAddress, PhoneNumber
from shared.domain.operation_id import account_beginning
from shared.domain.reachability import DeliveryReport, Outcome, Reply
from shared.validation.records import parsed
from shared.validation.replies import opts_out
from shared.validation.report_codes import email_verdict, sms_verdict

EMAIL: Final = "microsoft.communication.emaildeliveryreportreceived"
SMS: Final = "microsoft.communication.smsdeliveryreportreceived"
REPLY: Final = "microsoft.communication.smsreceived"

_ACCOUNT_KEY: Final = re.compile(r"[a-z2-7]{52}", re.ASCII)
_ADDRESS: Final = re.compile(r"[^@\s\ud800-\udfff]{1,256}@[^@\s\ud800-\udfff]{1,256}")
_NUMBER: Final = re.compile(r"\+?([1-9][0-9]{6,14})", re.ASCII)

_EMAIL_STATUSES: Final = {
    "delivered": Outcome.DELIVERED,
    "bounced": Outcome.BOUNCED,
    "suppressed": Outcome.SUPPRESSED,
    "quarantined": Outcome.QUARANTINED,
    "filteredspam": Outcome.FILTERED,
    "failed": Outcome.FAILED,
}
"""Microsoft Learn, `AcsEmailDeliveryReportStatus`."""
_SAYS_NOTHING: Final = "expanded"
"""An expanded list has recipients of its own (Microsoft Learn, "Azure Communication Services - Email events")."""


def delivery_reports(text: str) -> tuple[DeliveryReport | Reply, ...]:
    """Return the reports and replies in one queue message: one event or a list.

    Events of another kind are skipped, and those that say nothing. Raises ValueError for text that is not an event, and
    for one without number, address or time. The exception never has
    the text, nor with it the address (R-101).
    """
    message = parsed(text)
    events = [_lowered(event) for event in (message if isinstance(message, list) else [message])]
    if not events:
        raise ValueError("not an event")
    return tuple(report for event in events if (report := _report(event)) is not None)


def _report(event: Mapping[str, Any]) -> DeliveryReport | Reply | None:
    kind = event.get("eventtype")
    if not isinstance(kind, str):
        raise ValueError("not an event")  # noqa: TRY004  the input is wrong, not the program
    if kind.lower() not in {EMAIL, SMS, REPLY}:
        return None
    data = _lowered(event.get("data"))
    if kind.lower() == REPLY:
        return _reply(data, event)
    when = data.get("deliveryattempttimestamp") or data.get("receivedtimestamp") or event.get("eventtime")
    if kind.lower() == EMAIL:
        outcome, code = _email_outcome(data)
        account, contact = account_beginning(str(data.get("messageid"))), _address(data.get("recipient"))
    else:
        outcome, code = _sms_outcome(data)
        tag = str(data.get("tag"))
        account, contact = tag if _ACCOUNT_KEY.fullmatch(tag) else "", _number(data.get("to"))
    at = _instant(when)
    if outcome is None:
        return None
    return DeliveryReport(account=account, contact=contact, outcome=outcome, at=at, code=code)


def _reply(data: Mapping[str, Any], event: Mapping[str, Any]) -> Reply | None:
    out = opts_out(data.get("message"))
    if out is None:
        return None
    at = _instant(data.get("receivedtimestamp") or event.get("eventtime"))
    return Reply(contact=_number(data.get("from")), opts_out=out, at=at)


def _email_outcome(data: Mapping[str, Any]) -> tuple[Outcome | None, str]:
    status, details = str(data.get("status")).lower(), data.get("deliverystatusdetails")
    if status == _SAYS_NOTHING:
        return None, ""
    outcome = _EMAIL_STATUSES.get(status, Outcome.OTHER)
    if outcome not in {Outcome.BOUNCED, Outcome.FAILED}:
        return outcome, ""
    said = _lowered(details).get("statusmessage") if isinstance(details, dict) else details
    return email_verdict(said if isinstance(said, str) else "", outcome)


def _sms_outcome(data: Mapping[str, Any]) -> tuple[Outcome | None, str]:
    match str(data.get("deliverystatus")).lower():
        case "delivered":
            return Outcome.DELIVERED, ""
        case "failed":
            return sms_verdict(str(data.get("deliverystatusdetails")))
        case _:
            return Outcome.OTHER, ""


def _lowered(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not an event")  # noqa: TRY004  the input is wrong, not the program
    return {name.lower(): content for name, content in value.items()}


def _address(text: object) -> Contact:
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        raise ValueError("a report without a recipient")
    return EmailAddress(text)


def _number(text: object) -> Contact:
    """Return the number in E.164. Reports have it with or without the plus."""
    found = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("a report without a number")
    return PhoneNumber(f"+{found[1]}")


def _instant(text: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # or a time that UTC does not have, such as the first hour of year 1 in Asia
        raise ValueError("a report without a time") from None
