"""Define the roles of staff, what each of them may do, to whom, and where (rule 24).

    role           what it is for
    administrator  everything here; to accounts that have a role, what ALSO_TO_STAFF names
    helpdesk       people who ask for help; never an account that has a role
    auditor        reading, about staff too; changes nothing and sees no contact in full

A role comes from the directory, and is asked for again at each act. A scope narrows it to a group of people.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A role of staff. Sessions, accounts and `stack.json` contain these words."""

    ADMINISTRATOR = "administrator"
    HELPDESK = "helpdesk"
    AUDITOR = "auditor"


class Right(StrEnum):
    """One kind of act. Each endpoint for staff names the one that it needs."""

    READ_PEOPLE = "read_people"
    """Find a person, see masked methods, and what happened to the account."""
    READ_COVERAGE = "read_coverage"
    RECOUNT = "recount"
    """Count the coverage again. It changes no person, and takes longer than a recent sign-in lasts."""
    READ_AUDIT = "read_audit"
    """Search and export the audit log."""
    VIEW_CLIENT = "view_client"
    REVEAL = "reveal"
    """See a contact in full. It changes nothing, and counts as a write: a recent sign-in, a reason, an event."""
    READ_IMPORTS = "read_imports"
    """Follow an import. Rows and codes are for who began it alone."""
    PREFILL = "prefill"
    UNBLOCK = "unblock"
    FREEZE = "freeze"
    THAW = "thaw"
    """End a freeze. What an objection stopped waits until an administrator has looked (rule 29)."""
    REMOVE_METHOD = "remove_method"
    REREGISTER = "reregister"
    """Ask one person to confirm methods again."""
    REREGISTER_MANY = "reregister_many"
    COMPROMISE = "compromise"
    """Declare methods compromised: only an activation replaces them (rule 20)."""
    ACTIVATE = "activate"
    """Issue, approve and revoke activation codes (rule 27)."""
    ERASE = "erase"

    @property
    def writes(self) -> bool:
        """Whether it needs a recent sign-in and a reason, and is never for the own account."""
        return self not in READS


READS: Final = frozenset({
    Right.READ_PEOPLE, Right.READ_COVERAGE, Right.RECOUNT, Right.READ_AUDIT, Right.READ_IMPORTS, Right.VIEW_CLIENT,
})  # fmt: skip

GRANTED: Final[Mapping[Role, frozenset[Right]]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.HELPDESK: frozenset(
        {
            Right.READ_PEOPLE,
            Right.READ_COVERAGE,
            Right.UNBLOCK,
            Right.FREEZE,
            Right.REREGISTER,
        }
    ),
    Role.AUDITOR: frozenset({Right.READ_PEOPLE, Right.READ_COVERAGE, Right.READ_AUDIT}),
}
"""What each role may do: the one table of it. Whoever has several roles may do what any of them may."""

ALSO_TO_STAFF: Final = READS | {
    Right.UNBLOCK,
    Right.FREEZE,
    Right.THAW,
    Right.REREGISTER,
    Right.REREGISTER_MANY,
    Right.COMPROMISE,
    Right.ACTIVATE,
}
"""What an administrator may do to an account that has a role. Activation takes a second administrator there (rule 27).
What is left out would take methods away, set them or show them, and so prepare to act in that one's name (R-65)."""

EVERYBODY: Final = "*"
"""In a scope: all people, and not those of a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who may use a role for whom: those of `operators` who have the role, for those of `people`, both groups.

    A role that a scope names is good within its scopes alone, so that whoever leaves a group can do less and not more.
    A role that no scope names is good for everybody.
    """

    name: str
    role: Role
    operators: str
    people: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody has now. `people`: the groups in whose members it is good. None: everybody."""

    role: Role
    people: frozenset[str] | None = None

    def reaches(self, right: Right, *, privileged: bool) -> bool:
        """Whether it allows this to an account that has a role, or none."""
        if right not in GRANTED[self.role]:
            return False
        return not privileged or (self.role is not Role.HELPDESK and right in ALSO_TO_STAFF)


def may(roles: Collection[str], right: Right) -> bool:
    """Whether one of these roles has the right, whatever its scope. Words that are no role of ours have none."""
    return any(right in GRANTED[role] for role in Role if role in roles)


def grants_of(roles: Collection[str], groups: Collection[str], scopes: Iterable[Scope]) -> tuple[Grant, ...]:
    """Return what these roles are good for, for somebody who is in these groups (as `folded` returns them)."""
    scopes = tuple(scopes)
    found = []
    for role in (role for role in Role if role in roles):
        of_role = [scope for scope in scopes if scope.role is role]
        mine = [scope.people for scope in of_role if scope.operators in (*groups, EVERYBODY)]
        if not of_role or EVERYBODY in mine:
            found.append(Grant(role))
        elif mine:
            found.append(Grant(role, frozenset(mine)))
    return tuple(found)


def folded(group: str) -> str:
    """Return the name of a group as it is compared: a DN without blanks around `,` and `=`, and no capitals."""
    return re.sub(r"\s*([,=])\s*", r"\1", group.strip()).casefold()
