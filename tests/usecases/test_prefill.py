"""Prefill: a verdict for each row, and never a word over what the person has confirmed."""

from dataclasses import replace

import pytest

from shared.domain.audit import Tag
from shared.domain.errors import SignInRequired
from shared.usecases.prefill import Prefill, PrefillRow, Verdict
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world

OTHER = "+33639980077"


async def administered() -> tuple[World, str]:
    """Ada with a confirmed email address, Bob with nothing, and Avery's session."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    await world.account("bob")
    await world.account("avery", roles=frozenset({"administrator"}))
    return world, await world.sign_in("avery")


async def said(world: World, session: str, *rows: PrefillRow, dry_run: bool = False) -> list[tuple[str, str | None]]:
    verdicts = await world.service.use(Prefill)(session, rows, world.trail, dry_run=dry_run)
    assert [verdict.row for verdict in verdicts] == list(range(1, len(rows) + 1))
    return [(verdict.verdict, verdict.code) for verdict in verdicts]


def row(identifier: str = "bob", language: str | None = None, **contacts: str) -> PrefillRow:
    return PrefillRow(identifier=identifier, contacts=contacts, language=language)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (row(mobile_phone=PHONE), ("prefilled", None)),
        (row(mobile_phone="06 39 98 00 01"), ("refused", "bad_mobile_phone")),
        (row(office_phone="+33155501234"), ("prefilled", None)),
        (row(email="bob@mail.example", mobile_phone=PHONE), ("prefilled", None)),
        (row(language="fr"), ("prefilled", None)),
        (row(), ("refused", "nothing_given")),
        (row(language="tlh"), ("refused", "bad_language")),
        (row(email="not an address"), ("refused", "bad_email")),
        (row("nobody", email="x@mail.example"), ("refused", "unknown_identifier")),
        (row("a\x00b", email="x@mail.example"), ("refused", "unknown_identifier")),
        (row("a" * 400, email="x@mail.example"), ("refused", "bad_identifier")),
        (row("avery", email="x@mail.example"), ("refused", "privileged")),
        (row("ada", email="x@mail.example"), ("refused", "confirmed_by_person")),
        (row("ada", email=EMAIL), ("unchanged", None)),
        (row("ada", email="x@mail.example", mobile_phone=PHONE), ("prefilled", "confirmed_by_person")),
    ],
)
async def test_each_row_gets_its_verdict(given: PrefillRow, expected: tuple[str, str | None]) -> None:
    """And a dry run says the same and writes nothing."""
    world, session = await administered()
    before = dict(world.people.rows)
    assert await said(world, session, given, dry_run=True) == [expected]
    assert world.people.rows == before
    assert world.trail.events[-1].tag is not Tag.PREFILLED
    assert await said(world, session, given) == [expected]


async def test_the_same_file_twice_changes_nothing() -> None:
    """Row for row unchanged."""
    world, session = await administered()
    rows = [row(mobile_phone=PHONE), row("ada", mobile_phone=OTHER), row(language="fr")]
    await said(world, session, *rows)
    assert {verdict for verdict, _ in await said(world, session, *rows)} == {"unchanged"}


async def test_a_bad_row_stops_no_other() -> None:
    """Good, bad, good."""
    world, session = await administered()
    rows = [row(mobile_phone=PHONE), row("nobody", email="x@mail.example"), row("ada", mobile_phone=OTHER)]
    assert [verdict for verdict, _ in await said(world, session, *rows)] == ["prefilled", "refused", "prefilled"]


async def test_what_was_prefilled_waits_for_the_person() -> None:
    """Sealed, from the administrator, unconfirmed; it can be replaced while nobody confirmed it."""
    world, session = await administered()
    await said(world, session, row(mobile_phone=PHONE))
    await said(world, session, row(mobile_phone=OTHER))
    method = world.row("bob").methods[0]
    assert (method.state, method.source, method.confirmed_at) == ("prefilled", "administrator", None)
    assert OTHER not in repr(world.row("bob"))
    view = await world.service.use(ViewRegistration)(await world.sign_in("bob"))
    assert [(m.method, m.contact, m.state) for m in view.methods] == [("mobile_phone", OTHER, "prefilled")]


async def test_every_written_row_is_on_the_record() -> None:
    """Whose account, by whom, with what verdict; no contact (R-100)."""
    world, session = await administered()
    await said(world, session, row(mobile_phone=PHONE), row("nobody", email="x@mail.example"))
    events = [event for event in world.trail.events if event.tag is Tag.PREFILLED]
    assert {event.cause for event in events} == {"prefilled", "unknown_identifier"}
    assert {event.client for event in events} == {world.key_of("avery")}
    assert PHONE not in repr(events)


async def test_an_administrators_session_ends_like_everybodys() -> None:
    """After a password was set, it fills nothing."""
    world, session = await administered()
    world.clock.move(seconds=1)
    world.people.put(replace(world.row("avery"), password_epoch=world.clock.now()))
    with pytest.raises(SignInRequired):
        await said(world, session, row(mobile_phone=PHONE))
    assert world.row("bob").methods == ()


def test_a_verdict_names_its_row() -> None:
    """Numbered from 1, as a spreadsheet is."""
    assert Verdict(row=1, identifier="ada", verdict="prefilled", code=None).row == 1
