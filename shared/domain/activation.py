"""Decide when an activation takes two administrators, and compute the rows of it (rule 27).

asked ──▶ issued ──▶ opened, any number of times ──▶ spent by the first confirmation, in one of the openings
│         │                                              │
└─────────┴── revoked, replaced by a new one, expired    └── that opening goes on until it expires
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.loss_wait import ended
from shared.domain.person import Activation, ActivationRequest, Notice, Person
from shared.domain.policy import Policy

LENGTH: Final = 16
"""Characters of a code, of five bits each: 80 bits (NIST SP 800-63B-4 4.2.1.1 asks for 64)."""

GROUP: Final = 4
"""Characters of a group, as a letter shows it."""

ASKED_FOR: Final = timedelta(days=3)
"""How long a second administrator may approve."""

LONGEST_REASON: Final = 80


def shown(code: str) -> str:
    """Return the code in groups, as people read it: `K7QM-2XPD-9RTV-4HJC`."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def needs_two(person: Person, *, privileged: bool) -> bool:
    """Whether a second administrator must approve: for who had a confirmed method, and for accounts with a role.

    One administrator who activates another one alone could then approve in that one's name.
    """
    return person.ever_had_method or privileged


def request_of(person: Person, now: datetime) -> ActivationRequest | None:
    """Return the request that can still be approved."""
    asked = person.activation_request
    return asked if asked is not None and now < asked.at + ASKED_FOR else None


def issued(
    person: Person, *, serial: str, mac: str, approved: bool, event: str, now: datetime, policy: Policy
) -> Person:
    """Return the row with a code that replaces every earlier one. Everybody who ever gets notices is told."""
    activation = Activation(
        serial=serial,
        mac=mac,
        expires_at=now + timedelta(days=policy.activation_days),
        approved=approved,
        rests=person.ever_had_method,
    )
    after = replace(_without_begun(person), activation=activation, activation_request=None)
    if not (person.confirmed or person.removed):
        return after  # nobody to be told: what nobody has confirmed may belong to somebody else
    return after.with_notice(Notice(event=event, template="activation_issued", at=now), alone=True)


def revoked(person: Person) -> Person:
    """Return the row without a code and without a request. What was begun with the code is withdrawn."""
    return replace(_without_begun(person), activation=None, activation_request=None)


def is_enough(person: Person, *, privileged: bool) -> bool:
    """Whether the code was issued by as many administrators as the account needs now: it may have got a role since."""
    return person.activation is not None and (person.activation.approved or not privileged)


def opens(activation: Activation | None, serial: str, opening: str) -> bool:
    """Whether that opening of the code may go on: the code stands, and no other opening has spent it."""
    return activation is not None and activation.serial == serial and activation.spent_by in {"", opening}


def spent(person: Person, opening: str) -> Person:
    """Return the row after something was confirmed in that opening. The code is right for nobody any more.

    It has given what somebody who lost every method was waiting for. A stolen sign-in may have begun that wait.
    """
    if not opening or person.activation is None or person.activation.spent_by:
        return person
    return replace(ended(person), activation=replace(person.activation, spent_by=opening, mac=""))


def _without_begun(person: Person) -> Person:
    return replace(person, pending=tuple(pending for pending in person.pending if not pending.opening))
