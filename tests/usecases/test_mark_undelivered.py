"""Delivery reports: what cannot be reached is marked suspect, shown, asked about, and never taken away."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.audit import Tag
from shared.domain.contact import EmailAddress, PhoneNumber
from shared.domain.person import Person, RegisteredMethod
from shared.domain.reachability import DeliveryReport, Outcome
from shared.usecases.deliver_notice import DeliverNotice
from shared.usecases.deliver_reminder import DeliverReminder
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
    """With its reason, on the row and in the audit log; the other method is as it was."""
    world = await with_ada()
    await report(world, outcome)
    row = world.row()
    assert (method(row).suspect_at, method(row).suspect_reason) == (world.clock.now(), outcome.value)
    assert method(row, "mobile_phone").suspect_at is None
    event = world.trail.events[-1]
    assert (event.tag, event.account, event.method, event.cause) == (
        Tag.METHOD_SUSPECTED, row.account, "email", outcome.value,
    )  # fmt: skip


async def test_a_number_that_is_gone_is_suspect() -> None:
    """An SMS is found by its tag."""
    world = await with_ada()
    await report(world, Outcome.UNREACHABLE, contact=PHONE)
    assert method(world.row(), "mobile_phone").suspect_reason == "unreachable"


async def test_an_address_is_compared_as_its_owner_registered_it() -> None:
    """Mail servers change the case of what they report."""
    world = await with_ada()
    await report(world, contact=EMAIL.upper())
    assert method(world.row()).suspect_at


@pytest.mark.parametrize("outcome", [Outcome.QUARANTINED, Outcome.FILTERED, Outcome.FAILED, Outcome.OTHER])
async def test_the_weather_is_noted_and_marks_nothing(outcome: Outcome) -> None:
    """A spam filter's mood or a busy carrier: the audit log alone."""
    world = await with_ada()
    before = world.row()
    await report(world, outcome)
    assert world.row() == before
    assert (world.trail.events[-1].tag, world.trail.events[-1].cause) == (Tag.DELIVERY_REPORTED, outcome.value)


async def test_the_same_report_twice_is_one() -> None:
    """Event Grid delivers at least once: the second writes nothing and leaves no second event."""
    world = await with_ada()
    await report(world)
    writes, events = world.people.writes, len(world.trail.events)
    await report(world)
    assert (world.people.writes, len(world.trail.events)) == (writes, events)


async def test_a_later_delivery_ends_the_suspicion() -> None:
    """And a delivery that was earlier does not: reports come in any order."""
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


async def test_what_was_confirmed_since_is_not_suspect() -> None:
    """A bounce of before the confirmation has been answered by it."""
    world = await with_ada()
    confirmed_at = method(world.row()).confirmed_at
    assert confirmed_at is not None
    await report(world, at=confirmed_at)
    assert method(world.row()).suspect_at is None


async def test_a_delivery_without_a_suspicion_writes_nothing() -> None:
    """Most reports say that all is well: one query, no write, no event."""
    world = await with_ada()
    writes, events = world.people.writes, len(world.trail.events)
    await report(world, Outcome.DELIVERED)
    assert (world.people.writes, len(world.trail.events)) == (writes, events)


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST])
async def test_a_lost_answer_is_no_lost_mark(fault: Fault) -> None:
    """The mark is recognised by its own time (rule 4)."""
    world = await with_ada()
    world.people.faults = [fault]
    await report(world)
    assert method(world.row()).suspect_at == world.clock.now()


async def test_what_is_not_there_is_noted() -> None:
    """Another address, an account that is gone, somebody else's message: an event without a name, and no mark."""
    world = await with_ada()
    before = world.row()
    await report(world, contact="old@mail.example")
    await report(world, account="")
    await report(world, account="7" * 12)
    assert world.row() == before
    assert [event.tag for event in world.trail.events[-3:]] == [Tag.DELIVERY_REPORTED] * 3
    assert [event.account for event in world.trail.events[-3:]] == [before.account, "", ""]


async def test_of_accounts_that_begin_alike_the_right_one_is_marked() -> None:
    """The destination decides, and no other row is touched."""
    world = await with_ada()
    twin = a_person(world.key_of("ada")[:12] + "2" * 40, email="twin@mail.example")
    world.people.put(twin)
    await report(world)
    assert method(world.row()).suspect_at
    assert world.people.rows[twin.account][0] == twin


async def test_what_nobody_confirmed_is_not_marked() -> None:
    """A prefilled contact proves nothing, so nothing is lost with it."""
    world = await with_ada()
    row = world.row()
    world.people.put(replace(row, methods=(prefilled("email", EMAIL, row.account),)))
    await report(world)
    assert method(world.row()).suspect_at is None


async def test_a_suspect_method_still_proves_and_is_trusted_again() -> None:
    """A bounce is no proof of loss; and a code that came back is proof of the contrary."""
    world = await with_ada()
    await report(world)
    world.clock.move(minutes=1)
    await world.prove("ada", "email", "mobile_phone")
    assert method(world.row()).suspect_at is None
    assert method(world.row()).reached_at == world.clock.now()
    await report(world, at=MONDAY_MORNING + timedelta(seconds=1))
    assert method(world.row()).suspect_at is None, "the same bounce, delivered again"


async def test_its_owner_sees_it_and_confirms_or_reconfirms() -> None:
    """`me` says suspect, the sign-in page is told to ask; a code or the person's word ends it."""
    world = await with_ada()
    await report(world)
    await report(world, Outcome.UNREACHABLE, contact=PHONE)
    world.clock.move(minutes=1)
    session = await world.sign_in()
    assert await states(world, session) == {"email": "suspect", "mobile_phone": "suspect"}
    assert await world.service.use(ViewRegistration).status(session) == "must_reconfirm"
    await world.register(session, "email", None)
    assert await states(world, session) == {"email": "confirmed", "mobile_phone": "suspect"}
    await world.service.use(Reconfirm)(session, world.trail)
    assert await states(world, session) == {"email": "confirmed", "mobile_phone": "confirmed"}
    assert await world.service.use(ViewRegistration).status(session) == "fine"


async def test_the_successor_of_a_suspect_method_does_not_rest() -> None:
    """Whoever lost a mailbox must not wait a day for the next one; with two that reach the person, it rests."""
    world = a_world(gates=1)
    await world.account("ada", email=EMAIL)
    await report(world)
    world.clock.move(minutes=1)
    view = await world.register(await world.sign_in(), "mobile_phone", SPARE)
    assert {method.method: method.usable_from for method in view.methods}["mobile_phone"] is None


async def test_a_reminder_goes_where_it_arrives() -> None:
    """To the phone when the mailbox is suspect; a notice goes to all, and to the sound ones first."""
    world = await with_ada()
    await report(world)
    row = world.row()
    assert [name for name, *_ in world.service.use(DeliverNotice)._addresses(row)] == ["mobile_phone", "email"]
    reminded = world.service.use(DeliverReminder)._method(row)
    assert reminded is not None
    assert reminded.name == "mobile_phone"
