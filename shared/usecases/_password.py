"""Set a password: reserve, promise the notice, write to the directory, mark as done (rule 11)."""

import contextlib
from dataclasses import dataclass
from datetime import datetime

from shared.domain.account import DirectoryEntry
from shared.domain.completion import done, reserved, withdrawn
from shared.domain.errors import OutcomeUnknown, Refused, TryAgain
from shared.domain.person import Person
from shared.domain.trail import NoticeOrder, Trail
from shared.ports.clock import Clock
from shared.ports.directory import AccountChanged, Directory, DirectoryUnknown
from shared.ports.people import Stored
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._rows import Rows
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class Reserving:
    """The values of one reservation. `event` is the nonce of the write. The versions invalidate tokens and sessions."""

    event: str
    version: str
    session_version: str
    at: datetime
    origin: str

    def on(self, person: Person) -> Person:
        """Return the row with the reservation. Of parallel requests one succeeds; the others find a new version."""
        return reserved(
            person,
            event=self.event,
            version=self.version,
            session_version=self.session_version,
            now=self.at,
            origin=self.origin,
        )


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right to write one password. Every token of an earlier version is invalid."""

    stored: Stored
    event: str
    version: str
    """The version that this request drew. After a lost answer the row may already have a newer one."""
    earlier_session_version: str
    """The session version before the reservation."""

    @property
    def person(self) -> Person:
        return self.stored.person


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """What a session of the new password carries (rule 12)."""

    session_version: str
    password_stamp: str


@dataclass(frozen=True, slots=True)
class SettingPassword:
    """The ports for setting a password, for the use-cases that set one."""

    rows: Rows
    directory: Directory
    promised: PromisedNotices
    clock: Clock
    randomness: Randomness

    def reserving(self, client: str) -> Reserving:
        """Draw the values of a reservation. The caller checks the row and writes them to it."""
        return Reserving(
            event=self.randomness.token(),
            version=self.randomness.token(),
            session_version=self.randomness.token(),
            at=self.clock.now(),
            origin=coarse_network(client),
        )

    async def write(
        self, reservation: Reservation, entry: DirectoryEntry, password: str, trail: Trail, *, client_key: str = ""
    ) -> PasswordSet:
        """Set the password and order the notice.

        Raises PasswordNotTaken (the proof may be used again), Refused (the account changed), TryAgain (the notice could
        not be promised) or OutcomeUnknown. After OutcomeUnknown the mark stays, and the delayed notice says that the
        password may have changed.
        """
        try:
            # Promised before the write to the directory: if the process stops after it, the notice is still sent.
            await self.promised.promise(reservation.person.account)
        except TryAgain:
            await self.withdraw(reservation)
            raise
        try:
            stamp = await self.directory.set_password(entry, password)
        except DirectoryUnknown as lost:
            raise OutcomeUnknown from lost
        except AccountChanged as changed:
            await self.withdraw(reservation)
            raise Refused from changed
        password_set = PasswordSet(session_version=self.randomness.token(), password_stamp=stamp)
        # The password is set, so the request succeeds. If the mark cannot be cleared, the notice says "may have
        # changed", and nobody can sign in to the registration until the deadline of the mark.
        with contextlib.suppress(TryAgain):
            await self._mark_done(reservation, password_set, client_key)
        trail.orders.append(NoticeOrder(account=reservation.person.account))
        return password_set

    async def withdraw(self, reservation: Reservation) -> None:
        """Remove the mark and its notice. Call it only if the directory definitely has the old password."""
        row = self.rows.change(reservation.person.account, self.randomness.token(), stored=reservation.stored)
        with contextlib.suppress(TryAgain):  # then the mark stays, and the notice says "may have changed"
            while True:
                person = await row.read()
                after = withdrawn(person, event=reservation.event, session_version=reservation.earlier_session_version)
                if await row.write(None if after == person else after):
                    return

    async def _mark_done(self, reservation: Reservation, password_set: PasswordSet, client_key: str) -> None:
        row = self.rows.change(reservation.person.account, self.randomness.token(), stored=reservation.stored)
        while True:
            after = done(
                await row.read(),
                event=reservation.event,
                session_version=password_set.session_version,
                stamp=password_set.password_stamp,
                client_key=client_key,
            )
            if await row.write(after):
                return
