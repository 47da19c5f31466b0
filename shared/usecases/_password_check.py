"""Ask the directory whether a password is right, without ever locking the account there (rule 18)."""

from dataclasses import dataclass
from typing import Final

from shared.domain.account import DirectoryEntry
from shared.domain.limits import directory_failures
from shared.domain.person import Person
from shared.ports.directory import Directory
from shared.usecases._limits import Limits

NOBODY: Final = ""
"""No account has this name. The directory does the same work for it as for every unknown name."""


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """The ports for checking a password, for the use-cases that are given one."""

    directory: Directory
    limits: Limits

    async def __call__(self, person: Person, identifier: str, password: str) -> DirectoryEntry | None:
        """Return the enabled entry if the password is right, otherwise None.

        Near the directory's own lockout it is None for the right password too, and the directory is asked about nobody.
        What was counted ends with the session version, for every instance at once: a reset and an unlock draw another
        one, and leave the directory with no failures of its own.
        """
        lockout = await self.directory.lockout()
        if lockout is None:
            return await self.directory.authenticate(identifier, password)
        # Counted before the directory is asked, so that parallel failures never reach the lockout.
        limit = directory_failures(lockout)
        counted = {"account": person.account, "version": person.session_version}
        hit = await self.limits.hit(limit, **counted)
        if not hit.allowed:
            await self.of_nobody(password)
            return None
        entry = await self.directory.authenticate(identifier, password)
        if entry is not None:
            self.limits.forgive(limit, hit, **counted)
        return entry

    async def of_nobody(self, password: str) -> None:
        """Do the same work without an account, so that the time of the answer is that of a wrong password."""
        await self.directory.authenticate(NOBODY, password)
