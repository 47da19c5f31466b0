"""View one's own activity: what happened to the account lately, and what to do about what was not oneself (M33)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.usecases._activity import Activity, Happened
from shared.usecases._signed_in import SignedIn

LAST: Final = 100
"""Events that are looked at. Steps on the way are not shown, so a page has fewer."""


@dataclass(frozen=True, slots=True)
class ViewActivity:
    """Reads one row and one range, for the owner only. A frozen account may be looked at, too."""

    signed_in: SignedIn
    activity: Activity

    async def __call__(self, token: str) -> Sequence[Happened]:
        """Return the last events, newest first. Raises SignInRequired and TryAgain."""
        caller = await self.signed_in.for_a_view(token)
        return await self.activity.of(caller.person, most=LAST)
