"""Delivery reports: the forms that Event Grid writes, and no address in logs."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.contact import EmailAddress, PhoneNumber
from shared.domain.operation_id import operation_id
from shared.domain.reachability import Outcome, Reply
from shared.validation.delivery_reports import delivery_reports
from shared.validation.replies import STARTS, STOPS
from shared.validation.report_codes import DOCUMENTED_SMS

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
    [report] = read(sms(details="4004"))
    assert report.account == ACCOUNT
    assert report.contact == PhoneNumber("+33639980001")
    assert report.outcome is Outcome.UNREACHABLE


def test_field_names_of_a_report_are_read_in_any_case() -> None:
    """The documentation writes `Tag` and `deliveryAttemptTimeStamp`, and the service does not."""
    changed = {name.upper(): value for name, value in sms()["data"].items()}
    [report] = read({**sms(), "data": changed})
    assert report.account == ACCOUNT


EMAILS = [
    # status, details, outcome, code
    ("Delivered", "250 2.0.0 OK", Outcome.DELIVERED, ""),
    ("bounced", "", Outcome.BOUNCED, ""),
    ("Bounced", "550 5.1.1 no such user", Outcome.BOUNCED, "5.1.1"),
    ("Bounced", "host 10.5.1.1 said no", Outcome.BOUNCED, ""),
    ("Failed", "550-5.2.1 The account is disabled", Outcome.BOUNCED, "5.2.1"),
    ("Bounced", "550 5.7.26 This mail is unauthenticated", Outcome.SENDER_REFUSED, "5.7.26"),
    ("Failed", "550 5.7.23 SPF validation failed", Outcome.SENDER_REFUSED, "5.7.23"),
    ("Bounced", "554 5.7.1 Message rejected: does not exist in our whitelist", Outcome.FAILED, "5.7.1"),
    ("Bounced", "452 4.2.2 over quota", Outcome.FAILED, "4.2.2"),
    ("Failed", "the recipient does not exist", Outcome.FAILED, ""),
    ("Suppressed", "5.7.26", Outcome.SUPPRESSED, ""),
    ("Quarantined", "", Outcome.QUARANTINED, ""),
    ("FilteredSpam", "", Outcome.FILTERED, ""),
    ("Melted", "5.1.1", Outcome.OTHER, ""),
]


@pytest.mark.parametrize(("status", "details", "outcome", "code"), EMAILS)
def test_the_status_and_the_code_of_an_email_give_its_outcome(
    status: str, details: str, outcome: Outcome, code: str
) -> None:
    """A code of the sender's own authentication says nothing about the address. Words are not read."""
    for said in ({"statusMessage": details}, {"StatusMessage": details}, details):
        [report] = read(email(status, deliveryStatusDetails=said))
        assert (report.outcome, report.code) == (outcome, code)


@pytest.mark.parametrize("code", DOCUMENTED_SMS)
def test_each_documented_code_of_a_text_has_its_outcome(code: str) -> None:
    """As the code alone, with its text, and as its text in either edition of the page."""
    outcome, text = DOCUMENTED_SMS[code]
    older = text.replace("n't", "n\u2019t").replace("blocked by", "is blocked by").replace("opted out", "has opted out")
    forms = [code, f"{code}: {text}", f"Error code {code} - {text}", f"[{code}] {text}", f"{text} ({code})"]
    for details in [*forms, text, text.upper(), text.rstrip("."), older, older.replace("toll-free", "toll free")]:
        found = read(sms(details=details))
        assert [(report.outcome, report.code) for report in found] == ([] if outcome is None else [(outcome, code)])


@pytest.mark.parametrize(
    ("details", "outcome"),
    [
        ("Sender blocked for given recipient.", Outcome.OPTED_OUT),
        ("4007 Message was blocked due to the toll-free number not being verified.", Outcome.OPTED_OUT),
        ("4011: the recipient opted out, does not exist and is a landline", Outcome.OTHER),
        ("Destination number blocked by spam filter of a number that does not exist", Outcome.OTHER),
        ("more than 4004 messages", Outcome.OTHER),
        ("14004", Outcome.OTHER),
        ("", Outcome.OTHER),
    ],
)
def test_what_is_not_documented_about_a_text_is_no_verdict(details: str, outcome: Outcome) -> None:
    """Words that could mean anything are not read; a code counts more than words."""
    assert read(sms(details=details))[0].outcome is outcome
    assert read(sms("Delivered", details))[0].outcome is Outcome.DELIVERED


def test_a_report_that_says_nothing_is_skipped() -> None:
    """An expanded list has recipients of its own, and a carrier without reports may have delivered."""
    assert read(email("Expanded"), sms(details="5002")) == []


def reply(message: object, **data: Any) -> dict[str, Any]:
    told = {
        "messageId": "Incoming_1",
        "from": "33639980001",
        "to": "18005550199",
        "message": message,
        "receivedTimestamp": "2026-08-19T23:26:32.32Z",
        "segmentCount": 1,
    }
    return event("SMSReceived", told | data)


@pytest.mark.parametrize(
    ("message", "opts_out"),
    [
        *((word, True) for word in STOPS),
        *((word, False) for word in STARTS),
        ("stop", True), (" Stop. ", True), ("opt  out", True), ("UnStop!", False),
        ("stop it", None), ("please stop", None), ("START 1234 5678", None), ("YES", None), ("", None), (None, None),
        (7, None), ("STOP" * 100_000, None),
    ],
)  # fmt: skip
def test_only_the_words_of_an_opt_out_are_read(message: object, opts_out: bool | None) -> None:
    """Any other text is skipped. A reply has the number and the time, and nothing of what was written."""
    found = read(reply(message))
    at = datetime(2026, 8, 19, 23, 26, 32, 320000, UTC)
    expected = [Reply(contact=PhoneNumber("+33639980001"), opts_out=bool(opts_out), at=at)]
    assert found == ([] if opts_out is None else expected)


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
        json.dumps(reply("STOP", **{"from": ADDRESS})),
        json.dumps(reply("STOP", receivedTimestamp=ADDRESS)),
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
