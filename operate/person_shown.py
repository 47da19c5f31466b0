"""Writes a person for a terminal, from the answer of `admin/people/find`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.domain.audit_schema import MEANINGS

ABOUT: Final = {tag.value: meaning.about for tag, meaning in MEANINGS.items()}
Person = Mapping[str, Any]
Cells = tuple[str, ...]

STATES: Final = {"enabled": "enabled", "disabled": "disabled in the directory", "left": "no longer in the directory"}
CLOSED: Final = {
    "frozen": "Self-service is stopped",
    "compromised": "Every change takes an activation code: the methods were declared compromised",
    "emptied": "Adding a method takes the wait after a reported loss, or an activation code: the last one was removed",
    "method": "Too many wrong answers",
    "sign_in": "Too many wrong passwords: sign-in from unknown networks takes a bot check",
}
WAITS: Final = {
    "change_unproved": "A change was tried without a proof. Every address is told unless one comes",
    "loss": "All methods were reported lost. One may be added without a proof",
    "rest": "The methods rest, and open every gate of a reset",
    "completion": "A password is being set",
}
MANAGED: Final = {
    "on_premises": "by a directory on premises: the password is not set here",
    "another_organisation": "by another organisation: the password is not set here",
    "administrators": "by other administrators alone: the password is not set here",
}
ENTERED: Final = {
    "administrator": "entered by an administrator",
    "directory": "taken from the directory",
    "self": "entered by the person",
}
ACTIVATION: Final = {"asked": "waits for a second administrator", "issued": "not used yet", "used": "used"}


def line_of(person: Person) -> str:
    """Return whose name it is, in one line."""
    others = f" ({', '.join(person['names'][1:])})" if person["names"][1:] else ""
    return f"{person['identifier']}{others}: {_state(person)}. {person['advice']}"


def timeline_of(page: Mapping[str, Any]) -> str:
    """Return what happened, newest first. What the person is not shown has the words of the audit schema."""
    return "\n".join(_columns([_event(one) for one in page["events"]])) if page["events"] else "Nothing has happened."


def _event(one: Mapping[str, Any]) -> Cells:
    by = f"by {one['actor'] or 'somebody with a role'}" if one["by_staff"] else ""
    ended = {"Failure": "refused", "NA": "nothing to do"}.get(one["result"], "") if by else ""
    facts = (by, ended, one["method"], one["reason"], one["network"], one["device"], one["reference"])
    return _when(one["at"]), one["words"] or ABOUT.get(one["action"], one["action"]), ", ".join(f for f in facts if f)


def page_of(person: Person) -> str:
    """Return all of it."""
    return "\n".join(_lines(person))


def _lines(person: Person) -> Iterator[str]:
    yield person["identifier"]
    yield from _columns([*_about(person)])
    parts: tuple[tuple[str, list[Cells]], ...] = (
        ("Methods", [*_methods(person)]),
        ("Removed, still told", [(_name(one), one["masked"], _when(one["removed_at"])) for one in person["removed"]]),
        ("Closed", [*_closed(person)]),
        ("Under way", [*_waits(person)]),
    )
    for title, lines in parts:
        if lines:
            yield f"\n{title}"
            yield from _columns(lines)
    yield f"\nNext: {person['advice']}"


def _about(person: Person) -> Iterator[Cells]:
    if person["names"][1:]:
        yield "Names", ", ".join(person["names"])
    if person["shared_names"]:
        yield "Shared", f"{', '.join(person['shared_names'])}: another account has them too, so they lead to nobody"
    yield "Account", _state(person)
    if person["roles"]:
        yield "Roles", ", ".join(person["roles"])
    if person["managed_by"] in MANAGED:
        yield "Managed", MANAGED[person["managed_by"]]
    if person["state"] != "left":
        changed = _when(person["password_changed_at"])
        expires = f", expires {_when(person['password_expires_at'])}" if person["password_expires_at"] else ""
        yield "Password", f"set {changed}{expires}" if person["has_password"] else "none yet"
    if person["confirmed_at"]:
        yield "Confirmed", _when(person["confirmed_at"])
    if person["due_at"]:
        yield "Due", _when(person["due_at"])
    not_now = "not possible with these methods now" if person["methods"] else "not possible: there is no method"
    yield "Reset", "possible now" if person["ready"] else not_now
    if (activation := person["activation"]) is not None:
        yield "Activation", _activation(activation)
    if person["owed_notices"]:
        yield "Messages", f"{person['owed_notices']} about security events are not sent to every address yet"


def _state(person: Person) -> str:
    locked = ", locked by the directory" if person["locked"] else ""
    return f"{STATES[person['state']]}{locked}{', has a role' if person['privileged'] else ''}"


def _activation(activation: Mapping[str, Any]) -> str:
    state = ACTIVATION[activation["state"]]
    if activation["state"] == "asked":
        return f"{state}; {activation['asked_by']} asked {_when(activation['asked_at'])}: {activation['reason']}"
    return f"code {state}, good until {_when(activation['expires_at'])}"


def _methods(person: Person) -> Iterator[Cells]:
    for one in person["methods"]:
        notes = [f"confirmed {_when(one['confirmed_at'])}" if one["confirmed_at"] else ""]
        notes += [
            ENTERED[one["source"]] + (f" ({one['permission']}, {one['attested_by']})" if one["permission"] else "")
        ]
        notes += [f"rests until {_when(one['usable_from'])}" if one["usable_from"] else ""]
        notes += [f"to be confirmed again by {_when(one['opens_until'])}" if one["state"] == "renew" else ""]
        notes += [f"{one['left']} left" if one["left"] is not None else ""]
        notes += ["needed for a reset" if one["needed"] else ""]
        notes += [f"--credential {one['credential']}" if one["credential"] else ""]
        yield _name(one), one["masked"] or one["label"], one["state"], "; ".join(note for note in notes if note)


def _closed(person: Person) -> Iterator[Cells]:
    for one in person["closed"]:
        text = CLOSED[one["what"]]
        if one["what"] == "method":
            gate = f", gate {one['gate']}" if one["gate"] else ""
            text = f"{text}: {_name(one)}, for a {one['purpose']}{gate}"
        since = f" since {_when(one['since'])}" if one["since"] else ""
        until = f", until {_when(one['until'])}" if one["until"] else ""
        yield (f"{text}{since}{until}{_who_froze(person) if one['what'] == 'frozen' else ''}",)


def _who_froze(person: Person) -> str:
    by, why = person["frozen_by"], person["freeze_reason"]
    return f", by {by or 'an administrator'}: {why}" if why else ", by an objection to a change"


def _waits(person: Person) -> Iterator[Cells]:
    for one in person["waits"]:
        opens = one["what"] in {"loss", "rest"}
        lapses = f" to {_when(one['lapses_at'])}" if one["lapses_at"] else ""
        yield (f"{WAITS[one['what']]}, {'from' if opens else 'by'} {_when(one['ends_at'])}{lapses}",)


def _name(one: Mapping[str, Any]) -> str:
    return str(one["method"])


def _when(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC" if text else "never"


def _columns(rows: Sequence[Cells]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows if place < len(row)) for place in range(max(map(len, rows)))]
    for row in rows:
        yield ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))).rstrip()
