"""Define a session and what it still allows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.account import AccountKey, ObjectId, PasswordState
from shared.domain.activation import opens
from shared.domain.errors import PasswordChangeRequired, SignInAgain, SignInRequired
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.roles import Right, may


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The content of a session token. It ends with the password that it began with, whatever a clock says (rule 12)."""

    account: AccountKey
    object_id: ObjectId
    name: str
    """The name with which the person signed in. Only its owner sees it, for example in an authenticator app."""
    roles: tuple[str, ...]
    """The roles at sign-in. Only views use them; a write asks the directory again (rule 24)."""
    version: str
    """The session version of the row. It was read before the directory was asked whether the password is right."""
    password_stamp: str
    """The directory's stamp of the password that was right."""
    issued_at: datetime
    """When the person proved who they are. At Microsoft that can be long before the session began."""
    expires_at: datetime
    password_state: PasswordState = PasswordState.FINE
    """What the right password is good for. Unless it is fine, the session is good for another password alone."""
    activation: str = ""
    """The serial of the activation code that opened it. Empty after a sign-in. Such a session is sealed for another
    purpose, and registers methods and sets a first password only (rule 27)."""
    opening: str = ""
    """Its own id among those that the code opened."""
    app_roles: tuple[str, ...] = ()
    """The app roles in the token of Microsoft Entra ID that was exchanged for it. They grant nothing by themselves."""

    def still_valid(self, now: datetime) -> "Session":
        """Return itself; raises SignInRequired once expired."""
        if now >= self.expires_at:
            raise SignInRequired
        return self

    def for_everything(self) -> "Session":
        """Return itself; raises PasswordChangeRequired if it is for a new password alone."""
        if self.password_state is not PasswordState.FINE:
            raise PasswordChangeRequired
        return self

    def bound_to(self, person: Person) -> None:
        """Raise SignInRequired if a password was set after this sign-in, or may be at this moment (rule 12, R-51)."""
        if self.version != person.session_version or person.completion:
            raise SignInRequired
        if self.activation and not opens(person.activation, self.activation, self.opening):
            raise SignInRequired  # revoked, replaced, or spent in another opening (rule 27)

    def fresh(self, now: datetime, policy: Policy) -> "Session":
        """Return itself; raises SignInRequired once expired, SignInAgain when too old to change anything (R-62)."""
        if now >= self.still_valid(now).issued_at + timedelta(seconds=policy.method_change_seconds):
            raise SignInAgain
        return self

    def may(self, right: Right) -> bool:
        """Whether a role at sign-in had the right. Whether one has it now, the directory says."""
        return may(self.roles, right)
