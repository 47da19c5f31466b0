"""What the codes and texts of delivery reports say about the recipient, the sender or the carrier. Nothing is guessed.

SMS: Microsoft Learn, "Troubleshooting response codes for SMS" (Azure Communication Services, dated 22 July 2024, with
4020, 5002 and 9999 of 2025), and "SMS FAQ", "Opt-out handling", for the text that stands for 4007. Both read on 28
November 2026. The page says that the codes are in `deliveryStatusDetails`; examples show texts there, so both are read.
No code says that a number is a landline: Microsoft does not check it ("SMS FAQ").

Email: the enhanced status codes of RFC 3463, RFC 7372 (authentication of the sender) and RFC 7505 (null MX).
"""

import re
from typing import Final

from shared.domain.reachability import Outcome

DOCUMENTED_SMS: Final[dict[str, tuple[Outcome | None, str]]] = {
    "2000": (Outcome.DELIVERED, "Message Delivered Successfully."),
    "4000": (Outcome.SENDER_REFUSED, "Message is rejected due to fraud detection."),
    "4001": (Outcome.SENDER_REFUSED, "Message is rejected due to invalid Source/From number format"),
    "4002": (Outcome.UNREACHABLE, "Message is rejected due to invalid Destination/To number format."),
    "4003": (Outcome.SENDER_REFUSED, "Message failed to deliver due to unsupported destination."),
    "4004": (Outcome.UNREACHABLE, "Message failed to deliver since Destination/To number doesn't exist."),
    "4005": (Outcome.FAILED, "Message blocked by Destination carrier."),
    "4006": (Outcome.FAILED, "The Destination/To number isn't reachable."),
    "4007": (Outcome.OPTED_OUT, "The Destination/To number opted out of receiving messages from you."),
    "4008": (Outcome.SENDER_REFUSED, "You exceeded the maximum number of messages allowed for your profile."),
    "4009": (Outcome.SENDER_REFUSED, "Message rejected by Microsoft Entitlement System."),
    "4010": (Outcome.SENDER_REFUSED, "Message was blocked due to the toll-free number not being verified."),
    "4020": (Outcome.SENDER_REFUSED, "Message rejected by the carrier due to a volumetric violation."),
    "5000": (Outcome.FAILED, "Message failed to deliver. Reach out Microsoft support team for more details."),
    "5001": (Outcome.FAILED, "Message failed to deliver due to temporary unavailability of application/system."),
    "5002": (None, "Carrier does not support delivery report"),
    "9999": (Outcome.FAILED, "Message failed to deliver due to unknown error/failure."),
}
"""The verdict on each code, and its text. None is a report that says nothing: the message may have arrived (5002).

4003 is a sender's: a country that it does not reach. 4005, a carrier's block, is no verdict on the number, because
carriers also block what a sender sends.
"""
OPT_OUT_TEXT: Final = "Sender blocked for given recipient."

_LABELLED: Final = re.compile(r"\W*(?:(?:status|error|code|reason)\W+)*([0-9]{4})(?![0-9])", re.ASCII | re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"[(\[](?:[a-z]+\W+)*([0-9]{4})[)\]]\W*$", re.ASCII | re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z0-9]+", re.ASCII)
_FILLERS: Final = {"is", "was", "has", "have"}
"""Words in which two editions of the page differ."""

_ENHANCED: Final = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9]|\.[0-9])", re.ASCII)
_EMAIL_VERDICTS: Final = {
    **dict.fromkeys(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"), Outcome.BOUNCED),
    **dict.fromkeys(("5.1.7", "5.1.8", *(f"5.7.{detail}" for detail in range(20, 28))), Outcome.SENDER_REFUSED),
    "5.2.2": Outcome.FAILED,
}


def sms_verdict(details: str) -> tuple[Outcome | None, str]:
    """Return the outcome of a text that failed, and its documented code, or "" without one.

    None is a report that says nothing. A code or text that is not documented gives OTHER.
    """
    labelled = _LABELLED.match(details) or _IN_BRACKETS.search(details)
    code = labelled[1] if labelled else ""
    if code not in DOCUMENTED_SMS:
        code = _CODES_BY_TEXT.get(_plain(details), "")
    return (DOCUMENTED_SMS[code][0], code) if code else (Outcome.OTHER, "")


def email_verdict(details: str, otherwise: Outcome) -> tuple[Outcome, str]:
    """Return the outcome of an email that bounced or failed, and the enhanced status code of the recipient's server.

    `otherwise` is what the report's own status means, where there is no code, or one without a meaning here.
    """
    found = _ENHANCED.search(details)
    if found is None:
        return otherwise, ""
    code = found[1]
    # The server may take the next message: class 4, or a policy on what is sent and not on the mailbox (subject 7).
    passing = code.startswith(("4.", "5.7."))
    return _EMAIL_VERDICTS.get(code, Outcome.FAILED if passing else otherwise), code


def _plain(text: str) -> tuple[str, ...]:
    """Return the words of a text without signs, in lower case and without contractions."""
    lowered = text.lower().replace("\u2019", "'").replace("n't", " not").replace("'ve", " have")
    return tuple(word for word in _WORD.findall(lowered) if word not in _FILLERS)


_CODES_BY_TEXT: Final = {_plain(text): code for code, (_, text) in DOCUMENTED_SMS.items()} | {
    _plain(OPT_OUT_TEXT): "4007"
}
