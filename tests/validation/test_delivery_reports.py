"""Delivery reports: the forms that Event Grid writes, and no address in logs."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.contact import EmailAddress, PhoneNumber
from shared.domain.operation_id import operation_id
from shared.domain.reachability import Outcome
from shared.validation.delivery_reports import delivery_reports

ACCOUNT = "abcdefghijkl" + "m" * 40
ADDRESS = "ada@mail.example"


def email(status: str = "Bounced", **data: Any) -> dict[str, Any]:
    told = {
        "sender": "DoNotReply@sesame.example",
        "recipient": ADDRESS,
        "messageId": operation_id(ACCOUNT, "x"),
        "status": status,
        "deliveryStatusDetails": {"statusMessage": "550 5.1.1 no such user"},
        "deliveryAttemptTimestamp": "2026-08-19T23:26:32.99+00:00",
    }
    return event("EmailDeliveryReportReceived", told | data)


def sms(status: str = "Failed", details: str = "", **data: Any) -> dict[str, Any]:
    told = {
        "messageId": "Outgoing_1_noam",
        "from": "14255550100",
        "to": "33639980001",
        "deliveryStatus": status,
        "deliveryStatusDetails": details,
        "receivedTimestamp": "2026-08-19T23:26:32.2855749Z",
        "tag": ACCOUNT,
    }
    return event("SMSDeliveryReportReceived", told | data)


def event(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "e1",
        "topic": "t",
        "subject": ADDRESS,
        "data": data,
        "eventType": f"Microsoft.Communication.{kind}",
        "dataVersion": "1.0",
        "metadataVersion": "1",
        "eventTime": "2026-08-19T23:28:55.2532364Z",
    }


def read(*events: dict[str, Any]) -> list[Any]:
    return list(delivery_reports(json.dumps(events[0] if len(events) == 1 else events)))


def test_an_email_report_is_read() -> None:
    """The account, the address, the outcome and the time."""
    [report] = read(email())
    assert report.account == ACCOUNT[:12]
    assert report.contact == EmailAddress(ADDRESS)
    assert report.outcome is Outcome.BOUNCED
    assert report.at == datetime(2026, 8, 19, 23, 26, 32, 990000, UTC)


def test_an_sms_report_is_read() -> None:
    """The tag is the account key. A number without its plus is the same number."""
    [report] = read(sms(details="Destination number does not exist"))
    assert report.account == ACCOUNT
    assert report.contact == PhoneNumber("+33639980001")
    assert report.outcome is Outcome.UNREACHABLE


def test_field_names_of_a_report_are_read_in_any_case() -> None:
    """The documentation writes `Tag` and `deliveryAttemptTimeStamp`, and the service does not."""
    changed = {name.upper(): value for name, value in sms()["data"].items()}
    [report] = read({**sms(), "data": changed})
    assert report.account == ACCOUNT


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Delivered", Outcome.DELIVERED), ("bounced", Outcome.BOUNCED), ("Suppressed", Outcome.SUPPRESSED),
        ("Quarantined", Outcome.QUARANTINED), ("FilteredSpam", Outcome.FILTERED), ("Failed", Outcome.FAILED),
        ("Expanded", Outcome.OTHER), ("Melted", Outcome.OTHER),
    ],
)  # fmt: skip
def test_each_status_of_an_email_has_its_outcome(status: str, outcome: Outcome) -> None:
    """An unknown status is not a permanent failure."""
    assert read(email(status))[0].outcome is outcome


@pytest.mark.parametrize(
    ("details", "outcome"),
    [
        ("Destination phone number does not exist", Outcome.UNREACHABLE),
        ("Destination number is not reachable", Outcome.UNREACHABLE),
        ("Destination blocked by carrier", Outcome.UNREACHABLE),
        ("Recipient opted out", Outcome.UNREACHABLE),
        ("Carrier is busy", Outcome.FAILED),
        ("Message delivery timeout", Outcome.FAILED),
        ("", Outcome.FAILED),
    ],
)
def test_the_details_of_a_failed_sms_give_its_outcome(details: str, outcome: Outcome) -> None:
    """Only a problem with the number itself is permanent. A busy carrier is temporary."""
    assert read(sms(details=details))[0].outcome is outcome
    assert read(sms("Delivered", details))[0].outcome is Outcome.DELIVERED


def test_a_list_of_events_is_read() -> None:
    """Events of another kind are skipped."""
    other = {**email(), "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent"}
    assert len(read(email(), other, sms())) == 2


@pytest.mark.parametrize("messageId", ["", "5a2c0d3e-0000-4000-8000-000000000000", "x" * 400, 7, None])
def test_a_report_about_a_foreign_message_has_no_account(messageId: object) -> None:  # noqa: N803  the wire's own name
    """The same provider may send for other services."""
    assert read(email(messageId=messageId))[0].account == ""


@pytest.mark.parametrize("tag", ["", "challenge-1", ACCOUNT.upper(), ACCOUNT + "a", None, 7, "a' or PartitionKey ne '"])
def test_a_tag_that_is_not_an_account_key_is_ignored(tag: object) -> None:
    """The account is part of a query later, so only the alphabet of keys is accepted (R-91)."""
    assert read(sms(tag=tag))[0].account == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json " + ADDRESS,
        '"' + ADDRESS + '"',
        "[7]",
        json.dumps({**email(), "data": ADDRESS}),
        json.dumps(email(recipient="no address")),
        json.dumps(email(recipient=[ADDRESS])),
        json.dumps(email(deliveryAttemptTimestamp=ADDRESS)),
        json.dumps(sms(to="ada")),
        json.dumps(sms(to=None)),
    ],
)
def test_an_invalid_report_is_refused_without_quoting_it(text: str) -> None:
    """The exception is logged. Neither it nor its cause quotes the message (R-101)."""
    with pytest.raises(ValueError, match=r"^(not|a report)") as refused:
        delivery_reports(text)
    assert ADDRESS not in repr(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_the_repr_of_a_report_is_masked() -> None:
    """A report in a log reveals no address."""
    assert ADDRESS not in repr(read(email()))
    assert "33639980001" not in repr(read(sms()))
