"""A tenant: its users, what the service may do in it, and how it judges passwords."""

import datetime as dt
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from local.entra.faults import ArmedFault

FIND = "User.Read.All"
SET_PASSWORD = "User-PasswordProfile.ReadWrite.All"  # noqa: S105  the name of a permission
SIGN_OUT = "User.RevokeSessions.All"
ISSUE_PASS = "UserAuthMethod-TAP.ReadWrite.All"  # noqa: S105  the name of a permission
READ_PHONES = "UserAuthMethod-Phone.Read.All"
READ_EMAILS = "UserAuthMethod-Email.Read.All"
READ_METHODS, WRITE_METHODS = "UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"
"""Each of them includes what is above it for all methods."""
ALL_PERMISSIONS = frozenset({FIND, SET_PASSWORD, SIGN_OUT, ISSUE_PASS, READ_PHONES, READ_EMAILS})
"""The least that the service needs."""

USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
"""Template ids of roles (Microsoft Entra built-in roles)."""
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"

SHORTEST, LONGEST, KINDS = 8, 256, 3
"""The password policy of accounts in the cloud: length, and how many of four kinds of characters (Microsoft Learn,
"Password policies and account restrictions in Microsoft Entra ID")."""


@dataclass
class User:
    """One user, with the properties that Graph tells."""

    name: str
    """The userPrincipalName."""
    password: str = field(default="", repr=False)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    enabled: bool = True
    synced: bool = False
    guest: bool = False
    federated: bool = False
    roles: frozenset[str] = frozenset()
    """Template ids of directory roles."""
    groups: tuple[str, ...] = ()
    """Ids of groups, direct or not."""
    manager: str | None = None
    """The userPrincipalName of the manager."""
    language: str | None = None
    mail: str | None = None
    mobile_phone: str | None = None
    business_phones: tuple[str, ...] = ()
    phone_methods: tuple[tuple[str, str], ...] = ()
    """Type (`mobile`, `alternateMobile`, `office`) and number."""
    email_methods: tuple[str, ...] = ()
    changed_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC).replace(microsecond=0))
    must_change: bool = False
    sessions_valid_from: dt.datetime | None = None
    passes: list[str] = field(default_factory=list, repr=False)
    """The Temporary Access Passes that were issued."""


@dataclass
class Tenant:
    """Everything that the stand-in knows. Tests change it directly, or over HTTP below `/tenant`."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    users: list[User] = field(default_factory=list)
    permissions: frozenset[str] = ALL_PERMISSIONS
    """The application permissions of the service."""
    roles: frozenset[str] = frozenset({USER_ADMINISTRATOR})
    """The directory roles of its service principal."""
    passes_allowed: bool = True
    """Whether the policy of authentication methods lets people have a Temporary Access Pass."""
    banned: frozenset[str] = frozenset({"password", "sesame"})
    visible_after: dt.timedelta = dt.timedelta(0)
    """How long a read still tells what was before a write."""
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    faults: list[ArmedFault] = field(default_factory=list)
    requests: list[tuple[str, str, bytes]] = field(default_factory=list, repr=False)
    """Method, target and body of each request of Graph, so that a test finds a password in an address."""
    _before: dict[str, tuple[dt.datetime, dt.datetime]] = field(default_factory=dict)

    @property
    def every_permission(self) -> frozenset[str]:
        """Return the application permissions that Graph has here."""
        return ALL_PERMISSIONS | {READ_METHODS, WRITE_METHODS}

    def user(self, key: str) -> User | None:
        """Return the user with this id or name."""
        return next((user for user in self.users if key == user.id or key.lower() == user.name.lower()), None)

    def set_password(self, user: User, password: str) -> None:
        """Set it. The time of the change has whole seconds, and is told late where `visible_after` says so."""
        self._before[user.id] = (self.now() + self.visible_after, user.changed_at)
        user.password, user.must_change = password, False
        user.changed_at = max(self.now().replace(microsecond=0), user.changed_at)

    def told_change(self, user: User) -> dt.datetime:
        """Return the lastPasswordChangeDateTime that a read tells now."""
        until, before = self._before.get(user.id, (self.now(), user.changed_at))
        return before if self.now() < until else user.changed_at

    def refuses(self, password: str) -> bool:
        """Whether the password policy or the list of banned words refuses it."""
        kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
        used = sum(any(kind(character) for character in password) for kind in kinds)
        weak = not SHORTEST <= len(password) <= LONGEST or used < KINDS
        return weak or any(word in password.lower() for word in self.banned)

    def issue_pass(self, user: User) -> str:
        """Issue a Temporary Access Pass. A user has at most one."""
        user.passes = [secrets.token_urlsafe(6)]
        return user.passes[0]

    def lacks(self, *permissions: str, role: str | None = None) -> bool:
        """Whether the service has neither of these permissions, or lacks the directory role."""
        return not self.permissions.intersection(permissions) or (role is not None and role not in self.roles)
