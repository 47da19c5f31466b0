"""Add, confirm, remove and prefill the methods of an account.

Long: these changes share their parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.daily_events import Event, counted
from shared.domain.errors import InvalidInput, Limited
from shared.domain.forgetting import remembered
from shared.domain.objection import GOOD_FOR
from shared.domain.person import (
    MAX_CHANGES,
    NEVER_FIRST,
    REGISTRATION_GATE,
    SHORT,
    Activation,
    AttemptId,
    Change,
    CodeId,
    EvidenceClass,
    Failures,
    MethodState,
    Notice,
    Offer,
    PendingMethod,
    Person,
    Provenance,
    Purpose,
    RegisteredMethod,
    Renewal,
    Sealed,
    Source,
)
from shared.domain.policy import Policy
from shared.domain.rest import guarded_until, rests_until


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMethod:
    """A contact or a kept secret to be added, and who supplied it."""

    sealed: Sealed
    source: Source
    label: str = ""
    replaces: str = ""
    """The credential that it replaces, where there may be several."""
    proved: bool = False
    fully_proved: bool = False
    is_stored: bool = False
    """Whether it is the contact that is on the row, to be confirmed as it is."""
    opening: str = ""
    """The opening of an activation in which it is begun."""

    @property
    def name(self) -> str:
        return self.sealed.method


def begun_with_code(
    person: Person,
    new: NewMethod,
    channel: str,
    *,
    registration: str,
    nonce: str,
    code_key: int,
    now: datetime,
    policy: Policy,
) -> tuple[Person, PendingMethod]:
    """Return the row with a pending contact and the code to send, and that pending contact.

    The same contact again is a resend: it needs the wait and gives no new tries. Another contact replaces the pending
    one and starts again. Raises Limited while the wait runs, or when all sends are used.
    """
    pending, send = _fresh(new, registration, nonce, now, policy), 1
    earlier = person.pending_for(new.name)
    same = earlier is not None and earlier.destination == new.sealed.destination and now < earlier.expires_at
    if earlier and earlier.code and earlier.sent_at and same:
        free_at = earlier.sent_at + policy.wait_after(earlier.code.send)
        if now < free_at:
            raise Limited(int((free_at - now).total_seconds()) + 1)
        if earlier.code.send >= policy.sends_per_gate:
            raise Limited(int((earlier.expires_at - now).total_seconds()) + 1)
        code_key, send = earlier.code_key, earlier.code.send + 1
        pending = replace(pending, attempt=earlier.attempt, expires_at=earlier.expires_at)
    code = CodeId(attempt=pending.attempt, channel=channel, send=send)
    return _with_pending(person, replace(pending, code=code, code_key=code_key, sent_at=now))


def begun_with_secret(
    person: Person, new: NewMethod, most: int, *, registration: str, nonce: str, now: datetime, policy: Policy
) -> tuple[Person, PendingMethod]:
    """Return the row with a pending kept secret, and that pending secret.

    Raises InvalidInput if the account already has `most` credentials, or if the one to be replaced does not exist.
    """
    credentials = [method.credential for method in person.methods if method.name == new.name]
    if new.replaces and new.replaces not in credentials:
        raise InvalidInput("credential", "not_registered")
    if not new.replaces and len(credentials) >= most:
        raise InvalidInput("method", "too_many")
    return _with_pending(person, _fresh(new, registration, nonce, now, policy))


def refuse_alone(person: Person, kind: EvidenceClass, policy: Policy, now: datetime) -> None:
    """Raise InvalidInput for a method that proves too little where it would be (rule 14).

    Accounts with a role cannot use it. Without a method that proves something alone, it would be the only one, and
    whoever has only the password could go on adding methods (rule 20).
    """
    if kind in NEVER_FIRST and person.privileged:
        raise InvalidInput("method", "not_offered")
    if kind in NEVER_FIRST and not person.provers(policy.methods, now):
        raise InvalidInput("method", "needs_another")


def _fresh(new: NewMethod, registration: str, nonce: str, now: datetime, policy: Policy) -> PendingMethod:
    attempt = AttemptId(
        purpose=Purpose.REGISTRATION, verification=registration, gate=REGISTRATION_GATE, method=new.name
    )
    return PendingMethod(
        sealed=new.sealed,
        source=new.source,
        label=new.label,
        replaces=new.replaces,
        proved=new.proved,
        fully_proved=new.fully_proved,
        is_stored=new.is_stored,
        opening=new.opening,
        attempt=attempt,
        expires_at=now + timedelta(seconds=policy.verification_seconds),
        nonce=nonce,
    )


def _with_pending(person: Person, pending: PendingMethod) -> tuple[Person, PendingMethod]:
    others = tuple(other for other in person.pending if other.name != pending.name)
    return replace(person, pending=(*others, pending)), pending


def confirmed(
    person: Person,
    pending: PendingMethod,
    proved: Sealed,
    *,
    event: str,
    version: str,
    now: datetime,
    policy: Policy,
    origin: str = "",
) -> Person:
    """Return the row after the right answer for `pending`. `proved` is what is stored for the method.

    A changed method changes the account version, and keeps the old address for notices. So does an address of an
    administrator that the person corrects, since it may be right (rule 13). A first or an unchanged one does neither
    (rule 12).
    """
    old = person.method(pending.name, pending.replaces)
    unchanged = old is not None and old.destination == proved.destination
    was_confirmed = old is not None and old.state is MethodState.CONFIRMED
    others = tuple(method for method in person.methods if method is not old)
    again = unchanged and was_confirmed and old is not None and not old.is_compromised
    usable_from: datetime | None = _rest(person, pending, now, policy) or now
    if again and old is not None:
        usable_from = old.usable_from
    method = RegisteredMethod(
        sealed=proved,
        state=MethodState.CONFIRMED,
        source=old.source if old is not None and unchanged else pending.source,
        set_at=old.set_at if old is not None and unchanged else now,
        label=pending.label or (old.label if old is not None else ""),
        confirmed_at=now,
        usable_from=usable_from,
        provenance=_provenance(old, proved),
    )
    changed = old is not None and not unchanged
    after = replace(
        person,
        methods=(*others, method),
        had_method=True,
        emptied=False,
        activation=_still_good(person, pending),
        pending=tuple(other for other in person.pending if other.name != pending.name),
        failures=_after_confirmation(person, others, pending.name),
    )
    if changed and old is not None:
        after = replace(
            after,
            version=version if was_confirmed else person.version,
            removed=person.removed if old.state is MethodState.USED_UP else remembered(person, old, now),
            guarded_until=guarded_until(person, old, now, policy),
        )
    if again:
        return after
    change = Change(
        event=event,
        at=now,
        method=pending.name,
        gone=old.destination[:SHORT] if old is not None and was_confirmed and changed else "",
        new=proved.destination[:SHORT],
        fully_proved=pending.fully_proved,
    )
    return told(after, change, "method_changed" if changed else "method_added", origin)


def _provenance(old: RegisteredMethod | None, proved: Sealed) -> Provenance | None:
    """Return where what was confirmed came from. None if the person entered it."""
    if old is None:
        return None
    if old.offer is not None and old.offer.sealed.destination == proved.destination:
        return old.offer.provenance
    return old.provenance if old.destination == proved.destination else None


def _still_good(person: Person, pending: PendingMethod) -> Activation | None:
    """Return the activation. One administrator's code ends with the first method of an ordinary sign-in (rule 27).

    That administrator knows the code, and could add a method beside those of the owner. With an approved code, which
    may lie in a letter, what is added beside them rests.
    """
    there = person.activation
    if there is None or pending.opening:
        return there
    return replace(there, rests=True) if there.approved else None


def _rest(person: Person, pending: PendingMethod, now: datetime, policy: Policy) -> datetime | None:
    """Return the end of its rest. None if it need not rest (rules 21 and 27)."""
    if pending.opening and person.activation is not None and person.activation.rests:
        return now + timedelta(hours=policy.new_method_rest_hours)
    return None if pending.proved else rests_until(person, now, policy)


def is_change(person: Person, pending: PendingMethod) -> bool:
    """Whether a right answer for `pending` adds or changes a method, and does not only confirm it again."""
    old = person.method(pending.name, pending.replaces)
    stays = old is not None and old.state is MethodState.CONFIRMED and not old.is_compromised
    return old is None or not stays or old.destination != pending.destination


def _after_confirmation(person: Person, others: tuple[RegisteredMethod, ...], name: str) -> Mapping[str, Failures]:
    """Return the failures: a confirmation after sign-in reopens a method that strangers had closed (rule 10).

    While another credential of the method is registered, the failures of the day stay: otherwise somebody who knows the
    password could add an app again and again, for endless guesses against the app of the owner (rule 14).
    """
    another = any(other.name == name for other in others)
    return {
        key: replace(failures, consecutive=0) if key.endswith(f":{name}") else failures
        for key, failures in person.failures.items()
        if another or not key.endswith(f":{name}")
    }


def removed(
    person: Person,
    name: str,
    credential: str,
    *,
    event: str,
    version: str,
    now: datetime,
    policy: Policy,
    origin: str = "",
    fully_proved: bool = False,
    by_administrator: bool = False,
) -> Person:
    """Return the row without that method and its pending entry. Raises InvalidInput when there is neither."""
    method, pending = person.method(name, credential), person.pending_for(name)
    if credential and pending is not None and pending.replaces != credential:
        pending = None  # it is for another credential of the same method, and stays
    if method is None and pending is None:
        raise InvalidInput("method", "not_registered")
    after = replace(
        person,
        methods=tuple(other for other in person.methods if other is not method),
        pending=tuple(other for other in person.pending if other is not pending),
    )
    if method is None or method.state is not MethodState.CONFIRMED:
        return after
    after = replace(
        after,
        version=version,
        had_method=True,
        emptied=by_administrator
        and not any(other.sealed.evidence.kind not in NEVER_FIRST for other in after.confirmed),
        removed=remembered(person, method, now),
        guarded_until=guarded_until(person, method, now, policy),
    )
    change = Change(
        event=event,
        at=now,
        method=name,
        gone=method.destination[:SHORT],
        fully_proved=fully_proved,
    )
    return told(after, change, "method_removed_by_administrator" if by_administrator else "method_removed", origin)


def told(person: Person, change: Change, template: str, origin: str) -> Person:
    """Return the row with the change counted, its notice, and what is needed to stop it (rule 29)."""
    kept = (earlier for earlier in person.changes if change.at < earlier.at + GOOD_FOR)
    after = replace(counted(person, Event.METHOD, change.at), changes=(*kept, change)[-MAX_CHANGES:])
    return after.with_notice(
        Notice(event=change.event, template=template, at=change.at, method=change.method, origin=origin)
    )


def prefilled(person: Person, new: Sealed, now: datetime, provenance: Provenance | None = None) -> tuple[Person, str]:
    """Return the row with the administrator's contact, and `prefilled`, `unchanged` or `confirmed_by_person`.

    A contact that the person confirmed is never replaced here: otherwise anybody with an administrator's session or
    file could take over the account (R-65).
    """
    old = person.method(new.method)
    if old is not None and old.state is MethodState.CONFIRMED:
        return person, "unchanged" if new.destination in old.destinations else "confirmed_by_person"
    if old is not None and old.destination == new.destination:
        return person, "unchanged"
    method = RegisteredMethod(
        sealed=new, state=MethodState.PREFILLED, source=Source.ADMINISTRATOR, set_at=now, provenance=provenance
    )
    others = tuple(other for other in person.methods if other is not old)
    return replace(person, methods=(*others, method)), "prefilled"


def prefilled_by_directory(person: Person, contacts: Sequence[Sealed], now: datetime) -> Person:
    """Return the row with what the directory has now, in place of what it had before.

    What the person confirmed and what an administrator supplied are never replaced.
    """
    new = {contact.method: contact for contact in contacts}

    def stays(method: RegisteredMethod) -> bool:
        taken = method.state is MethodState.PREFILLED and method.source is Source.DIRECTORY
        return not taken or (method.name in new and method.destination == new[method.name].destination)

    kept = tuple(method for method in person.methods if stays(method))
    added = (
        RegisteredMethod(sealed=contact, state=MethodState.PREFILLED, source=Source.DIRECTORY, set_at=now)
        for contact in contacts
        if contact.method not in {method.name for method in kept}
    )
    return replace(person, methods=(*kept, *added))


def may_be_overwritten(person: Person, new: Sealed) -> bool:
    """Whether the person confirmed another contact, which nobody declared compromised, and that is not offered yet."""
    old = person.method(new.method)
    confirmed = old is not None and old.state is MethodState.CONFIRMED and not old.is_compromised
    return confirmed and old is not None and new.destination not in old.destinations


def overwritten(
    person: Person, offers: Mapping[str, Offer], *, notice: Notice, version: str, session_version: str
) -> Person:
    """Return the row with contacts of an administrator, by method, in the place of those that the person confirmed.

    What was confirmed opens no gate any more. It keeps the power to prove a change, so that neither an administrator
    nor who has a session of one takes over the account (rule 20), and it is told. Every reset and every session that is
    under way ends, and so does what was begun for these methods (rule 13).
    """
    renewal = Renewal(at=notice.at)
    methods = tuple(
        replace(
            method,
            offer=offers[method.name],
            renewal=renewal
            if method.renewal is None or renewal.closes_at < method.renewal.closes_at
            else method.renewal,
        )
        if method.name in offers
        else method
        for method in person.methods
    )
    after = replace(
        person,
        methods=methods,
        pending=tuple(pending for pending in person.pending if pending.name not in offers),
        version=version,
        session_version=session_version,
    )
    return after.with_notice(notice, alone=True)
