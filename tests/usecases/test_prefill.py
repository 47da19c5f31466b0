"""Prefill: a verdict for each row; contacts that the person confirmed are never replaced."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import SignInRequired
from shared.domain.trail import Tag
from shared.usecases.prefill import Prefill, PrefillRow
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world

OTHER = "+33639980077"


async def administered() -> tuple[World, str]:
    """Return a world where Ada has a confirmed address and Bob has none, and the session of Avery (administrator)."""
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


def case(what: str, given: PrefillRow, verdict: str, code: str | None = None) -> Any:
    return pytest.param(given, (verdict, code), id=what)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        case("a number", row(mobile_phone=PHONE), "prefilled"),
        case("a number as at home", row(mobile_phone="06 39 98 00 01"), "prefilled"),
        case("a method that has no channel", row(office_phone="+33155501234"), "prefilled"),
        case("two contacts", row(email="bob@mail.example", mobile_phone=PHONE), "prefilled"),
        case("a language", row(language="fr"), "prefilled"),
        case("nothing", row(), "refused", "nothing_given"),
        case("a language without words", row(language="tlh"), "refused", "bad_language"),
        case("no address", row(email="not an address"), "refused", "bad_email"),
        case("a kept secret", row(authenticator_app="JBSWY3DPEHPK3PXP"), "refused", "bad_authenticator_app"),
        case("an unknown method", row(telepathy="x"), "refused", "bad_telepathy"),
        case("an unknown name", row("nobody", email="x@mail.example"), "refused", "unknown_identifier"),
        case("a null character", row("a\x00b", email="x@mail.example"), "refused", "unknown_identifier"),
        case("a name too long", row("a" * 400, email="x@mail.example"), "refused", "bad_identifier"),
        case("an account with a role", row("avery", email="x@mail.example"), "refused", "privileged"),
        case("a confirmed method", row("ada", email="x@mail.example"), "refused", "confirmed_by_person"),
        case("the confirmed contact", row("ada", email=EMAIL), "unchanged"),
        case(
            "a confirmed method and a new one",
            row("ada", email="x@mail.example", mobile_phone=PHONE),
            "prefilled",
            "confirmed_by_person",
        ),
    ],
)
async def test_each_prefilled_row_gets_its_verdict(given: PrefillRow, expected: tuple[str, str | None]) -> None:
    """A dry run gives the same verdict and writes nothing."""
    world, session = await administered()
    before = dict(world.people.rows)
    assert await said(world, session, given, dry_run=True) == [expected]
    assert world.people.rows == before
    assert world.trail.events[-1].tag is not Tag.PREFILLED
    assert await said(world, session, given) == [expected]


async def test_prefilling_the_same_file_twice_changes_nothing() -> None:
    """Every row is unchanged."""
    world, session = await administered()
    rows = [row(mobile_phone=PHONE), row("ada", mobile_phone=OTHER), row(language="fr")]
    await said(world, session, *rows)
    assert {verdict for verdict, _ in await said(world, session, *rows)} == {"unchanged"}


async def test_a_refused_row_of_a_prefill_does_not_stop_the_others() -> None:
    """A good row, a bad one, and a good one."""
    world, session = await administered()
    rows = [row(mobile_phone=PHONE), row("nobody", email="x@mail.example"), row("ada", mobile_phone=OTHER)]
    assert [verdict for verdict, _ in await said(world, session, *rows)] == ["prefilled", "refused", "prefilled"]


async def test_a_prefilled_contact_is_unconfirmed_and_can_be_replaced() -> None:
    """It is sealed, with the administrator as its source."""
    world, session = await administered()
    await said(world, session, row(mobile_phone=PHONE))
    await said(world, session, row(mobile_phone=OTHER))
    method = world.row("bob").methods[0]
    assert (method.state, method.source, method.confirmed_at) == ("prefilled", "administrator", None)
    assert OTHER not in repr(world.row("bob"))
    view = await world.service.use(ViewRegistration)(await world.sign_in("bob"))
    assert [(m.method, m.contact, m.state) for m in view.methods] == [("mobile_phone", OTHER, "prefilled")]


async def test_every_prefilled_row_is_recorded() -> None:
    """With account, administrator and verdict, and without the contact (R-100)."""
    world, session = await administered()
    await said(world, session, row(mobile_phone=PHONE), row("nobody", email="x@mail.example"))
    events = [event for event in world.trail.events if event.tag is Tag.PREFILLED]
    assert {event.cause for event in events} == {"prefilled", "unknown_identifier"}
    assert {(event.actor, event.client_key) for event in events} == {(world.key_of("avery"), "")}
    assert {event.account for event in events} == {world.key_of("bob"), ""}
    assert PHONE not in repr(events)


async def test_an_administrator_with_an_ended_session_cannot_prefill() -> None:
    """Sessions end when a password is set."""
    world, session = await administered()
    world.people.put(replace(world.row("avery"), session_version="a later one"))
    with pytest.raises(SignInRequired):
        await said(world, session, row(mobile_phone=PHONE))
    assert world.row("bob").methods == ()
