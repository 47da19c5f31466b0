"""Decide what helps a person next, as an administrator is told in plain words."""

from datetime import datetime
from enum import StrEnum

from shared.domain.account import DirectoryEntry
from shared.domain.activation import request_of
from shared.domain.closed import Closed, closures
from shared.domain.person import MethodState, Person
from shared.domain.policy import Policy
from shared.domain.sign_in_status import SignInStatus


class NextStep(StrEnum):
    """One step. The catalogue has a sentence for each."""

    ERASE = "erase"
    ENABLE = "enable"
    THAW = "thaw"
    APPROVE_ACTIVATION = "approve_activation"
    USE_ACTIVATION = "use_activation"
    ISSUE_ACTIVATION = "issue_activation"
    WAIT_OR_ACTIVATE = "wait_or_activate"
    UNBLOCK = "unblock"
    UNLOCK = "unlock"
    CONFIRM_PREFILLED = "confirm_prefilled"
    REGISTER = "register"
    WAIT_FOR_REST = "wait_for_rest"
    ADD_METHOD = "add_method"
    RECONFIRM = "reconfirm"
    NOTHING = "nothing"


def next_step(
    person: Person,
    entry: DirectoryEntry | None,
    *,
    status: SignInStatus,
    lacks: bool,
    rests: bool,
    policy: Policy,
    now: datetime,
) -> NextStep:
    """Return the first step that is needed, in the order in which they help.

    `entry` is None for a person who has left the directory. `lacks`: the registration has less than is asked for.
    `rests`: it opens every gate once its methods have rested.
    """
    if entry is None:
        return NextStep.ERASE
    closed = {one.what for one in closures(person, policy, now)}
    there, there_is_a_code = person.activation, False
    if there is not None:
        there_is_a_code = bool(there.mac) and now < there.expires_at
    usable = any(m.state is MethodState.CONFIRMED and m.name in policy.methods for m in person.methods)
    prefilled = any(m.state is MethodState.PREFILLED and m.name in policy.methods for m in person.methods)
    asked_again = any(m.must_renew and not m.is_compromised for m in person.confirmed)
    needed = {
        NextStep.ENABLE: not entry.enabled,
        NextStep.THAW: Closed.FROZEN in closed,
        NextStep.APPROVE_ACTIVATION: request_of(person, now) is not None,
        NextStep.USE_ACTIVATION: there_is_a_code,
        NextStep.ISSUE_ACTIVATION: Closed.COMPROMISED in closed or not (usable or entry.has_password),
        NextStep.WAIT_OR_ACTIVATE: Closed.EMPTIED in closed or (bool(person.used_up) and not usable),
        NextStep.UNBLOCK: bool(closed & {Closed.METHOD, Closed.SIGN_IN}),
        NextStep.UNLOCK: entry.locked,
        NextStep.CONFIRM_PREFILLED: not usable and prefilled,
        NextStep.REGISTER: not usable,
        NextStep.WAIT_FOR_REST: rests,
        NextStep.ADD_METHOD: not asked_again and (lacks or status is SignInStatus.MUST_REGISTER),
        NextStep.RECONFIRM: asked_again or status is SignInStatus.MUST_RECONFIRM,
    }
    return next((step for step, is_needed in needed.items() if is_needed), NextStep.NOTHING)
