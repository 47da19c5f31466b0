"""Define a session and what it still allows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.account import ADMINISTRATOR, AccountKey, ObjectId
from shared.domain.errors import NotAllowed, SignInAgain, SignInRequired
from shared.domain.person import Person
from shared.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The content of a session token."""

    account: AccountKey
    object_id: ObjectId
    name: str
    """The name with which the person signed in. Only its owner sees it, for example in an authenticator app."""
    roles: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime

    def still_valid(self, now: datetime) -> "Session":
        """Return itself; raises SignInRequired once expired."""
        if now >= self.expires_at:
            raise SignInRequired
        return self

    def bound_to(self, person: Person) -> None:
        """Raise SignInRequired when a password was set after this sign-in (rule 12, R-51)."""
        if person.password_epoch is not None and self.issued_at < person.password_epoch:
            raise SignInRequired

    def fresh(self, now: datetime, policy: Policy) -> "Session":
        """Return itself; raises SignInRequired once expired, SignInAgain when too old to change a method (R-62)."""
        if now >= self.still_valid(now).issued_at + timedelta(seconds=policy.method_change_seconds):
            raise SignInAgain
        return self

    def as_administrator(self) -> None:
        """Raise NotAllowed if the session lacks the role `administrator`."""
        if ADMINISTRATOR not in self.roles:
            raise NotAllowed
