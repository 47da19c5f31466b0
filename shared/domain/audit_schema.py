"""Say what each audit event means, in the words of Microsoft Sentinel (ASIM) beside ours.

A SIEM joins events of many systems by normalised names. Source of the names and values: Microsoft Learn, "Advanced
Security Information Model", the schemas Authentication, User Management and Audit Event, and "ASIM common fields".
docs/audit-schema.md lists all of it; a test compares it with this file.

Long: one row for each tag.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from shared.domain.trail import AuditEvent, Tag


class Schema(StrEnum):
    """The schema of ASIM that an event belongs to (`EventSchema`)."""

    AUTHENTICATION = "Authentication"
    USER_MANAGEMENT = "UserManagement"
    AUDIT_EVENT = "AuditEvent"


VERSIONS: Final = {Schema.AUTHENTICATION: "0.1.3", Schema.USER_MANAGEMENT: "0.1.2", Schema.AUDIT_EVENT: "0.1"}


class Result(StrEnum):
    """How it ended (`EventResult`)."""

    SUCCESS = "Success"
    FAILURE = "Failure"
    NOT_APPLICABLE = "NA"
    """There was nothing to be done, or nobody knows."""


class Doer(StrEnum):
    """Who does it, where the event names no staff."""

    PERSON = "person"
    """Whose account it is: signed in, or with a proof."""
    STAFF = "staff"
    SERVICE = "service"
    ANYBODY = "anybody"
    """Nobody has proved who they are."""


REFUSED: Final = frozenset({"unknown_identifier", "own_account", "privileged"})
"""Causes of acts of staff that failed, whatever they were. An earlier build left the last two with the act itself."""

TAKEN: Final = frozenset({"prefilled", "unchanged", "directory"})

ALREADY: Final = frozenset({"frozen_already", "not_frozen"})
"""Causes of acts that had nothing to change, beside those that begin with `nothing_`."""

SENT: Final = frozenset({"sent", "sent_before", "delivered_before"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event means. `result`: always this one. `succeeds`: with these causes only."""

    schema: Schema
    event_type: str
    doer: Doer
    about: str
    result: Result | None = None
    succeeds: frozenset[str] = frozenset()

    def result_with(self, cause: str) -> Result:
        """Return how an event with that cause ended."""
        if self.result is not None:
            return self.result
        if cause in REFUSED or (self.succeeds and cause not in self.succeeds):
            return Result.FAILURE
        return Result.NOT_APPLICABLE if cause.startswith("nothing_") or cause in ALREADY else Result.SUCCESS


def _sign_in(about: str, *, refused: bool = False, doer: Doer = Doer.ANYBODY) -> Meaning:
    return Meaning(Schema.AUTHENTICATION, "Logon", doer, about, Result.FAILURE if refused else Result.SUCCESS)


def _user(event_type: str, doer: Doer, about: str, **result: Any) -> Meaning:
    return Meaning(Schema.USER_MANAGEMENT, event_type, doer, about, **result)


def _act(event_type: str, doer: Doer, about: str, **result: Any) -> Meaning:
    return Meaning(Schema.AUDIT_EVENT, event_type, doer, about, **result)


_FAILS: Final = {"result": Result.FAILURE}
_UNKNOWN: Final = {"result": Result.NOT_APPLICABLE}
_PERSON, _STAFF, _SERVICE, _ANYBODY = Doer.PERSON, Doer.STAFF, Doer.SERVICE, Doer.ANYBODY

MEANINGS: Final[Mapping[Tag, Meaning]] = {
    Tag.SESSION_STARTED: _sign_in("signed in", doer=_PERSON),
    Tag.SESSION_REFUSED: _sign_in("a sign-in or a session was refused", refused=True),
    Tag.CHANGE_CHALLENGED: _act("Execute", _PERSON, "asked for a proof before a change of the methods"),
    Tag.CHANGE_PROVED: _sign_in("gave the proof before a change of the methods", doer=_PERSON),
    Tag.CHANGE_REFUSED: _sign_in("a wrong proof before a change of the methods", refused=True),
    Tag.METHOD_BEGUN: _act("Execute", _PERSON, "began to set up a method"),
    Tag.METHOD_CONFIRMED: _user("UserModified", _PERSON, "set up or confirmed a method"),
    Tag.METHOD_REFUSED: _user("UserModified", _PERSON, "a wrong code while a method was set up", **_FAILS),
    Tag.METHOD_REMOVED: _user("UserModified", _PERSON, "removed a method"),
    Tag.METHOD_SUSPENDED: _user("UserLocked", _SERVICE, "a method closed after too many wrong answers"),
    Tag.METHOD_COPIED: _act("Other", _SERVICE, "the counter of a passkey fell: there may be a copy", **_FAILS),
    Tag.METHOD_USED_UP: _user("UserModified", _PERSON, "the last saved code was used"),
    Tag.METHOD_SUSPECTED: _user("UserModified", _SERVICE, "an address or number does not exist any more"),
    Tag.METHOD_REACHED: _user("UserModified", _SERVICE, "that address or number was reached again"),
    Tag.NUMBER_OPTED_OUT: _user("UserModified", _ANYBODY, "the owner of a number answered STOP"),
    Tag.NUMBER_OPTED_IN: _user("UserModified", _ANYBODY, "the owner of a number answered START"),
    Tag.CHANGE_STOPPED: _user("UserDisabled", _ANYBODY, "a code from a notice undid a change and stopped self-service"),
    Tag.OBJECTION_REFUSED: _user("UserDisabled", _ANYBODY, "a code that is in no notice", **_FAILS),
    Tag.LOSS_REPORTED: _user("UserModified", _PERSON, "reported that every method is lost"),
    Tag.LOSS_WITHDRAWN: _user("UserModified", _PERSON, "withdrew that report"),
    Tag.REGISTRATION_RECONFIRMED: _user("UserModified", _PERSON, "confirmed what is registered"),
    Tag.DATA_COPIED: _user("UserRead", _PERSON, "took a copy of their own data"),
    Tag.REGISTRATION_ASKED: _act("Execute", _SERVICE, "a sign-in page asked for the registration"),
    Tag.REGISTRATION_PUT_OFF: _user("UserModified", _PERSON, "put the confirmation off"),
    Tag.LANGUAGE_CHOSEN: _user("UserModified", _PERSON, "chose the language of messages"),
    Tag.TIME_ZONE_CHOSEN: _user("UserModified", _PERSON, "chose a time zone"),
    Tag.RESET_STARTED: _act("Execute", _ANYBODY, "began a reset, for this name"),
    Tag.RESET_CHALLENGED: _act("Execute", _ANYBODY, "asked for a code in a reset"),
    Tag.RESET_GATE_PASSED: _sign_in("a right answer in a reset", doer=_PERSON),
    Tag.RESET_GATE_REFUSED: _sign_in("a wrong answer in a reset", refused=True),
    Tag.PASSWORD_RESET: _user("PasswordReset", _PERSON, "reset the password"),
    Tag.ACCOUNT_UNLOCKED: _user("UserUnlocked", _PERSON, "unlocked the account, the password stays"),
    Tag.ACCESS_PASS_ISSUED: _user("PasswordReset", _PERSON, "was given a Temporary Access Pass, the password stays"),
    Tag.PASSWORD_CHANGED: _user("PasswordChanged", _PERSON, "changed the password, or chose the first one"),
    Tag.PASSWORD_REFUSED: _user("PasswordReset", _PERSON, "a password was not taken", **_FAILS),
    Tag.PASSWORD_UNKNOWN: _user("PasswordReset", _PERSON, "nobody knows whether it was set", **_UNKNOWN),
    Tag.CODE_DELIVERED: _act("Execute", _SERVICE, "a code was handed to a provider, or was not", succeeds=SENT),
    Tag.CODE_SPOKEN: _act("Execute", _SERVICE, "a code was spoken on the phone"),
    Tag.CODE_NOT_SPOKEN: _act("Execute", _SERVICE, "a call ended without the code", **_FAILS),
    Tag.NOTICE_DELIVERED: _act("Execute", _SERVICE, "a notice was handed to a provider, or was not", succeeds=SENT),
    Tag.NOTICE_GIVEN_UP: _act("Execute", _SERVICE, "a notice reached no address within a day", **_FAILS),
    Tag.REMINDER_DELIVERED: _act("Execute", _SERVICE, "a reminder was handed to a provider, or was not", succeeds=SENT),
    Tag.EXPIRY_DELIVERED: _act(
        "Execute", _SERVICE, "a notice before a password expires was handed to a provider, or was not", succeeds=SENT
    ),
    Tag.DELIVERY_LOST: _act("Execute", _SERVICE, "a message that could not be sent was given up", **_FAILS),
    Tag.MESSAGE_DISCARDED: _act("Delete", _SERVICE, "a message in a queue that the service did not write", **_FAILS),
    Tag.DELIVERY_REPORTED: _act("Other", _SERVICE, "a provider reported that a message did not arrive", **_FAILS),
    Tag.LIMIT_REACHED: _act("Other", _ANYBODY, "a limit was reached", **_FAILS),
    Tag.TOKEN_REFUSED: _sign_in("a token that is expired or was never one", refused=True),
    Tag.PREFILLED: _user(
        "UserModified",
        _STAFF,
        "supplied contacts for a person",
        succeeds=frozenset({"prefilled", "unchanged", "created", "directory"}),
    ),
    Tag.IMPORT_BEGUN: _act("Create", _STAFF, "began an import of contacts"),
    Tag.IMPORT_ENDED: _act("Execute", _SERVICE, "an import of contacts ended", succeeds=frozenset({"done"})),
    Tag.IMPORT_CANCELLED: _act("Delete", _STAFF, "cancelled an import of contacts"),
    Tag.IMPORT_RESUMED: _act("Execute", _STAFF, "resumed an import of contacts"),
    Tag.LETTER_MADE: _act("Read", _STAFF, "fetched the letter with an activation code of an import"),
    Tag.ERASED: _user("UserDeleted", _STAFF, "erased what is kept about a person"),
    Tag.UNBLOCKED: _user("UserUnlocked", _STAFF, "opened what was closed or stopped"),
    Tag.VIEWED: _user("UserRead", _STAFF, "looked at a person"),
    Tag.FROZEN: _user("UserDisabled", _STAFF, "stopped self-service for a person"),
    Tag.THAWED: _user("UserEnabled", _STAFF, "ended a stop of self-service"),
    Tag.CONTACT_REVEALED: _user("UserRead", _STAFF, "saw a contact in full"),
    Tag.METHOD_TAKEN: _user("UserModified", _STAFF, "removed a method of a person"),
    Tag.REREGISTRATION: _user("UserModified", _STAFF, "asked a person to confirm methods again"),
    Tag.METHODS_COMPROMISED: _user("UserModified", _STAFF, "declared methods compromised"),
    Tag.ACCOUNT_CREATED: _user("UserCreated", _STAFF, "an account was created"),
    Tag.ACTIVATION_ASKED: _act("Create", _STAFF, "asked for an activation code, which another one must approve"),
    Tag.ACTIVATION_ISSUED: _act("Create", _STAFF, "issued or approved an activation code"),
    Tag.ACTIVATION_NOT_ISSUED: _act("Create", _STAFF, "was refused an activation code", **_FAILS),
    Tag.ACTIVATION_REVOKED: _act("Delete", _STAFF, "revoked an activation code"),
    Tag.ACTIVATION_OPENED: _sign_in("entered the activation code", doer=_PERSON),
    Tag.ACTIVATION_REFUSED: _sign_in("an activation code that opens nothing", refused=True),
    Tag.ACTIVATION_USED: _act("Execute", _PERSON, "set something up with the activation code"),
    Tag.ACT_REFUSED: _act("Execute", _STAFF, "staff was refused an act: `cause` says which and why", **_FAILS),
    Tag.AUDIT_READ: _act("Read", _STAFF, "read the audit log"),
    Tag.COVERAGE_LISTED: _act("Read", _STAFF, "listed who is not ready"),
    Tag.COVERAGE_RECOUNTED: _act("Execute", _STAFF, "counted the coverage again"),
}


def result_of(event: AuditEvent) -> Result:
    """Return how it ended."""
    return MEANINGS[event.tag].result_with(event.cause)


NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("EventOriginalUid",),
    "at": ("TimeGenerated", "EventStartTime", "EventEndTime"),
    "action": ("EventOriginalType", "Operation"),
    "result": ("EventResult",),
    "asim_schema": ("EventSchema",),
    "asim_type": ("EventType",),
    "person": ("TargetUsername",),
    "person_id": ("TargetUserId",),
    "actor": ("ActorUsername",),
    "actor_id": ("ActorUserId",),
    "cause": ("EventOriginalResultDetails",),
}
"""The fields of an event that have names in ASIM. `AdditionalFields` has the others."""


def asim_record(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event, as the API answers it, with the names of ASIM. A field without a value is left out."""
    meaning = MEANINGS[Tag(event["action"])]
    made = {name: event[field] for field, names in NAMES.items() for name in names if event[field]}
    if not event["actor"] and not event["actor_id"] and meaning.doer is Doer.PERSON:
        made |= {name: event[f] for name, f in (("ActorUsername", "person"), ("ActorUserId", "person_id")) if event[f]}
    if event["network"] and not set("/ ") & {*event["network"]} and {*event["network"]} & set(".:"):  # a whole address
        made["SrcIpAddr"] = event["network"]
    if meaning.schema is Schema.AUDIT_EVENT:
        made |= {"Object": event["action"].split(":")[1], "ObjectType": "Other"}
    more = {field: value for field, value in event.items() if value and field not in NAMES}
    return {
        **made,
        "EventSchemaVersion": VERSIONS[meaning.schema],
        "EventCount": 1,
        "EventSeverity": "Informational" if event["result"] != Result.FAILURE else "Low",
        "EventVendor": "Sesame",
        "EventProduct": "Sesame",
        "Dvc": "Sesame",
        "AdditionalFields": more,
    }
