"""What a person sees of what happened, and the copy of what is kept about them (M12, M33)."""

import json
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from shared.domain import person as row
from shared.domain.errors import SignInRequired
from shared.domain.language import LANGUAGES
from shared.domain.trail import AuditEvent, Tag
from shared.messages.catalogue import catalogue
from shared.usecases._activity import HIDDEN, MAY_BE_STOPPED, NOBODY_DID
from shared.usecases.copy_own_data import COPIED, LEFT_OUT, CopyOwnData
from shared.usecases.view_activity import LAST, ViewActivity
from tests.attacks.test_rule_01_space import a_full_row
from tests.builders import EMAIL, PHONE, World, a_world

NEW_PHONE = "+33639980009"


async def recorded(world: World) -> None:
    """Record what the trail has, as the queue function does."""
    await world.adapters.audit_log.record(world.trail.events, record_id=f"r{len(world.adapters.audit_log.records)}")
    world.trail.events.clear()


async def activity(world: World, session: str) -> list[Any]:
    return list(await world.service.use(ViewActivity)(session))


async def after_a_change() -> tuple[World, str]:
    world = a_world(session_seconds=28800)
    world.trail.network, world.trail.device = "203.0.113.0/24", "Firefox, Windows"
    await world.ada()
    session = await world.sign_in()
    await world.register(session, "mobile_phone", NEW_PHONE)
    await recorded(world)
    return world, session


@pytest.mark.parametrize(("hours", "way"), [(0, "code"), (71, "code"), (73, "helpdesk")])
async def test_a_change_can_be_stopped_by_its_code_while_rule_29_allows_it(hours: int, way: str) -> None:
    """Then the page leads to the helpdesk, as for a sign-in. The event says from where and with what it was made."""
    world, _ = await after_a_change()
    world.clock.move(hours=hours)
    *events, created = await activity(world, await world.sign_in())
    assert (created.what, created.not_me) == (Tag.ACCOUNT_CREATED, None)
    assert [(event.what, event.method, event.not_me) for event in events] == [
        (Tag.METHOD_CONFIRMED, "mobile_phone", way),
        (Tag.SESSION_STARTED, "", "helpdesk"),
    ]
    assert {(event.network, event.device) for event in events} == {("203.0.113.0/24", "Firefox, Windows")}


async def test_the_activity_is_ones_own_bounded_and_says_nothing_of_an_administrator() -> None:
    """Neither the network nor the device of an administrator, and no event of another person."""
    world, session = await after_a_change()
    bob = await world.account("bob")
    by = AuditEvent(
        tag=Tag.UNBLOCKED, at=world.clock.now(), account=world.key_of("ada"), actor="admin", network="n", device="d"
    )
    others = [replace(by, account=bob), *[replace(by, tag=Tag.SESSION_REFUSED, actor="")] * (LAST + 20), by]
    await world.adapters.audit_log.record(others, record_id="others")
    events = await activity(world, session)
    first = events[0]
    assert len(events) == LAST
    assert (first.by_administrator, first.network, first.device, first.not_me) == (True, "", "", None)
    assert {event.what for event in await activity(world, await world.sign_in("bob"))} == {
        Tag.ACCOUNT_CREATED,
        Tag.UNBLOCKED,
    }
    for use in (ViewActivity, CopyOwnData):
        with pytest.raises(SignInRequired):
            await world.service.use(use)("not a session", *([world.trail] if use is CopyOwnData else []))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_that_is_shown_has_words(language: str) -> None:
    """A new tag is hidden, or explained in every language."""
    assert catalogue(language)["pages"]["activity"]["what"].keys() == {tag.value for tag in Tag} - HIDDEN
    assert not (NOBODY_DID | MAY_BE_STOPPED) & HIDDEN


def classes_of_a_row() -> list[type]:
    return [kind for kind in vars(row).values() if is_dataclass(kind) and kind.__module__ == row.__name__]


@pytest.mark.parametrize("kind", classes_of_a_row(), ids=lambda kind: kind.__name__)
def test_every_field_of_a_row_is_copied_or_left_out(kind: type) -> None:
    """A new field must be given to the person, or it must be said that it is a secret or tells nothing."""
    if kind in {row.Sealed, row.Evidence}:
        return  # opened, or only what it proves
    listed = [*COPIED[kind], *LEFT_OUT.get(kind, ())]
    assert sorted(listed) == sorted(field.name for field in fields(kind))


async def copied(world: World, session: str) -> dict[str, Any]:
    made = await world.service.use(CopyOwnData)(session, world.trail)
    found: dict[str, Any] = json.loads(TypeAdapter(dict[str, Any]).dump_json(made))
    return found


async def test_the_copy_has_what_is_kept_in_plain_text() -> None:
    """Contacts that are registered and removed, choices, what happened, and who one is in the directory."""
    world, session = await after_a_change()
    copy = await copied(world, session)
    kept = copy["registration"]
    assert [method["contact"] for method in kept["methods"]] == [EMAIL, NEW_PHONE]
    assert [(old["contact"], old["kept_until"][:10]) for old in kept["removed"]] == [
        (PHONE, f"{world.clock.now() + timedelta(days=30):%Y-%m-%d}")
    ]
    assert (copy["directory"]["names"], copy["directory"]["roles"]) == (["ada"], [])
    assert copy["activity"][0]["what"] == Tag.METHOD_CONFIRMED
    assert world.trail.events[-1].tag is Tag.DATA_COPIED


async def test_the_copy_of_the_fullest_row_has_no_secret_hash_or_key() -> None:
    """Whoever steals it can neither prove anything nor recognise anybody by it."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    full = replace(
        a_full_row(world.key_of("ada")),
        version=world.row().version,
        session_version=world.row().session_version,
        object_id=world.row().object_id,
        password_stamp=world.row().password_stamp,
    )
    world.people.put(full)
    text = json.dumps(await copied(world, session))
    secrets = {full.account, full.version, full.session_version, full.password_stamp, *full.ring, *full.known_clients}
    secrets |= {method.sealed.text for method in full.methods} | {one.destination for one in full.methods}
    secrets |= {one.mac for one in full.completions} | {one.event for one in full.notices} | {"d" * 10, "A" * 32}
    assert not [secret for secret in secrets if secret in text]
