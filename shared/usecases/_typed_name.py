"""Admit a stranger who types a name: the bot check, the limits, and the account that the name leads to (D7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.account import AccountKey
from shared.domain.errors import BotCheckRequired
from shared.domain.limits import Limit
from shared.domain.periods import week_of
from shared.domain.person import Lane
from shared.domain.trail import Trail
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.names import KNOWN_ALREADY, Names
from shared.usecases._bot_check import BotCheck
from shared.usecases._limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A typed name that was admitted. Nobody's name has an account key too."""

    account: AccountKey
    name_key: str
    client_key: str
    slot: int
    checked: bool
    """Whether the client solved the bot check."""


@dataclass(frozen=True, slots=True)
class TypedName:
    """Reads Names and the limiters only (rule 17). The same for every name (rule 9)."""

    names: Names
    limits: Limits
    bot_check: BotCheck
    keyring: Keyring
    clock: Clock

    async def admitted(
        self, identifier: str, client: str, trail: Trail, *, step: str, limits: Sequence[Limit], solution: str
    ) -> Admitted:
        """Count the step and return the account.

        `identifier` is canonical, `client` is an address prefix, and `solution` that of a bot check, if one was asked
        for. Raises BotCheckRequired or Limited, also for unknown names.
        """
        name_key, client_key = self.keyring.name_key(identifier), self.keyring.client_key(client)
        checked = await self.bot_check.spent(solution, step=step, name=name_key)
        found = await self.names.find(name_key)
        slot = found.slot_for(client_key) if found else 0
        known = (Lane.KNOWN,) if slot == KNOWN_ALREADY else ()
        lanes = (*known, Lane.CHECKED) if checked else known
        try:
            await self._enforce(limits, name_key, client, lanes, trail)
        except BotCheckRequired as asked:
            asked.bot_check = await self.bot_check.challenge(step=step, name=name_key)
            raise
        nobody = self.keyring.stranger_key(identifier, week_of(self.clock.now()))  # derived for every name (rule 9)
        account = found.account if found else nobody
        return Admitted(account=account, name_key=name_key, client_key=client_key, slot=slot, checked=checked)

    async def _enforce(
        self, limits: Sequence[Limit], name_key: str, client: str, lanes: tuple[Lane, ...], trail: Trail
    ) -> None:
        if (not lanes and await self.limits.suspects(client)) or (
            Lane.CHECKED not in lanes and await self.limits.is_under_attack()
        ):
            raise BotCheckRequired
        for limit in limits:
            await self.limits.enforce(limit, trail, lanes=lanes, client=client, name=name_key)
