"""SignInTokens: what a sign-in service gives to somebody who has signed in there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.account import ObjectId
from shared.domain.errors import TryAgain


class TokenRefused(Exception):
    """Not a token for this service, or no longer. `cause` is a fixed word for the audit log; no caller learns it."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class KeysLost(TryAgain):
    """The keys of the sign-in service were never read, and cannot be read now. Nothing was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInThere:
    """A sign-in that the service there vouches for. Times are in UTC, by its clock."""

    object_id: ObjectId
    token_id: str
    """Differs in every token."""
    signed_in_at: datetime
    """When the person proved who they are. It can be long before the token was issued."""
    app_roles: tuple[str, ...] = ()
    """The roles that the token names, sorted. They grant nothing: the directory says who has which now (rule 24)."""


class SignInTokens(Protocol):
    """Whatever is wrong with a token, the caller gets one answer for it."""

    async def verified(self, token: str) -> SignedInThere:
        """Return what the token proves. Raises TokenRefused and KeysLost."""
        ...
