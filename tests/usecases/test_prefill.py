"""Prefill: a verdict for each row; contacts that the person confirmed are never replaced."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import SignInRequired
from shared.domain.trail import Tag
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world

OTHER, BRAZILIAN = "+33639980077", "+5511961234567"


async def administered() -> tuple[World, str]:
    """Return a world where Ada has a confirmed address and Bob has none, and the session of Avery (administrator)."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    await world.account("bob")
    await world.account("avery", roles=frozenset({"administrator"}))
    return world, await world.sign_in("avery")


async def said(world: World, session: str, *rows: Any, **wishes: bool) -> list[tuple[str, str | None]]:
    verdicts = await world.prefill(session, *rows, **wishes)
    assert [verdict.row for verdict in verdicts] == list(range(1, len(rows) + 1))
    return [(verdict.verdict, verdict.code) for verdict in verdicts]


def row(identifier: object = "bob", **cells: object) -> dict[str, object]:
    return {"identifier": identifier, **cells}


def case(what: str, given: Any, verdict: str, code: str | None = None) -> Any:
    return pytest.param(given, (verdict, code), id=what)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        case("a number", row(mobile_phone=PHONE), "prefilled"),
        case("a number as at home", row(mobile_phone="06 39 98 00 01"), "prefilled"),
        case("a country that no sender reaches", row(mobile_phone=BRAZILIAN), "refused", "bad_mobile_phone"),
        case("a method that has no channel", row(office_phone="+33155501234"), "prefilled"),
        case("two contacts", row(email="bob@mail.example", mobile_phone=PHONE), "prefilled"),
        case("a language", row(language="fr"), "prefilled"),
        case("nothing", row(), "refused", "nothing_given"),
        case("a language without words", row(language="tlh"), "refused", "bad_language"),
        case("no address", row(email="not an address"), "refused", "bad_email"),
        case("an unknown column", row(authenticator_app="JBSWY3DPEHPK3PXP"), "refused", "nothing_given"),
        case("a column with an unknown one", row(telepathy="x", mobile_phone=PHONE), "prefilled"),
        case("no name", row(None, mobile_phone=PHONE), "refused", "no_identifier"),
        case("a name that is no text", row(True, mobile_phone=PHONE), "refused", "bad_identifier"),
        case("no row", ["bob"], "refused", "not_a_row"),
        case("a blank cell", row(email=" \u200b", mobile_phone=PHONE), "prefilled"),
        case("a cell without a value", row(email=None, mobile_phone=PHONE), "prefilled"),
        case("a number as a number", row(mobile_phone=33639980001), "prefilled"),
        case("a language with a region", row(language="FR_ca"), "prefilled"),
        case("a bad cell and a good one", row(email="no address", mobile_phone=PHONE), "prefilled", "bad_email"),
        case("a bad language and a good cell", row(language="tlh", email=EMAIL), "prefilled", "bad_language"),
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
async def test_each_prefilled_row_gets_its_verdict(given: Any, expected: tuple[str, str | None]) -> None:
    """A dry run gives the same verdict and writes nothing."""
    world, session = await administered()
    before = dict(world.people.rows)
    assert await said(world, session, given, dry_run=True) == [expected]
    assert world.people.rows == before
    assert Tag.PREFILLED not in {event.tag for event in world.adapters.audit_outbox.events}
    assert await said(world, session, given) == [expected]


async def test_prefilling_the_same_file_twice_changes_nothing() -> None:
    """Every row is unchanged."""
    world, session = await administered()
    rows = [row(mobile_phone=PHONE, language="fr"), row("ada", mobile_phone=OTHER)]
    await said(world, session, *rows)
    assert {verdict for verdict, _ in await said(world, session, *rows)} == {"unchanged"}


async def test_a_refused_row_of_a_prefill_does_not_stop_the_others() -> None:
    """A good row, a bad one, and a good one."""
    world, session = await administered()
    rows = [row(mobile_phone=PHONE), row("nobody", email="x@mail.example"), row("ada", mobile_phone=OTHER)]
    assert [verdict for verdict, _ in await said(world, session, *rows)] == ["prefilled", "refused", "prefilled"]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_person_whom_a_batch_has_twice_is_taken_from_the_first_row(*, dry_run: bool) -> None:
    """Whatever the spelling, by two names of one account too. A row with nothing to take does not count."""
    world, session = await administered()
    accounts = world.directory.accounts
    ada = next(key for key, (entry, _) in accounts.items() if "ada" in entry.names)
    accounts[ada] = (replace(accounts[ada][0], names=("ada", "ada@corp.example")), accounts[ada][1])
    rows = [
        row("bob", mobile_phone="no number"), row("bob", mobile_phone=PHONE), row("BOB", mobile_phone=OTHER),
        row("bob\u200b ", language="fr"), row("ada", mobile_phone=OTHER), row("ada@corp.example", language="fr"),
    ]  # fmt: skip
    verdicts = await world.prefill(session, *rows, dry_run=dry_run)
    assert [(verdict.code, verdict.duplicate_of) for verdict in verdicts] == [
        ("bad_mobile_phone", None), (None, None), ("duplicate", 2), ("duplicate", 2), (None, None), ("duplicate", 5),
    ]  # fmt: skip


async def test_each_cell_of_a_batch_has_its_verdict() -> None:
    """With what is wrong with it; a bad cell costs no other one."""
    world, session = await administered()
    await said(world, session, row(language="fr"))
    given = row(
        "ada", language="fr", email="x@mail.example", mobile_phone="+33 1 55 50 12 34", office_phone="0155501234 x9"
    )
    mixed, again = await world.prefill(session, given, row(language="fr"))
    assert [(cell.column, cell.verdict, cell.reason) for cell in mixed.cells] == [
        ("language", "prefilled", None),
        ("email", "refused", "confirmed_by_person"),
        ("mobile_phone", "refused", "not_mobile"),
        ("office_phone", "prefilled", None),
    ]
    assert [(cell.column, cell.verdict) for cell in again.cells] == [("language", "unchanged")]


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
    events = [event for event in world.adapters.audit_outbox.events if event.tag is Tag.PREFILLED]
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
