"""The tenant of this folder: its ids are drawn once, and its passwords are kept when the stack stops."""

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

from local.entra.person_tokens import Apps
from local.entra.tenant import GLOBAL_ADMINISTRATOR, Tenant, User
from local.seed import demo_people, people_of
from local.stack.keys import write_private

STATES: dict[str, dict[str, Any]] = {
    "sacha.synced": {"synced": True},
    "gael.guest": {"guest": True},
    "robin.role": {"roles": frozenset({GLOBAL_ADMINISTRATOR})},
}
"""What is special about a demo person."""


class KeptTenant:
    """One file. The demo people are in the tenant from the start."""

    def __init__(self, data: Path) -> None:
        self._file = data / "entra.json"
        drawn = {"tenant": str(uuid.uuid4()), "administrators": str(uuid.uuid4()), "users": {}}
        drawn |= {"api": str(uuid.uuid4()), "page": str(uuid.uuid4())}
        kept = json.loads(self._file.read_text("utf-8")) if self._file.exists() else {}
        self._kept: dict[str, Any] = drawn | kept
        self._people = data / "people.json"
        if self._kept != kept:
            self._write()

    @property
    def administrators(self) -> str:
        """The id of the group whose members are administrators of the service."""
        return str(self._kept["administrators"])

    @property
    def id(self) -> str:
        """The id of the tenant."""
        return str(self._kept["tenant"])

    def apps(self, redirects: tuple[str, ...] = ()) -> Apps:
        """Return the registrations with which people sign in."""
        return Apps(api=self._kept["api"], page=self._kept["page"], redirects=redirects)

    def tenant(self) -> Tenant:
        """Return it with the demo people, as they were when it stopped."""
        users = []
        for demo, person in zip(people_of("entra"), demo_people(self._people, "entra"), strict=True):
            user = User(
                name=person["identifier"],
                password=person["password"],
                mobile_phone=demo.contacts.get("mobile_phone"),
                groups=(self.administrators,) if demo.roles else (),
                changed_at=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=30),
                **STATES.get(demo.identifier, {}),
            )
            known = self._kept["users"].get(user.name)
            if known:
                user.id, user.password = known["id"], known["password"]
                user.changed_at = dt.datetime.fromisoformat(known["changed_at"])
            users.append(user)
        return Tenant(id=self.id, users=users)

    def keep(self, tenant: Tenant) -> None:
        """Store what has changed since."""
        self._kept["users"] = {
            user.name: {"id": user.id, "password": user.password, "changed_at": user.changed_at.isoformat()}
            for user in tenant.users
        }
        self._write()

    def _write(self) -> None:
        write_private(self._file, json.dumps(self._kept, indent=2))
