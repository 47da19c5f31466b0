"""Show an administrator one person: the account, the methods without contacts, what is closed, what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.account import ManagedBy, ObjectId
from shared.domain.activation import request_of
from shared.domain.closed import Closure, closures
from shared.domain.gates import Lack
from shared.domain.loss_wait import wait_of
from shared.domain.next_step import NextStep, next_step
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.roles import Right
from shared.domain.sign_in_status import SignInStatus
from shared.domain.trail import Tag, Trail
from shared.domain.unproved_change import TEMPLATE as UNPROVED
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.people import People
from shared.usecases._named_person import NamedPeople
from shared.usecases._own_registration import MethodView, OwnRegistration
from shared.usecases._sealing import Sealing


class State(StrEnum):
    """The account in the directory."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    LEFT = "left"
    """It is no longer there, and something is kept about the person."""


class Waiting(StrEnum):
    """What runs without anybody acting."""

    CHANGE_UNPROVED = "change_unproved"
    """Somebody signed in and tried a change without a proof. Unless one comes, every address is told."""
    LOSS = "loss"
    """Every method was reported lost. From `ends_at` to `lapses_at` one may be added without a proof."""
    REST = "rest"
    """The methods open every gate from `ends_at` on."""
    COMPLETION = "completion"
    """A new password is being set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One thing that runs."""

    what: Waiting
    since: datetime | None = None
    ends_at: datetime | None = None
    lapses_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A contact that was removed and still gets notices."""

    method: str
    masked: str
    removed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An activation code, or the request for one: `asked`, `issued` or `used`."""

    state: str
    expires_at: datetime | None = None
    asked_at: datetime | None = None
    asked_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person as an administrator sees them. No contact is complete, and nothing of a secret is in it."""

    identifier: str
    names: tuple[str, ...]
    shared_names: tuple[str, ...]
    state: State
    locked: bool
    privileged: bool
    roles: tuple[str, ...]
    managed_by: ManagedBy
    has_password: bool
    password_changed_at: datetime | None
    password_expires_at: datetime | None
    methods: tuple[MethodView, ...]
    status: SignInStatus
    lacks: tuple[Lack, ...]
    ready: bool
    confirmed_at: datetime | None
    """When something was confirmed last."""
    due_at: datetime | None
    removed: tuple[Removed, ...]
    closed: tuple[Closure, ...]
    frozen_by: str
    """The administrator who stopped self-service. Empty after an objection."""
    freeze_reason: str
    waits: tuple[Wait, ...]
    activation: Issued | None
    owed_notices: int
    """Messages about security events that are not sent to every address yet."""
    next_step: NextStep


@dataclass(frozen=True, slots=True)
class ViewPerson:
    """Reads one row, and asks the directory about the account. That somebody looked is on the record."""

    named_people: NamedPeople
    own_registration: OwnRegistration
    sealing: Sealing
    people: People
    directory: Directory
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, identifier: str, trail: Trail) -> PersonView:
        """Return the person who has this name, whichever of the names it is.

        Raises SignInRequired, Frozen, NotAllowed, InvalidInput, TryAgain, and NotFound where nobody has the name.
        """
        named = await self.named_people.named(token, Right.READ_PEOPLE, identifier, trail, Tag.VIEWED)
        person, entry, now = (await self.people.read(named.account)).person, named.entry, self.clock.now()
        roles = entry.roles if entry is not None else frozenset[str]()
        registration = await self.own_registration.view(person, roles)
        status = await self.own_registration.status(person, roles)
        self.named_people.staff.record(trail, Tag.VIEWED, named.actor, named.account)
        return PersonView(
            identifier=entry.names[0] if entry else identifier,
            names=entry.names if entry else (),
            shared_names=entry.shared_names if entry else (),
            state=State.LEFT if entry is None else State.ENABLED if entry.enabled else State.DISABLED,
            locked=entry is not None and entry.locked,
            privileged=entry.is_privileged if entry else person.privileged,
            roles=tuple(sorted(roles)),
            managed_by=entry.managed_by if entry else ManagedBy.THIS_DIRECTORY,
            has_password=entry is not None and entry.has_password,
            password_changed_at=entry.password_changed_at if entry else None,
            password_expires_at=entry.password_expires_at if entry else None,
            methods=tuple(_masked(method) for method in registration.methods),
            status=status,
            lacks=registration.lacks,
            ready=registration.ready,
            confirmed_at=max((m.confirmed_at for m in person.methods if m.confirmed_at), default=None),
            due_at=registration.due_at,
            removed=tuple(self._removed(person)),
            closed=tuple(closures(person, self.policy, now)),
            frozen_by=await self._name_of(person.freeze.by) if person.freeze else "",
            freeze_reason=person.freeze.reason if person.freeze else "",
            waits=tuple(self._waits(person, registration.ready_from, now)),
            activation=await self._activation(person, now),
            owed_notices=len(person.notices),
            next_step=next_step(
                person,
                entry,
                status=status,
                lacks=bool(registration.lacks),
                rests=registration.ready_from is not None,
                policy=self.policy,
                now=now,
            ),
        )

    def _removed(self, person: Person) -> Iterator[Removed]:
        for gone in person.removed:
            if (contact := self.sealing.open_contact(person.account, gone.sealed)) is not None:
                yield Removed(method=gone.sealed.method, masked=contact.masked, removed_at=gone.removed_at)

    async def _name_of(self, object_id: ObjectId) -> str:
        entry = await self.directory.find(object_id)
        return entry.names[0] if entry is not None else ""

    async def _activation(self, person: Person, now: datetime) -> Issued | None:
        if (asked := request_of(person, now)) is not None:
            by = await self._name_of(asked.asked_by)
            return Issued(state="asked", asked_at=asked.at, asked_by=by, reason=asked.reason)
        there = person.activation
        if there is None or there.expires_at <= now:
            return None
        return Issued(state="issued" if there.mac else "used", expires_at=there.expires_at)

    def _waits(self, person: Person, ready_from: datetime | None, now: datetime) -> Iterator[Wait]:
        for notice in person.notices:
            if notice.template == UNPROVED and notice.next_at is not None and now < notice.next_at:
                yield Wait(what=Waiting.CHANGE_UNPROVED, since=notice.at, ends_at=notice.next_at)
        if (loss := wait_of(person, self.policy, now)) is not None:
            yield Wait(what=Waiting.LOSS, since=person.lost_at, ends_at=loss[0], lapses_at=loss[1])
        if ready_from is not None:
            yield Wait(what=Waiting.REST, ends_at=ready_from)
        if person.completion and person.completion_until is not None and now < person.completion_until:
            yield Wait(what=Waiting.COMPLETION, ends_at=person.completion_until)


def _masked(method: MethodView) -> MethodView:
    return replace(method, contact="", pending_contact=None, offered_contact="")
