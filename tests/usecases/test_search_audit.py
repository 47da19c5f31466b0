"""Staff search the audit log: everything asked for, a page at a time, by name, and the search leaves an event."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.admin_audit import EventAnswer
from local.stack.parts import ROOT
from shared.domain.audit_schema import MEANINGS, NAMES, Result, asim_record, result_of
from shared.domain.errors import InvalidInput, NotAllowed, Refused
from shared.domain.trail import AuditEvent, Tag
from shared.ports.directory import DirectoryLost
from shared.usecases.search_audit import FoundEvents, Search, SearchAudit
from shared.validation.identifier import CanonicalIdentifier
from tests.builders import World, a_world

ADMINISTRATOR = frozenset({"administrator"})


class Office:
    """Two administrators, and two people to whom something happened."""

    def __init__(self, world: World) -> None:
        self.world, self.log = world, world.adapters.audit_log

    async def found(self, reader: str = "root", *, most: int = 50, at: str | None = None, **search: Any) -> FoundEvents:
        token = self.world.sessions[reader]
        names = {k: CanonicalIdentifier(v) for k, v in search.items() if k in {"person", "actor"}}
        wanted = Search(**{**search, **names})
        return await self.world.service.use(SearchAudit)(token, wanted, self.world.trail, most=most, after=at)

    async def tags(self, **search: Any) -> list[tuple[str, str, str]]:
        return [(one.action.value, one.person, one.actor) for one in (await self.found(**search)).events]


@pytest.fixture
async def office() -> Office:
    world = a_world()
    for name in ("root", "rita"):
        await world.account(name, roles=ADMINISTRATOR)
        world.sessions[name] = await world.sign_in(name)
    ada, bob = await world.ada(), await world.account("bob")
    world.adapters.audit_log.records.clear()
    now, root = world.clock.now(), world.key_of("root")
    events = [
        AuditEvent(tag=Tag.PASSWORD_RESET, at=now - timedelta(days=40), account=ada, reference="bcdfghjkmnpq"),
        AuditEvent(tag=Tag.UNBLOCKED, at=now - timedelta(days=2), account=ada, actor=root),
        AuditEvent(tag=Tag.ERASED, at=now - timedelta(days=1), account=bob, actor=root, cause="privileged"),
        AuditEvent(tag=Tag.RESET_STARTED, at=now - timedelta(hours=1), account="202648-" + "s" * 43),
    ]
    for number, event in enumerate(events):
        await world.adapters.audit_log.record([event], record_id=f"r{number}")
    return Office(world)


ERASED, UNBLOCKED = ("admin:account:erased", "bob", "root"), ("admin:account:unblocked", "ada", "root")
STARTED, RESET = ("reset:account:started", "", ""), ("password:account:reset", "ada", "")


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        ({}, [STARTED, ERASED, UNBLOCKED]),
        ({"person": "ada"}, [UNBLOCKED]),
        ({"person": "ada", "since": datetime(2020, 1, 1, tzinfo=UTC)}, [UNBLOCKED, RESET]),
        ({"actor": "root"}, [ERASED, UNBLOCKED]),
        ({"actor": "root", "person": "bob"}, [ERASED]),
        ({"reference": "bcdfghjkmnpq", "since": datetime.min.replace(tzinfo=UTC)}, [RESET]),
        ({"actions": frozenset({Tag.RESET_STARTED, Tag.UNBLOCKED})}, [STARTED, UNBLOCKED]),
        ({"result": Result.FAILURE}, [ERASED]),
        ({"until": datetime.max.replace(tzinfo=UTC), "actor": "rita"}, []),
    ],
)
async def test_events_are_found_by_what_they_are_about(
    office: Office, search: Mapping[str, Any], wanted: list[tuple[str, str, str]]
) -> None:
    """Newest first, with the names of both parties. A stranger has none. The search is an event of its reader."""
    office.world.trail.events.clear()
    assert await office.tags(**search) == wanted
    [event] = office.world.trail.events
    assert (event.tag, event.actor) == (Tag.AUDIT_READ, office.world.key_of("root"))
    assert event.account == (office.world.key_of(search["person"]) if "person" in search else "")


async def test_pages_go_on_for_their_reader_alone_and_are_one_search(office: Office) -> None:
    """No page repeats or leaves out an event, and nothing in one is the key of a row (rule 7)."""
    office.world.trail.events.clear()
    first = await office.found(most=2)
    assert first.next
    second = await office.found(most=2, at=first.next)
    assert [one.action for one in (*first.events, *second.events)] == [Tag.RESET_STARTED, Tag.ERASED, Tag.UNBLOCKED]
    assert second.next is None
    assert [event.tag for event in office.world.trail.events] == [Tag.AUDIT_READ]
    assert len({one.actor_key for one in first.events[1:] + second.events}) == 1
    keys = {office.world.key_of(name) for name in ("ada", "bob", "root")}
    assert not any(key in repr(first) + repr(second) for key in keys)
    with pytest.raises(Refused):
        await office.found("rita", at=first.next)


@pytest.mark.parametrize(
    ("search", "error"),
    [
        ({"person": "nobody"}, InvalidInput),
        ({"actor": "nobody"}, InvalidInput),
        ({"since": datetime(9999, 1, 1, tzinfo=UTC)}, InvalidInput),
        ({"until": datetime.min.replace(tzinfo=UTC)}, InvalidInput),
    ],
)
async def test_a_search_that_can_find_nothing_is_refused(office: Office, search: dict[str, Any], error: Any) -> None:
    """A mistyped name must not look like one to whom nothing happened."""
    with pytest.raises(error):
        await office.found(**search)


async def test_who_has_lost_the_role_reads_nothing_and_without_the_directory_no_name_is_shown(office: Office) -> None:
    """The rights of now (rule 24). A name is not needed to see what happened."""
    office.world.directory.granted("rita")
    with pytest.raises(NotAllowed):
        await office.found("rita")
    once = office.world.directory.find

    async def only_the_reader(object_id: Any) -> Any:
        office.world.directory.find = lost
        return await once(object_id)

    async def lost(_object_id: Any) -> Any:
        raise DirectoryLost

    office.world.directory.find = only_the_reader
    found = (await office.found(actor="root")).events
    assert [(one.actor, bool(one.actor_id), bool(one.actor_key)) for one in found] == [("", True, True)] * 2


def test_every_event_has_a_row_in_the_published_schema() -> None:
    """docs/audit-schema.md names each action and each field, as the code has them."""
    page = Path(ROOT, "docs", "audit-schema.md").read_text("utf-8").splitlines()
    assert MEANINGS.keys() == set(Tag)
    wanted = [f"| `{tag}` | {of.about} | {of.doer} | {of.schema} | {of.event_type} |" for tag, of in MEANINGS.items()]
    wanted += [f"| `{f}` | {', '.join(NAMES.get(f, ('AdditionalFields',)))} |" for f in EventAnswer.model_fields]
    assert [line for line in wanted if not any(row.startswith(line) for row in page)] == []


@pytest.mark.parametrize(
    ("tag", "cause", "result"),
    [
        (Tag.CODE_DELIVERED, "sent", "Success"),
        (Tag.CODE_DELIVERED, "limited", "Failure"),
        (Tag.UNBLOCKED, "", "Success"),
        (Tag.UNBLOCKED, "own_account", "Failure"),
        (Tag.ERASED, "nothing_kept", "NA"),
        (Tag.METHODS_COMPROMISED, "the phone was stolen", "Success"),
        (Tag.PASSWORD_UNKNOWN, "outcome_unknown", "NA"),
    ],
)
def test_the_result_follows_from_the_action_and_its_cause(tag: Tag, cause: str, result: str) -> None:
    """What was refused to staff is a failure of the same action."""
    assert result_of(AuditEvent(tag=tag, at=datetime.now(UTC), cause=cause)) == result


@pytest.mark.parametrize("network", ["203.0.113.7", "203.0.113.0/24", "2001:db8::7", "2001:db8::/48", "a" * 52, ""])
async def test_an_event_has_the_names_of_the_siem(office: Office, network: str) -> None:
    """The person is the actor of what they did. Only a whole address is `SrcIpAddr`; no field is lost."""
    event = replace(office.log.events[0], network=network)
    office.log.records["r0"] = (event,)
    [found] = (await office.found(person="ada", since=datetime(2020, 1, 1, tzinfo=UTC))).events[1:]
    record = asim_record(json.loads(EventAnswer.of(found).model_dump_json()))
    assert record["EventSchema"] == "UserManagement"
    assert record["EventType"] == "PasswordReset"
    assert record["ActorUsername"] == record["TargetUsername"] == "ada"
    assert record.get("SrcIpAddr", "") == (network if network in {"203.0.113.7", "2001:db8::7"} else "")
    assert record["AdditionalFields"].get("network", "") == network
    assert record["AdditionalFields"]["reference"] == "bcdfghjkmnpq"
