"""Find the person whom staff named, in the directory or among those who have left it (rules 8 and 24)."""

from dataclasses import dataclass

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.errors import NotFound
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.names import Names
from shared.ports.people import People
from shared.usecases._staff import Actor, Staff
from shared.validation.identifier import canonical_identifier


@dataclass(frozen=True, slots=True)
class Named:
    """The account that was named, and who named it."""

    account: AccountKey
    entry: DirectoryEntry | None
    """None for a person who has left the directory, and about whom something is kept."""
    actor: Actor


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """The ports for finding a person, for the use-cases of staff."""

    staff: Staff
    people: People
    directory: Directory
    names: Names
    keyring: Keyring

    async def named(self, token: str, right: Right, identifier: str, trail: Trail, tag: Tag, reason: str = "") -> Named:
        """Admit whoever has the right, and return a person for whom it is good. `tag`: of what they want to do.

        Raises what `Staff.admit` and `Staff.check` do, and NotFound where nobody has the name.
        """
        actor, name = await self.staff.admit(token, right, trail, reason), canonical_identifier(identifier)
        entry = await self.directory.resolve(name)
        found = await self.names.find(self.keyring.name_key(name)) if entry is None else None
        if found is not None and (kept := (await self.people.read(found.account)).person.object_id) is not None:
            # Renamed, or with a name that two have now: only the id tells who has left, and roles are those of now.
            entry = await self.directory.find(kept)
            if entry is not None and name in entry.shared_names:
                entry = found = None
        if entry is None and found is None:
            self.staff.record(trail, tag, actor, cause="unknown_identifier")
            raise NotFound
        left = found.account if found is not None else None
        return Named(await self.staff.check(actor, entry, trail, account=left), entry, actor)
