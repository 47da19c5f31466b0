"""Reconfirmation: the index, the timer, one reminder for each person and due day, and the person's yes."""

import asyncio
from dataclasses import replace

import pytest

from shared.domain.message import ReminderOrder
from shared.domain.person import Reminder
from shared.ports.channel import NotSent
from shared.usecases.deliver_reminder import DeliverReminder
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remind import MOST_PER_RUN, Remind
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world


async def overdue(**knobs: int) -> World:
    """Ada registered 180 days ago and stands in the index; Bob registered today."""
    world = a_world(**knobs)
    await world.account("ada")
    session = await world.sign_in()
    await world.register(session, "mobile_phone", PHONE)
    await world.register(session, "email", EMAIL)
    await world.deliver()
    world.clock.move(days=180)
    await world.account("bob")
    await world.register(await world.sign_in("bob"), "email", "bob@mail.example")
    await world.deliver()
    world.adapters.email.letters.clear()
    world.adapters.sms.letters.clear()
    return world


async def orders(world: World) -> list[ReminderOrder]:
    """What the timer orders now."""
    await world.service.use(Remind)(world.trail)
    found, world.trail.orders = world.trail.orders, []
    return found


async def test_the_timer_orders_one_reminder_for_each_who_is_due() -> None:
    """Ada, under the day on which she fell due; not Bob."""
    world = await overdue()
    found = await orders(world)
    assert [(order.account, order.day) for order in found] == [(world.key_of("ada"), "20260829")]


async def test_ten_runs_are_one_reminder() -> None:
    """However often it is ordered and delivered, also in parallel; by email, which costs nothing."""
    world = await overdue()
    for _ in range(10):
        found = await orders(world)
        await asyncio.gather(*(world.deliver(order) for order in found * 3))
    assert [letter.to for letter in world.adapters.email.letters] == [EMAIL]
    assert world.adapters.sms.letters == []


async def test_the_next_reminder_comes_two_weeks_later() -> None:
    """And again, until the person says yes."""
    world = await overdue()
    for round_ in range(1, 4):
        await world.deliver(*await orders(world))
        assert len(world.letters()) == round_
        assert await orders(world) == []
        world.clock.move(days=13)
        assert await orders(world) == []
        world.clock.move(days=1)


async def test_a_yes_ends_it() -> None:
    """The registration is as good as new: nothing is due, and an order on its way finds that out."""
    world = await overdue()
    late = await orders(world)
    view = await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
    assert view.due_at is not None
    assert view.due_at > world.clock.now()
    await world.deliver(*late)
    assert world.letters() == []
    assert await orders(world) == []
    assert {day for day, account in world.adapters.due.entries if account == world.key_of("ada")} == {"20270225"}


async def test_a_delivery_that_died_is_made_up_for_by_email() -> None:
    """Claimed and not marked as sent a minute later: repeated under the same operation."""
    world = await overdue()
    order = (await orders(world))[0]
    world.people.put(replace(world.row(), reminder=Reminder(day=order.day, at=world.clock.now())))
    await world.deliver(order)
    assert world.letters() == [], "it may still be under way"
    world.clock.move(seconds=60)
    await world.deliver(order)
    await world.deliver(order)
    assert len(world.letters()) == 1


async def test_a_delivery_that_died_is_not_repeated_by_sms() -> None:
    """Nothing would stop a second message: the next one comes in two weeks."""
    world = await overdue()
    order = (await orders(world))[0]
    row = world.row()
    phone = tuple(method for method in row.methods if method.name == "mobile_phone")
    reminder = Reminder(day=order.day, at=world.clock.now())
    world.people.put(replace(row, methods=phone, reminder=reminder))
    world.clock.move(minutes=2)
    await world.deliver(order)
    assert world.letters("mobile_phone") == []
    assert world.row().reminder_day > order.day


async def test_a_refused_address_does_not_come_back_every_hour() -> None:
    """Refused for good: the next try is the next reminder. Not taken for now: the next run."""
    for permanent, ordered_again in ((True, False), (False, True)):
        world = await overdue()
        world.adapters.email.faults = [NotSent("http_400", permanent=permanent)]
        await world.deliver(*await orders(world))
        world.clock.move(hours=1)
        assert bool(await orders(world)) is ordered_again


async def test_the_index_is_never_the_truth() -> None:
    """An entry of somebody who removed everything, or whose day has moved, is taken out and nobody is written to."""
    world = await overdue()
    order = (await orders(world))[0]
    world.people.put(replace(world.row(), methods=()))
    await world.deliver(order)
    assert world.letters() == []
    assert await orders(world) == []


async def test_a_policy_that_became_more_patient_moves_the_entry() -> None:
    """Found too early, it is entered for the day that holds now."""
    world = await overdue()
    order = (await orders(world))[0]
    patient = replace(world.service.use(DeliverReminder), policy=replace(world.policy, reconfirm_days=365))
    await patient(order, world.trail)
    assert world.letters() == []
    assert world.row().reminder_day == "20270302"
    assert ("20270302", world.key_of("ada")) in world.adapters.due.entries
    assert await orders(world) == []


async def test_a_run_is_bounded() -> None:
    """What is left is still due an hour later."""
    world = a_world()
    for n in range(MOST_PER_RUN + 10):
        await world.adapters.due.add("20260301", f"account{n}")
    assert len(await orders(world)) == MOST_PER_RUN


async def test_the_index_is_entered_before_the_row_is_written() -> None:
    """A process that dies in between leaves an entry too many, which is harmless, and never one too few."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    before = world.row()
    seen = []
    world.people.meanwhile = lambda: seen.append((set(world.adapters.due.entries), world.row() == before))
    await world.confirm(session, "email")
    assert seen == [({("20260829", world.key_of("ada"))}, True)]


async def test_a_lost_race_enters_the_day_that_is_written() -> None:
    """A removal overtaken by a change of the other method: the row's day stands in the index."""
    world = await overdue()
    session = await world.sign_in()
    row = world.row()
    changed = tuple(
        replace(method, confirmed_at=world.clock.now()) if method.name == "mobile_phone" else method
        for method in row.methods
    )
    world.people.meanwhile = lambda: world.people.put(replace(row, methods=changed))
    await world.service.use(RemoveMethod)(session, "email", world.trail)
    assert (world.row().reminder_day, world.key_of("ada")) in world.adapters.due.entries


async def test_nobody_is_asked_where_the_policy_never_asks() -> None:
    """`reconfirm_days: 0` enters nothing."""
    world = a_world(reconfirm_days=0)
    await world.account("ada")
    await world.register(await world.sign_in(), "email", EMAIL)
    assert world.adapters.due.entries == set()


@pytest.mark.parametrize("days", [179, 180])
async def test_the_view_says_when_it_is_stale(days: int) -> None:
    """On the day, and not before; prefilled contacts are never stale."""
    world = a_world()
    await world.account("ada")
    await world.register(await world.sign_in(), "email", EMAIL)
    world.clock.move(days=days)
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert view.methods[0].state == ("stale" if days == 180 else "confirmed")
