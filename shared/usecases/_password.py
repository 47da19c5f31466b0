"""Set a password, or end a lock: promise the notice, reserve, write to the directory, mark as done (rule 11)."""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from shared.domain.account import DirectoryEntry
from shared.domain.completion import done, doubtful, reserved, withdrawn
from shared.domain.daily_events import Event, counted, refuse_more, uncounted
from shared.domain.errors import OutcomeUnknown, Overtaken, Refused, TryAgain
from shared.domain.person import Notice, Person
from shared.domain.policy import Policy
from shared.domain.trail import NoticeOrder, Trail
from shared.ports.clock import Clock
from shared.ports.directory import (
    AccountChanged,
    Directory,
    DirectoryLost,
    DirectoryUnknown,
    PasswordNotTaken,
    WrongPassword,
)
from shared.ports.people import Stored
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._limits import Limits
from shared.usecases._rows import RowChange, Rows
from shared.validation.client_address import coarse_network

_LOG: Final = logging.getLogger("sesame.password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserving:
    """The values of one reservation. The notice's event is the nonce of its write. The versions end what is older."""

    notice: Notice
    version: str
    session_version: str
    kind: Event

    @property
    def at(self) -> datetime:
        return self.notice.at

    def on(self, person: Person) -> Person:
        """Return the row with the reservation. Of parallel requests one succeeds; the others find a new version."""
        after = reserved(person, notice=self.notice, version=self.version, session_version=self.session_version)
        return counted(after, self.kind, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The right to write one password. Every token of an earlier version is invalid."""

    stored: Stored
    of: Reserving
    earlier_session_version: str
    """The session version before the reservation."""

    @property
    def person(self) -> Person:
        return self.stored.person

    @property
    def version(self) -> str:
        """The version that this request drew. After a lost answer the row may already have a newer one."""
        return self.of.version


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """What a session of the new password carries (rule 12)."""

    session_version: str
    password_stamp: str
    access_pass: str = field(default="", repr=False)
    """The Temporary Access Pass that was issued instead. It is shown once, and kept nowhere."""


@dataclass(frozen=True, slots=True)
class SettingPassword:
    """The ports for setting a password, for the use-cases that set one."""

    rows: Rows
    directory: Directory
    promised: PromisedNotices
    limits: Limits
    clock: Clock
    randomness: Randomness
    policy: Policy

    def reserving(
        self, kind: Event, client: str, *, verification: str = "", template: str = "password_changed"
    ) -> Reserving:
        """Draw the values of a reservation. The caller checks the row and calls `reserve`."""
        notice = Notice(
            event=self.randomness.token(),
            template=template,
            at=self.clock.now(),
            origin=coarse_network(client),
            provisional=True,
            verification=verification,
        )
        version, session_version = self.randomness.token(), self.randomness.token()
        return Reserving(notice=notice, version=version, session_version=session_version, kind=kind)

    async def reserve(
        self, row: RowChange, person: Person, reserving: Reserving, after: Person, trail: Trail
    ) -> Reservation | None:
        """Promise the notice, then write the reservation `after`. None: another write came first.

        In this order, because a process that stops in between must not leave a notice that nobody sends. Raises Limited
        after too many passwords in a day, TryAgain if the notice could not be promised, and OutcomeUnknown if it is not
        known whether the reservation was written: "nothing was changed" could be followed by a notice.
        """
        refuse_more(person, reserving.kind, self.policy, reserving.at, partial(self.limits.record_refusal, trail))
        await row.promise(self.promised.promise)
        try:
            if not await row.write(after):
                return None
        except TryAgain as lost:
            raise OutcomeUnknown from lost
        return Reservation(stored=row.stored, of=reserving, earlier_session_version=person.session_version)

    async def write(
        self,
        reservation: Reservation,
        entry: DirectoryEntry,
        password: str | None,
        *,
        current: str = "",
        client_key: str = "",
        pass_life: timedelta | None = None,
    ) -> PasswordSet:
        """Set the password, as the person where the `current` one is given. The promised notice tells it.

        Without a password, issue a Temporary Access Pass of that life, or end the lock, and keep the one that there is.

        Raises PasswordNotTaken and TryAgain (the proof may be used again), Overtaken (the account changed) and Refused
        (the current password is not right): nothing is left of the reservation then. Raises OutcomeUnknown where the
        password or the reservation is in doubt. Then the mark stays, and the notice says "may have changed".
        """
        access_pass, stamp = "", entry.password_stamp
        try:
            if pass_life is not None:
                access_pass = await self.directory.issue_temporary_access_pass(entry, pass_life)
            elif password is None:
                await self.directory.unlock(entry)
            elif current:
                stamp = await self.directory.change_password(entry, current, password)
            else:
                stamp = await self.directory.set_password(entry, password)
        except DirectoryUnknown as lost:
            await self._mark_doubtful(reservation)
            raise OutcomeUnknown from lost
        except AccountChanged as changed:
            await self.withdraw(reservation)
            raise Overtaken from changed
        except WrongPassword as wrong:
            await self.withdraw(reservation)
            raise Refused from wrong
        except (PasswordNotTaken, DirectoryLost):
            await self.withdraw(reservation)
            raise
        version = self.randomness.token()
        password_set = PasswordSet(session_version=version, password_stamp=stamp, access_pass=access_pass)
        try:
            await self._mark_done(reservation, password_set, client_key)
        except Exception as error:  # noqa: BLE001  the password is set, so the answer is success
            # The notice says "may have changed", and nobody can sign in until the deadline of the mark.
            _LOG.error("a completion could not be marked as done: %s", type(error).__name__)
        return password_set

    async def withdraw(self, reservation: Reservation, *, privileged: bool = False) -> None:
        """Remove the mark and its notice. Call it only if the directory definitely has the old password.

        `privileged`: the directory has said that the account has a role, and the row may not know it yet.

        Raises OutcomeUnknown if they could not be removed, because the notice will say "may have changed".
        """
        of = reservation.of
        row = self.rows.change(reservation.person.account, self.randomness.token(), stored=reservation.stored)
        try:
            while True:
                person = await row.read()
                bare = withdrawn(
                    person,
                    event=of.notice.event,
                    version=of.version,
                    drawn=of.session_version,
                    session_version=reservation.earlier_session_version,
                )
                after = uncounted(replace(bare, privileged=person.privileged or privileged), of.kind, of.at)
                if await row.write(None if after == person else after):
                    return
        except TryAgain as lost:
            raise OutcomeUnknown from lost

    async def _mark_doubtful(self, reservation: Reservation) -> None:
        """Record that the outcome is unknown. Without it the outcome is unknown after the longest time."""
        row = self.rows.change(reservation.person.account, self.randomness.token(), stored=reservation.stored)
        try:
            while not await row.write(doubtful(await row.read(), version=reservation.version)):
                pass
        except TryAgain:
            _LOG.warning("a completion in doubt could not be marked")

    async def _mark_done(self, reservation: Reservation, password_set: PasswordSet, client_key: str) -> None:
        of = reservation.of
        row = self.rows.change(reservation.person.account, self.randomness.token(), stored=reservation.stored)
        while True:
            person = await row.read()
            after = done(
                person,
                notice=of.notice,
                version=of.version,
                session_version=password_set.session_version,
                stamp=password_set.password_stamp,
                client_key=client_key,
            )
            if await row.write(after):
                break
        if of.notice not in person.notices and after.owes(of.notice.event):
            # A delivery has already said "may have changed", and with it used up the order.
            await self.promised.promise(NoticeOrder(account=person.account, event=of.notice.event, returned=1))
