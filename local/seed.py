"""Creates the tables, queues and demo people: `python -m local.seed --people .local/people.json`.

It runs at every start while the hosts start, and does not change existing data. The passwords of the demo people are
generated once and stored in the file, which only its owner can read, so that later starts can show them again.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.registered_person import registered_person, where_it_is_noon
from local.stack.keys import write_private
from local.stack.storage import prepare_storage
from local.tether import ABOUT, FLAG, tether
from operate.passwords import generated_password
from shared.domain.account import DirectoryEntry
from shared.domain.roles import Role
from shared.ports.account_register import NameTaken
from shared.settings import BadSettings
from shared.usecases._name_binding import NameBinding
from shared.usecases.create_account import CreateAccount
from shared.wiring import Adapters, Service, service


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo person. Numbers are from the range that France reserves for fiction; addresses end in `.example`."""

    identifier: str
    story: str
    roles: frozenset[str] = frozenset()
    contacts: Mapping[str, str] = field(default_factory=dict)
    confirmed_days_ago: int = 0
    unregistered: Mapping[str, str] = field(default_factory=dict)
    """What only a directory that is a server knows, by attribute, as people write it."""

    @property
    def attributes(self) -> dict[str, str]:
        """What a directory over LDAP has about the person."""
        known = {"mobile": self.contacts.get("mobile_phone", ""), "mail": self.contacts.get("email", "")}
        return {**known, **self.unregistered}


PEOPLE = (
    Demo("avery.admin", "an administrator: prefills other people's contacts", frozenset({Role.ADMINISTRATOR})),
    Demo("noor.new", "has registered nothing yet", unregistered={"mobile": "06 39 98 00 06"}),
    Demo(
        "camille.ready",
        "has a confirmed email address and phone: try a reset",
        contacts={"email": "camille@mail.example", "mobile_phone": "+33639980001"},
        confirmed_days_ago=30,
    ),
    Demo(
        "lou.overdue",
        "confirmed long ago: the next run of the timer sends one reminder",
        contacts={"email": "lou@mail.example", "mobile_phone": "+33639980002"},
        confirmed_days_ago=200,
    ),
)

OF_ENTRA = (
    Demo(
        "sacha.synced",
        "is synchronised from a directory on the premises: a reset says so",
        contacts={"email": "sacha@mail.example", "mobile_phone": "+33639980003"},
        confirmed_days_ago=30,
    ),
    Demo(
        "gael.guest",
        "is a guest of another organisation: a reset says so",
        contacts={"email": "gael@mail.example", "mobile_phone": "+33639980004"},
        confirmed_days_ago=30,
    ),
    Demo(
        "robin.role",
        "has a role in the directory: a reset says so",
        contacts={"email": "robin@mail.example", "mobile_phone": "+33639980005"},
        confirmed_days_ago=30,
    ),
)
"""More people where accounts are in Microsoft Entra. There everybody's name has a domain."""
DOMAIN = "sesame.example"


def main() -> int:
    """Seed the store that the environment names."""
    parser = argparse.ArgumentParser(prog="python -m local.seed")
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    if options.tethered:
        tether()
    try:
        asyncio.run(_seed(options.people))
    except BadSettings as bad:
        print("The settings cannot be used:", *bad.faults, sep="\n  ", file=sys.stderr)
        return 2
    return 0


def people_of(directory: str) -> tuple[Demo, ...]:
    """Return who is there."""
    return (*PEOPLE, *OF_ENTRA) if directory == "entra" else PEOPLE


def demo_people(path: Path, directory: str = "") -> list[dict[str, Any]]:
    """Return the demo people with their passwords, which are generated once and stored."""
    entries = json.loads(path.read_text("utf-8")) if path.exists() else []
    known = {entry["identifier"].partition("@")[0]: entry for entry in entries}
    people = [
        {
            "identifier": f"{demo.identifier}@{DOMAIN}" if directory == "entra" else demo.identifier,
            "password": known.get(demo.identifier, {}).get("password") or generated_password(),
            "roles": sorted(demo.roles),
            "story": demo.story,
        }
        for demo in people_of(directory)
    ]
    # The file is written first: the password of an account without an entry could not be shown again.
    write_private(path, json.dumps(people, indent=2))
    return people


async def _seed(path: Path) -> None:
    serving = service()
    directory = serving.settings.directory
    people = demo_people(path, directory)
    await prepare_storage(serving.adapters)
    try:
        for demo, entry in zip(people_of(directory), people, strict=True):
            await _add(serving, demo, str(entry["identifier"]), str(entry["password"]))
    finally:
        await serving.adapters.close()


async def _add(serving: Service, demo: Demo, identifier: str, password: str) -> None:
    # The account exists from an earlier start, which may have stopped before the contacts were written. They are
    # checked separately.
    # A directory that is a server has made them itself.
    if serving.settings.directory == "embedded":
        with contextlib.suppress(NameTaken):
            await serving.use(CreateAccount)(identifier, password, roles=demo.roles)
    entry = await serving.adapters.directory.resolve(identifier)
    if entry is None and serving.settings.directory != "embedded":
        return  # a server of your own: it has other people
    if entry is None:
        raise RuntimeError(f"{identifier} was created but cannot be found")
    await serving.use(NameBinding).bind(entry)
    if demo.contacts:
        await _register(serving.adapters, entry, demo)


async def _register(adapters: Adapters, entry: DirectoryEntry, demo: Demo) -> None:
    """Register the contacts as if the person had confirmed them `confirmed_days_ago` days ago (dates in UTC)."""
    key = adapters.keyring.account_key(entry.object_id)
    if (await adapters.people.read(key)).revision is not None:
        return
    at = adapters.clock.now() - timedelta(days=demo.confirmed_days_ago)
    due = at + timedelta(days=adapters.settings.policy.reconfirm_days)
    day = due.strftime("%Y%m%d")
    await adapters.due.add(day, key)
    person = registered_person(
        adapters.keyring,
        entry.object_id,
        demo.contacts,
        at=at,
        password_stamp=entry.password_stamp,
        reminder_day=day,
        time_zone=where_it_is_noon(adapters.clock.now()) if due < adapters.clock.now() else "",
        language="en",
    )
    await adapters.people.write(person, None)


if __name__ == "__main__":
    sys.exit(main())
