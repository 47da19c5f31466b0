"""Active Directory, on a real Samba domain controller."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.contracts.directories.openldap import CAPABILITIES, LdapSide, reached_side
from tests.fakes.clock import FixedClock
from tests.samba import DISABLED, ENABLED

MARKS = (pytest.mark.integration,)
__all__ = ["CAPABILITIES", "MARKS", "side"]


@dataclass
class SambaSide(LdapSide):
    remembers_at_reset: bool = False
    """It does where the server takes policy hints, which Samba does not."""

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        self.hand.put(name, userAccountControl=ENABLED if enabled else DISABLED)

    async def a_moment_later(self) -> None:
        """The version of a password moves with each one, within a second too."""


@asynccontextmanager
async def side(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[SambaSide]:
    del clock  # the server has its own
    async with reached_side(request, SambaSide, "samba", "domain_hand") as reached:
        yield reached
