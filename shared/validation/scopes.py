"""Read SESAME_SCOPES: which groups of staff use a role for which groups of people."""

from collections.abc import Mapping
from typing import Any, Final

from shared.domain.roles import EVERYBODY, Role, Scope, folded

PARTS: Final = ("role", "operators", "people")
MOST: Final = 200


def scopes(given: Mapping[str, Any]) -> tuple[tuple[Scope, ...], list[str]]:
    """Return the scopes by name, and every fault. A scope with a fault is left out, and the service does not start."""
    found, faults = [], []
    for name, parts in given.items():
        if not isinstance(parts, dict) or set(parts) != set(PARTS):
            faults.append(f"{name}: must have {', '.join(PARTS)} and nothing else")
        elif parts["role"] not in set(Role):
            faults.append(f"{name}: role must be one of: {', '.join(Role)}")
        elif not all(isinstance(parts[part], str) and parts[part].strip() for part in PARTS):
            faults.append(f"{name}: operators and people must be names of groups, or {EVERYBODY}")
        else:
            role = Role(parts["role"])
            found.append(
                Scope(name=name, role=role, operators=folded(parts["operators"]), people=folded(parts["people"]))
            )
    if len(given) > MOST:
        faults.append(f"has more than {MOST} scopes")
    return tuple(found), faults
