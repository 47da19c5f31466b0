"""Create an account in the embedded directory."""

from dataclasses import dataclass

from shared.domain.account import DirectoryEntry
from shared.domain.trail import AuditEvent, Tag
from shared.ports.account_register import AccountRegister
from shared.ports.clock import Clock
from shared.usecases._name_binding import NameBinding
from shared.usecases._recording import Recording
from shared.validation.identifier import new_identifier


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """Creates an account. The caller generates the first password and shows it once; nobody chooses it (R-66).

    Or there is none, and the person chooses the first one with an activation code (rule 27).

    The audit event is written here and not left in a queue, because no function runs (R-100). The caller shows the
    password afterwards, so nobody can use an account that has no event.
    """

    account_register: AccountRegister
    name_binding: NameBinding
    recording: Recording
    clock: Clock

    async def __call__(
        self, identifier: str, password: str | None, *, roles: frozenset[str] = frozenset()
    ) -> DirectoryEntry:
        """Create the account and return its entry.

        Raises NameTaken, InvalidInput for a name that is not allowed (rule 8), and StoreLost.
        """
        entry = await self.account_register.create(new_identifier(identifier), password, roles=roles)
        account, cause = await self.name_binding.bind(entry), "privileged" if entry.is_privileged else ""
        event = AuditEvent(tag=Tag.ACCOUNT_CREATED, at=self.clock.now(), account=account, cause=cause)
        await self.recording.record([event], record_id=entry.object_id)
        return entry
