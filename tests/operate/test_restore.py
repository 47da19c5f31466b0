"""A restore as docs/restore.md tells it: export, import and check, with people who go on where they were."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from azure.data.tables import EdmType, EntityProperty, TableServiceClient

from local.registered_person import registered_person
from local.stack.environment import service_environment
from local.stack.keys import fresh_keys
from local.stack.parts import ROOT
from local.stack.ports import Ports
from local.strict_store.interruptions import Moment
from local.strict_store.store import StrictStore
from operate.backup.entities import entity_of, line_of
from operate.backup.restored import restored
from shared.domain.person import Notice
from shared.domain.trail import AuditEvent, Tag
from shared.ports.audit_log import By
from shared.usecases.create_account import CreateAccount
from shared.wiring import Service
from tests.builders import a_person, a_sent_code, an_attempt
from tests.integration.in_process import bench
from tests.integration.inside import Known, inside, make_person, row_of
from tests.integration.journey import Api, fresh_contacts, prove, register
from tests.integration.outcomes import can_sign_in, causes, wait_for
from tests.processes import AzuriteServer
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

OLD, NEW, NEWER = "quatre chevaux dans la brume", "velours bancal sous la pluie", "un phare sans marin ni mer"
KEPT = ("Names", "People", "Accounts", "Due", "OptOuts")


def backup(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "operate.backup", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def killed_at(strict: StrictStore, method: str, table: str, environment: dict[str, str], *words: object) -> None:
    """Run a command, and kill it before its first request of that kind to that table is carried out."""
    command = [sys.executable, "-m", "operate.backup", *map(str, words)]
    with strict.tables.hold(lambda one: one.method == method and one.is_to(table), Moment.BEFORE) as held:
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        held.wait()
        process.kill()
        process.wait()


def on(storage: str, keys: dict[str, str]) -> dict[str, str]:
    """The settings of an operator's command on that store."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SESAME_")}
    return service_environment(clean, Ports.free(1), keys, storage)


def keys_of(stack: Stack) -> dict[str, str]:
    return {name: stack.environment[name] for name in fresh_keys()}


async def prepare(storage: str, keys: dict[str, str]) -> None:
    """Make the tables and queues, as a new deployment has them."""
    async with bench(storage, keys=keys):
        pass


def reset(stack: Stack, api: Api, known: Known, password: str) -> None:
    token = prove(stack, api, known.identifier, dict(known.contacts))
    api.ok("/reset/complete", {"reset_token": token, "new_password": password})


def events_of(stack: Stack, account: str) -> list[Tag]:
    async def work(service: Service) -> list[Tag]:
        now = datetime.now(UTC)
        span = now - timedelta(days=2), now + timedelta(minutes=1)
        found = service.adapters.audit_log.find(By.ACCOUNT, account, *span, most=1000)
        return [one.event.tag async for one in found]

    return inside(stack, work)


def test_after_a_restore_people_sign_in_and_reset_and_their_events_are_there(
    start_stack: StartStack, azurite: AzuriteServer, strict: StrictStore, tmp_path: Path
) -> None:
    """The import is killed half-way and repeated. What was open has ended, and the last password counts."""
    before = start_stack()
    api, folder = Api(before.api), tmp_path / "export"
    email, phone = fresh_contacts()
    known = make_person(before, Known("rosa", OLD))
    register(before, api, known.identifier, OLD, email=email, phone=phone)
    known = Known(known.identifier, OLD, {"email": email, "mobile_phone": phone}, known.account)
    reset(before, api, known, NEW)
    session = api.sign_in(known.identifier, NEW)
    granted = prove(before, api, known.identifier, dict(known.contacts))
    wait_for(lambda: {Tag.PASSWORD_RESET, Tag.RESET_GATE_PASSED} <= set(events_of(before, known.account)))
    before.stop()
    exported = backup(dict(before.environment), "export", folder)
    events = events_of(before, known.account)

    environment = on(strict.connection, keys_of(before))
    asyncio.run(prepare(strict.connection, keys_of(before)))
    killed_at(strict, "POST", "People", environment, "import", folder)
    half = backup(environment, "check", folder)
    repeated, checked = backup(environment, "import", folder), backup(environment, "check", folder)
    after = start_stack(environment=keys_of(before), storage=strict.connection, seed=False)
    api = Api(after.api)

    assert (exported.returncode, half.returncode, repeated.returncode, checked.returncode) == (0, 1, 0, 0), checked
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert set(events_of(after, known.account)) == set(events) != set()
    assert row_of(after, known.account).methods == row_of(before, known.account).methods
    assert api.http.get("/me", headers={"Authorization": f"Bearer {session}"}).status_code == 401
    assert api.post("/reset/complete", {"reset_token": granted, "new_password": NEWER}).status_code == 403
    assert (can_sign_in(api, known, OLD), can_sign_in(api, known, NEW)) == (False, True)
    reset(after, api, known, NEWER)
    assert can_sign_in(api, known, NEWER)
    wait_for(lambda: len(causes(after, Tag.PASSWORD_RESET, known.account)) == 2)


def _flipped(folder: Path, _: dict[str, str]) -> None:
    file = folder / "People.jsonl.gz"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _with(**changes: str) -> Callable[[Path, dict[str, str]], None]:
    return lambda _, environment: environment.update(changes)


def _manifest(old: str, new: str) -> Callable[[Path, dict[str, str]], None]:
    def change(folder: Path, _: dict[str, str]) -> None:
        file = folder / "manifest.json"
        file.write_text(re.sub(old, new, file.read_text("utf-8")), "utf-8")

    return change


OTHER = fresh_keys()
REFUSED = {
    "a flipped bit": (_flipped, "People.jsonl.gz is missing or damaged"),
    "a missing file": (lambda folder, _: (folder / "Due.jsonl.gz").unlink(), "Due.jsonl.gz is missing or damaged"),
    "a row too few": (_manifest(r'"rows": 2', '"rows": 3'), "does not have the 3 rows"),
    "an export that was stopped": (
        _manifest(r'"ended": "[^"]+",\n  "f', '"ended": "",\n  "f'),
        "no complete",
    ),
    "half a manifest": (_manifest(r"(?s)\}.*", ""), "manifest.json is damaged"),
    "a later format": (_manifest('"format": 1', '"format": 2'), "the format 2"),
    "another index key": (_with(SESAME_INDEX_KEY=OTHER["SESAME_INDEX_KEY"]), "another SESAME_INDEX_KEY"),
    "other seal keys": (_with(SESAME_SEAL_KEYS=OTHER["SESAME_SEAL_KEYS"]), "SESAME_SEAL_KEYS opens none"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_an_import_that_cannot_succeed_writes_nothing(
    azurite: AzuriteServer, storage: str, tmp_path: Path, name: str
) -> None:
    """Files, manifest and keys are checked first, to the last row. So is whether the store has people already."""
    damage, words = REFUSED[name]
    keys, target = fresh_keys(), azurite.new_account()
    async with bench(storage, keys=keys) as running:
        await _person(running.service, "ada")
    source, environment, folder = on(storage, keys), on(target, keys), tmp_path / "export"
    assert backup(source, "export", folder).returncode == 0
    assert "--add" in backup(source, "import", folder).stderr, "it has people"
    damage(folder, environment)

    refused = backup(environment, "import", folder)

    assert refused.returncode == 1
    assert words in refused.stderr
    with TableServiceClient.from_connection_string(target) as tables:
        assert [table.name for table in tables.list_tables()] == []


async def test_who_was_erased_after_the_export_is_named(strict: StrictStore, tmp_path: Path) -> None:
    """The tables of people are lost and the audit log is not: what it says of the time between is told, by name."""
    keys, folder = fresh_keys(), tmp_path / "export"
    environment = on(strict.connection, keys)
    async with bench(strict.connection, keys=keys) as running:
        adapters = running.service.adapters
        notice = Notice(event="event", template="erased", at=adapters.clock.now())
        accounts = {name: await _person(running.service, name, notices=(notice,)) for name in ("ada", "bob")}
        await asyncio.gather(*(adapters.names.bind(f"name{n}", accounts["ada"]) for n in range(40)))
        old = AuditEvent(tag=Tag.SESSION_STARTED, at=adapters.clock.now(), account=accounts["bob"])
        for n in range(3):
            await adapters.audit_log.record([old] * 40, record_id=f"record{n}")
        killed_at(strict, "GET", "Accounts", environment, "export", folder)
        assert "no complete export" in backup(environment, "check", folder).stderr
        assert backup(environment, "export", folder).returncode == 0
        assert backup(environment, "check", folder).returncode == 0
        event = AuditEvent(tag=Tag.ERASED, at=adapters.clock.now(), account=accounts["ada"])
        await adapters.audit_log.record([event], record_id="erasure")
        strict.let_deletions_last(6)
        for table in KEPT:
            await adapters.table_service.delete_table(table)

        assert backup(environment, "import", folder).returncode == 0
        first = backup(environment, "check", folder)
        owed = {account async for _, account in adapters.owed.due(adapters.clock.now().date())}
        await adapters.audit_log.record([replace(event, at=adapters.clock.now())], record_id="again")
        second = backup(environment, "check", folder)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    told = [line for line in first.stdout.splitlines() if "was erased, and" in line]
    assert [line.split()[0] for line in told] == ["ada"]
    assert "ada" not in second.stdout, "the erasure was repeated"
    assert owed == set(accounts.values()), "notices whose orders were in the queue"


def test_a_row_keeps_the_types_of_its_values(storage: str) -> None:
    """What the store returns is written, read, inserted and returned again without a difference."""
    at = datetime(2026, 11, 28, 12, 30, 0, 123456, UTC)
    values = {
        "text": "é\n\u2028", "yes": True, "one": 1, "long": EntityProperty(1, EdmType.INT64), "half": 0.5, "whole": 2.0,
        "at": at, "id": UUID(int=7), "bytes": b"\0\xff", "far": EntityProperty(2**40, EdmType.INT64),
    }  # fmt: skip
    with TableServiceClient.from_connection_string(storage) as tables:
        table = tables.create_table("Types")
        table.create_entity({"PartitionKey": "p", "RowKey": "first", **values})
        first = line_of(table.get_entity("p", "first"))
        table.create_entity({**entity_of(first), "RowKey": "second"})
        second = line_of(table.get_entity("p", "second"))

    assert second == first.replace('"first"', '"second"')
    assert {name: type(value) for name, value in entity_of(second).items() if name in values} == {
        name: type(value) for name, value in values.items()
    }


def test_what_was_under_way_has_ended_and_what_protects_the_account_stays() -> None:
    """The same for each run of one import, and new versions for another."""
    at = datetime(2026, 11, 28, tzinfo=UTC)
    kept = {"frozen_at": at, "sign_in_failures": 99, "known_clients": ("client",), "reminder_day": "20270101"}
    begun = {"attempts": (an_attempt(),), "sent_codes": (a_sent_code(),), "completion": "event", "lost_at": at}
    person = a_person(**kept, **begun)

    after = restored(person, "import")

    assert after == restored(person, "import") != restored(person, "another")
    versions = {person.version, person.session_version, after.version, after.session_version}
    assert len(versions) == 3, "the row had one first version for both"
    assert replace(after, version=person.version, session_version=person.session_version) == a_person(**kept)


async def _person(service: Service, name: str, **fields: object) -> str:
    adapters = service.adapters
    entry = await service.use(CreateAccount)(name, OLD)
    contacts, now = {"email": f"{name}@mail.example"}, adapters.clock.now()
    row = registered_person(adapters.keyring, entry.object_id, contacts, at=now, language="en", **fields)
    await adapters.people.write(row, None)
    return row.account
