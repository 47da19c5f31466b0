"""Issue an activation code, or ask a second administrator to, on an administrator's request (M26, rule 27)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.domain.activation import issued, needs_two, request_of
from shared.domain.contact import masked_name
from shared.domain.errors import InvalidInput
from shared.domain.person import ActivationRequest, Person
from shared.domain.policy import Policy
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._activations import Activations, Target
from shared.usecases._name_binding import NameBinding
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A code, which is shown this once, or the request that waits for a second administrator."""

    state: Literal["issued", "waiting"]
    identifier: str
    """The name of the account in the directory."""
    expires_at: datetime | None = None
    code: str | None = None
    request: str | None = None
    """The id of the request. An approval names it, so that nobody approves another one than they were shown."""
    asked_by: str | None = None
    """The name of the administrator who asked."""
    own: bool = False
    """Whether the caller asked, so that another one must approve."""
    asked_at: datetime | None = None
    reason: str
    first_password: bool
    """Whether the person will choose the first password."""
    language: str | None
    """That of messages to the person. None: not known."""


@dataclass(frozen=True, slots=True)
class Activate:
    """Issues a code for a person who never had a confirmed method and has no role; for others it takes a second one.

    The administrator who asked never sees the code: it is drawn at the approval and is in the answer to that.
    """

    activations: Activations
    rows: Rows
    name_binding: NameBinding
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, identifier: str, reason: str | None, trail: Trail) -> Outcome:
        """Issue a code, or ask. A request of another administrator that waits is returned, and stays as it is.

        Without a reason nothing is issued and nothing is asked for: only what waits is returned.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed (also for the own account), TryAgain, and InvalidInput
        for a name of nobody and for an account that is disabled or frozen.
        """
        target = await self.activations.target(token, identifier, trail, reason or "")
        now, event, serial = self.clock.now(), self.randomness.token(), self.randomness.token()
        code = self.activations.code(self.randomness.seed())
        await self.name_binding.bind(target.entry)
        row = self.rows.change(target.account, event)
        while True:
            person = await row.read()
            self.activations.refuse_closed(person, target, trail)
            if needs_two(person, privileged=target.entry.is_privileged):
                asked, asker = await self._waiting(person, target, now)
                if asked is not None and (reason is None or asked.asked_by != target.actor.entry.object_id):
                    return _outcome(person, target, asked.reason, asked=asked, asked_by=asker)
                if reason is None:
                    raise InvalidInput("reason", "missing")
                asked = ActivationRequest(serial=serial, asked_by=target.actor.entry.object_id, reason=reason, at=now)
                after = replace(person, activation_request=asked)
            elif reason is None:
                raise InvalidInput("reason", "missing")
            else:
                asked, after = None, self._issued(person, target, serial, code, event, now, approved=False)
                if after.owes(event):
                    await row.promise(self.promised.promise)
            if await row.write(after):
                break
        self._record(trail, Tag.ACTIVATION_ISSUED if asked is None else Tag.ACTIVATION_ASKED, target, serial)
        if asked is not None:
            return _outcome(after, target, reason, asked=asked, asked_by=target.actor.name)
        return _outcome(after, target, reason, code=code)

    async def approve(self, token: str, identifier: str, request: str, reason: str, trail: Trail) -> Outcome:
        """Issue the code that another administrator asked for. The reason is that of whoever approves.

        Raises InvalidInput where no such request waits, or the caller made it; and the same as above.
        """
        target = await self.activations.target(token, identifier, trail, reason)
        now, event = self.clock.now(), self.randomness.token()
        code = self.activations.code(self.randomness.seed())
        row = self.rows.change(target.account, event)
        while True:
            person = await row.read()
            self.activations.refuse_closed(person, target, trail)
            asked, _ = await self._waiting(person, target, now)
            if asked is None or asked.serial != request:
                self.activations.refuse(trail, target, "no_request")
                raise InvalidInput("request", "no_request")
            if asked.asked_by == target.actor.entry.object_id:
                self.activations.refuse(trail, target, "same_administrator")
                raise InvalidInput("request", "same_administrator")
            after = self._issued(person, target, asked.serial, code, event, now, approved=True)
            if after.owes(event):
                await row.promise(self.promised.promise)
            if await row.write(after):
                break
        self._record(trail, Tag.ACTIVATION_ISSUED, target, asked.serial)
        return _outcome(after, target, asked.reason, code=code)

    async def _waiting(self, person: Person, target: Target, now: datetime) -> tuple[ActivationRequest | None, str]:
        """Return the request that can be approved, and who asked. One who may not now asked in vain (rule 24)."""
        asked = request_of(person, now)
        if asked is None:
            return None, ""
        asker = await self.activations.staff.resume(asked.asked_by, Right.ACTIVATE, asked.reason)
        if asker is None or await self.activations.staff.refusal(asker, target.entry, target.account):
            return None, ""
        return asked, asker.name

    def _issued(
        self, person: Person, target: Target, serial: str, code: str, event: str, now: datetime, *, approved: bool
    ) -> Person:
        own = replace(
            person,
            object_id=target.entry.object_id,
            masked_name=masked_name(target.entry.names[0]),
            privileged=target.entry.is_privileged,
        )
        mac = self.activations.mac(target.account, serial, code)
        return issued(own, serial=serial, mac=mac, approved=approved, event=event, now=now, policy=self.policy)

    def _record(self, trail: Trail, tag: Tag, target: Target, serial: str) -> None:
        """The serial leads from a use of the code to its issue, and from there to whoever asked for it."""
        self.activations.staff.record(trail, tag, target.actor, target.account, verification=serial)


def _outcome(
    person: Person,
    target: Target,
    reason: str,
    *,
    code: str | None = None,
    asked: ActivationRequest | None = None,
    asked_by: str | None = None,
) -> Outcome:
    return Outcome(
        state="issued" if code is not None else "waiting",
        identifier=target.entry.names[0],
        expires_at=person.activation.expires_at if code is not None and person.activation else None,
        code=code,
        request=asked.serial if asked else None,
        asked_by=asked_by,
        own=asked is not None and asked.asked_by == target.actor.entry.object_id,
        asked_at=asked.at if asked else None,
        reason=reason,
        first_password=not target.entry.has_password,
        language=person.message_language or None,
    )
