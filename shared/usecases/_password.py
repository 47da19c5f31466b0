"""The one way a password is set: reserve, promise the notice, write to the directory, done (rule 11)."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.completion import done, reserved, withdrawn
from shared.domain.errors import OutcomeUnknown, Refused, TryAgain
from shared.domain.message import NoticeOrder
from shared.domain.person import Person
from shared.domain.trail import Trail
from shared.ports.clock import Clock
from shared.ports.directory import AccountChanged, Directory, DirectoryUnknown
from shared.ports.people import People, Stored
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._conditional import Decision, decide
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right to write one password, on a version that every other token has just lost to."""

    stored: Stored
    event: str
    earlier_epoch: datetime | None

    @property
    def person(self) -> Person:
        return self.stored.person


@dataclass(frozen=True, slots=True)
class SettingPassword:
    """The ports that setting a password needs, bundled once for the use-cases that set one."""

    people: People
    directory: Directory
    promised: PromisedNotices
    clock: Clock
    randomness: Randomness

    async def reserve(self, account: AccountKey, allowed: Callable[[Person], bool], *, client: str = "") -> Reservation:
        """Spend every token of the account, this one too, and leave the mark. Raises Refused where not `allowed`.

        Exactly one of many parallel callers gets a reservation: the version it draws makes all the others stale.
        """
        event, version = self.randomness.token(), self.randomness.token()

        def decision_on(person: Person) -> Decision[Person | None]:
            if not allowed(person):
                return Decision(None)
            return Decision(
                person,
                reserved(person, event=event, version=version, now=self.clock.now(), origin=coarse_network(client)),
            )

        told = await decide(
            self.people, account, decision_on, landed=lambda row: any(notice.event == event for notice in row.notices)
        )
        if (before := told.outcome) is None:
            raise Refused
        return Reservation(told.stored, event, before.password_epoch)

    async def write(
        self, reservation: Reservation, account: DirectoryEntry, password: str, trail: Trail, *, client: str = ""
    ) -> None:
        """Set the password, and order the notice.

        Raises PasswordNotTaken (the proof may be kept), Refused (the account is not as it was) or OutcomeUnknown, in
        which case the mark stays and the delayed notice says that the password may have changed.
        """
        try:
            # Promised before the directory is touched: a process that dies after the write still leaves the notice.
            await self.promised.promise(reservation.person.account)
        except TryAgain:
            await self.withdraw(reservation)
            raise
        try:
            await self.directory.set_password(account, password)
        except DirectoryUnknown as lost:
            raise OutcomeUnknown from lost
        except AccountChanged as changed:
            await self.withdraw(reservation)
            raise Refused from changed
        # The password is set, and that is what the person asked for. A mark that could not be cleared costs them a
        # notice that is less sure of itself, nothing else.
        with contextlib.suppress(TryAgain):
            await self._mark_done(reservation, client)
        trail.orders.append(NoticeOrder(account=reservation.person.account))

    async def withdraw(self, reservation: Reservation) -> None:
        """Take the mark and its notice back: the directory definitely holds the old password."""

        def decision_on(person: Person) -> Decision[None]:
            after = withdrawn(person, event=reservation.event, epoch=reservation.earlier_epoch)
            return Decision(None, None if after == person else after)

        with contextlib.suppress(TryAgain):  # else the mark stays, and the delayed notice errs on the safe side
            await decide(
                self.people,
                reservation.person.account,
                decision_on,
                landed=lambda row: all(notice.event != reservation.event for notice in row.notices),
                stored=reservation.stored,
            )

    async def _mark_done(self, reservation: Reservation, client: str) -> None:
        def decision_on(person: Person) -> Decision[None]:
            return Decision(None, done(person, event=reservation.event, client=client))

        await decide(
            self.people,
            reservation.person.account,
            decision_on,
            landed=lambda row: row.completion != reservation.event,
            stored=reservation.stored,
        )
