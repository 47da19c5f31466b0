"""Delivery reports: a method that could not be reached becomes suspect, is shown as such, and stays on the row."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.contact import EmailAddress, PhoneNumber
from shared.domain.person import Person, RegisteredMethod
from shared.domain.reachability import DeliveryReport, Outcome
from shared.domain.trail import Tag
from shared.usecases._reminding import reminded_at
from shared.usecases.deliver_notice import DeliverNotice
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_person, a_world, prefilled
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.people import Fault

SPARE = "+33639980055"


async def with_ada(**knobs: int) -> World:
    world = a_world(**knobs)
    await world.ada()
    return world


async def report(
    world: World,
    outcome: Outcome = Outcome.BOUNCED,
    *,
    contact: str = EMAIL,
    at: datetime | None = None,
    account: str | None = None,
) -> None:
    key = world.key_of("ada")
    is_email = "@" in contact
    await world.service.use(MarkUndelivered)(
        DeliveryReport(
            account=account if account is not None else (key[:12] if is_email else key),
            contact=EmailAddress(contact) if is_email else PhoneNumber(contact),
            outcome=outcome,
            at=at or world.clock.now(),
        ),
        world.trail,
    )


def method(row: Person, name: str = "email") -> RegisteredMethod:
    found = row.method(name)
    assert found is not None
    return found


async def states(world: World, session: str) -> dict[str, str]:
    view = await world.service.use(ViewRegistration)(session)
    return {method.method: method.state for method in view.methods}


@pytest.mark.parametrize("outcome", [Outcome.BOUNCED, Outcome.SUPPRESSED])
async def test_a_bounced_address_is_suspect(outcome: Outcome) -> None:
    """With its reason, on the row and in the audit log. The other method does not change."""
    world = await with_ada()
    await report(world, outcome)
    row = world.row()
    assert (method(row).suspect_at, method(row).suspect_reason) == (world.clock.now(), outcome.value)
    assert method(row, "mobile_phone").suspect_at is None
    event = world.trail.events[-1]
    assert (event.tag, event.account, event.method, event.cause) == (
        Tag.METHOD_SUSPECTED, row.account, "email", outcome.value,
    )  # fmt: skip


async def test_a_number_that_no_longer_exists_is_suspect() -> None:
    """The account of an SMS is found by its tag."""
    world = await with_ada()
    await report(world, Outcome.UNREACHABLE, contact=PHONE)
    assert method(world.row(), "mobile_phone").suspect_reason == "unreachable"


async def test_a_bounced_address_is_found_in_any_case() -> None:
    """Mail servers change the case of addresses in reports."""
    world = await with_ada()
    await report(world, contact=EMAIL.upper())
    assert method(world.row()).suspect_at


@pytest.mark.parametrize(
    "outcome", [Outcome.QUARANTINED, Outcome.FILTERED, Outcome.FAILED, Outcome.SENDER_REFUSED, Outcome.OTHER]
)
async def test_a_temporary_failure_is_only_recorded(outcome: Outcome) -> None:
    """A spam filter or a busy carrier may accept the next message, so only the audit log has the report."""
    world = await with_ada()
    before = world.row()
    await report(world, outcome)
    assert world.row() == before
    assert (world.trail.events[-1].tag, world.trail.events[-1].cause) == (Tag.DELIVERY_REPORTED, outcome.value)


async def test_a_repeated_delivery_report_changes_nothing() -> None:
    """Event Grid delivers at least once. The second report causes no write and no event."""
    world = await with_ada()
    await report(world)
    writes, events = world.people.writes, len(world.trail.events)
    await report(world)
    assert (world.people.writes, len(world.trail.events)) == (writes, events)


async def test_only_a_later_delivery_clears_the_suspect_mark() -> None:
    """Reports come in any order."""
    world = await with_ada()
    at = world.clock.now()
    await report(world, at=at)
    await report(world, Outcome.DELIVERED, at=at - timedelta(minutes=1))
    assert method(world.row()).suspect_at
    await report(world, Outcome.DELIVERED, at=at + timedelta(minutes=1))
    assert method(world.row()).suspect_at is None
    assert world.trail.events[-1].tag is Tag.METHOD_REACHED
    await report(world, at=at + timedelta(seconds=30))
    assert method(world.row()).suspect_at is None, "an older bounce that came late"


async def test_a_bounce_before_the_confirmation_is_ignored() -> None:
    """The later confirmation has proved that the address works."""
    world = await with_ada()
    confirmed_at = method(world.row()).confirmed_at
    assert confirmed_at is not None
    await report(world, at=confirmed_at)
    assert method(world.row()).suspect_at is None


async def test_a_delivery_to_a_method_that_is_not_suspect_writes_nothing() -> None:
    """Most reports are of this kind: one query, no write, no event."""
    world = await with_ada()
    writes, events = world.people.writes, len(world.trail.events)
    await report(world, Outcome.DELIVERED)
    assert (world.people.writes, len(world.trail.events)) == (writes, events)


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
async def test_a_suspect_mark_is_written_when_an_answer_of_the_store_is_lost(fault: Fault) -> None:
    """The write is found by its nonce (rule 4), and recorded once."""
    world = await with_ada()
    world.people.faults = [fault]
    await report(world)
    assert method(world.row()).suspect_at == world.clock.now()
    assert [event.tag for event in world.trail.events] == [Tag.METHOD_SUSPECTED]


@pytest.mark.parametrize(
    ("what", "named"),
    [
        pytest.param({"contact": "old@mail.example"}, True, id="another address"),
        pytest.param({"account": ""}, False, id="another service's message"),
        pytest.param({"account": "7" * 12}, False, id="an account that is gone"),
    ],
)
async def test_a_report_about_an_unknown_contact_is_only_recorded(what: dict[str, str], named: bool) -> None:
    """An event with the account if it is known, and no mark."""
    world = await with_ada()
    before = world.row()
    await report(world, **what)
    assert world.row() == before
    event = world.trail.events[-1]
    assert (event.tag, event.account) == (Tag.DELIVERY_REPORTED, before.account if named else "")


async def test_a_report_marks_the_right_one_of_accounts_with_the_same_start() -> None:
    """The destination decides, and no other row is changed."""
    world = await with_ada()
    twin = a_person(world.key_of("ada")[:12] + "2" * 40, email="twin@mail.example")
    world.people.put(twin)
    await report(world)
    assert method(world.row()).suspect_at
    assert world.people.rows[twin.account][0] == twin


async def test_an_unconfirmed_contact_never_becomes_suspect() -> None:
    """A prefilled contact proves nothing, so the report does not matter."""
    world = await with_ada()
    row = world.row()
    world.people.put(replace(row, methods=(prefilled("email", EMAIL, row.account),)))
    await report(world)
    assert method(world.row()).suspect_at is None


async def test_a_suspect_method_still_proves_and_is_then_no_longer_suspect() -> None:
    """The person may still have the address, and a right code proves it."""
    world = await with_ada()
    await report(world)
    world.clock.move(minutes=1)
    await world.prove("ada", "email", "mobile_phone")
    assert method(world.row()).suspect_at is None
    assert method(world.row()).reached_at == world.clock.now()
    await report(world, at=MONDAY_MORNING + timedelta(seconds=1))
    assert method(world.row()).suspect_at is None, "the same bounce, delivered again"


async def test_the_owner_of_a_suspect_method_sees_it_and_confirms_or_reconfirms() -> None:
    """`GET v1/me` shows suspect and the status is must_reconfirm. Only a code clears it: a session is no proof."""
    world = await with_ada()
    await report(world)
    await report(world, Outcome.UNREACHABLE, contact=PHONE)
    world.clock.move(minutes=1)
    session = await world.sign_in()
    assert await states(world, session) == {"email": "suspect", "mobile_phone": "suspect"}
    assert await world.status(session) == "must_reconfirm"
    await world.register(session, "email", None)
    assert await states(world, session) == {"email": "confirmed", "mobile_phone": "suspect"}
    await world.service.use(Reconfirm)(session, world.trail)
    assert await states(world, session) == {"email": "confirmed", "mobile_phone": "suspect"}
    await world.register(session, "mobile_phone", None)
    assert await world.status(session) == "fine"


async def test_a_reminder_goes_to_a_method_that_is_not_suspect() -> None:
    """To the phone if the address is suspect. A notice goes to all."""
    world = await with_ada()
    await report(world)
    row = world.row()
    addresses = world.service.use(DeliverNotice)._addresses(row)
    assert [sealed.method for _, (sealed, _) in addresses] == ["email", "mobile_phone"]
    reminded = reminded_at(row)
    assert reminded is not None
    assert reminded.name == "mobile_phone"
