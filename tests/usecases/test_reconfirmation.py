"""Reconfirmation: the Due index, the timer, one reminder for each person and due day, and reconfirming."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.contact import EmailAddress, PhoneNumber
from shared.domain.errors import InvalidInput, TryAgain
from shared.domain.limits import REMINDERS
from shared.domain.person import Reminder
from shared.domain.reachability import DeliveryReport, Outcome
from shared.domain.trail import ReminderOrder, Tag
from shared.ports.channel import NotSent
from shared.usecases._limits import Limits
from shared.usecases.deliver_reminder import DeliverReminder
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remind import MOST_PER_RUN, Remind
from shared.usecases.verify import Granted
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world


async def overdue(**knobs: int) -> World:
    """Return a world where Ada registered 180 days ago and is in the Due index, and Bob registered today."""
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
    world.adapters.email.messages.clear()
    world.adapters.sms.messages.clear()
    return world


async def orders(world: World) -> list[ReminderOrder]:
    """Return the orders of the timer now."""
    await world.service.use(Remind)()
    found, world.orders = world.orders, []
    return found


async def test_the_timer_orders_one_reminder_for_each_person_who_is_due() -> None:
    """For Ada, since the hour of the first reminder, and not for Bob."""
    world = await overdue()
    found = await orders(world)
    assert [(order.account, order.day) for order in found] == [(world.key_of("ada"), "2026081508")]


async def test_ten_runs_of_the_timer_send_one_reminder() -> None:
    """Also with repeated and parallel deliveries. It is sent by email."""
    world = await overdue()
    for _ in range(10):
        found = await orders(world)
        await asyncio.gather(*(world.deliver(order) for order in found * 3))
    assert [message.to for message in world.adapters.email.messages] == [EMAIL]
    assert world.adapters.sms.messages == []


async def test_reminders_say_how_long_is_left_and_end() -> None:
    """In Auckland: 14 and 3 days before, on the day, then weekly until the bound. Later the row is looked at."""
    world = a_world(gates=1, reminders_overdue=2)
    await world.ada(language="en", time_zone="Pacific/Auckland")
    await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
    world.clock.move(days=150)
    said = []
    for _ in range(24 * 60):
        if found := await orders(world):
            await world.deliver(*found)
            local = world.clock.now().astimezone(ZoneInfo("Pacific/Auckland"))
            said.append((local.strftime("%d %b %H"), world.messages()[-1]))
        world.clock.move(hours=1)
    assert [when for when, _ in said] == ["15 Aug 08", "26 Aug 08", "29 Aug 08", "05 Sep 08", "12 Sep 08"]
    for (_, text), words in zip(
        said, ["within 14 days", "within 3 days", "today", "overdue by 7 days", "overdue by 14"], strict=True
    ):
        assert words in text
    ring, sent = world.row().ring, len(world.messages())
    world.clock.move(days=170)
    await world.deliver(*await orders(world))
    assert world.row().ring != ring, "written under the newest key"
    assert (len(world.messages()), await orders(world)) == (sent, [])


async def test_a_question_can_be_put_off_twice_in_a_period() -> None:
    """Neither page asks, and no reminder comes before the end of it. A third time changes nothing."""
    world = a_world(gates=1, reminders_overdue=3)
    await world.ada()
    reconfirm = world.service.use(Reconfirm)
    assert (await reconfirm.later(await world.sign_in(), world.trail)).snoozed_until is None, "nothing is asked yet"
    await reconfirm(await world.sign_in(), world.trail)
    world.clock.move(days=165)
    reminded, asked, due = [], [], []
    for day in range(-14, 32):
        world.clock.move(days=1)
        session = await world.sign_in()
        view = await world.service.use(ViewRegistration)(session)
        asked += [day] if view.methods[0].reconfirm else []
        due += [day] if await world.status(session) == "must_reconfirm" else []
        if day in {-13, -2, 9}:
            view = await reconfirm.later(session, world.trail)
            assert view.snoozed_until == (None if day == 9 else world.clock.now() + timedelta(days=7))
        if view.methods[0].reconfirm:
            assert view.snooze_days == (7 if day < -2 else 0), "twice"
        for order in await orders(world):
            await world.deliver(order)
            reminded.append(day)
    assert reminded == [-14, -6, -3, 5, 7, 14, 21]
    assert asked == [-14, -13, *range(-6, -1), *range(5, 32)]
    assert due == [*range(5, 32)]
    assert (await reconfirm(await world.sign_in(), world.trail)).snoozed_until is None


async def test_one_method_can_be_reconfirmed_alone() -> None:
    """The others stay due; one that is not confirmed is refused."""
    world = a_world()
    await world.ada()
    reconfirm = world.service.use(Reconfirm)
    world.clock.move(days=180)
    session = await world.sign_in()
    with pytest.raises(InvalidInput):
        await reconfirm(session, world.trail, method="authenticator_app")
    view = await reconfirm(session, world.trail, method="email")
    assert [(method.method, method.reconfirm) for method in view.methods] == [("email", False), ("mobile_phone", True)]
    assert view.due_at is not None
    assert view.due_at < world.clock.now()
    assert (world.trail.events[-1].tag, world.trail.events[-1].method) == (Tag.REGISTRATION_RECONFIRMED, "email")


async def test_a_reminder_that_met_the_night_waits_for_the_morning() -> None:
    """A queue that was held up, or a zone that the person chose meanwhile. In the morning it comes, once."""
    world = await overdue()
    found = await orders(world)
    world.people.put(replace(world.row(), time_zone="Asia/Tokyo"))  # 09:00 in UTC is 18:00 there
    world.clock.move(hours=3)
    await world.deliver(*found)
    assert world.messages() == []
    assert (world.row().reminder_day, await orders(world)) == ("2026082923", [])
    world.clock.move(hours=11)
    for _ in range(2):
        await world.deliver(*await orders(world), *found)
    assert len(world.messages()) == 1


async def test_a_reminder_that_was_perhaps_sent_in_the_evening_is_repeated_in_the_morning_by_the_same_id() -> None:
    """The provider takes one id once: another entry of the index would be another id, and a second email."""
    world = await overdue()
    world.clock.move(hours=10, minutes=50)
    order = (await orders(world))[0]
    world.people.put(replace(world.row(), reminder=Reminder(day=order.day, at=world.clock.now())))
    for _ in range(13):
        world.clock.move(hours=1)
        await world.deliver(*await orders(world))
        assert len(world.messages()) == (8 <= world.clock.now().hour < 20)
    assert world.adapters.email.messages[0].idempotency.endswith(order.day)


async def test_a_suspect_method_is_asked_about_by_another_one() -> None:
    """Within the day, and not at the address that cannot be reached."""
    world = a_world()
    await world.ada(language="en")
    await undelivered(world, EMAIL)
    await world.deliver(*await orders(world))
    assert world.messages() == []
    assert "could not be delivered" in world.messages("mobile_phone")[0]
    await undelivered(world, PHONE)
    world.clock.move(days=7)
    await world.deliver(*await orders(world))
    assert len(world.messages("mobile_phone")) == 1


async def undelivered(world: World, contact: str) -> None:
    """Report that nothing can be delivered there."""
    to = EmailAddress(contact) if "@" in contact else PhoneNumber(contact)
    report = DeliveryReport(account=world.key_of("ada"), contact=to, outcome=Outcome.BOUNCED, at=world.clock.now())
    await world.service.use(MarkUndelivered)(report, world.trail)


async def test_reconfirming_ends_the_reminders() -> None:
    """Nothing is due, and an order that was queued before sends nothing."""
    world = await overdue()
    late = await orders(world)
    view = await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
    assert view.due_at is not None
    assert view.due_at > world.clock.now()
    await world.deliver(*late)
    assert world.messages() == []
    assert await orders(world) == []
    assert {day for day, account in world.adapters.due.entries if account == world.key_of("ada")} == {"2027021108"}


async def test_a_reminder_whose_delivery_stopped_is_sent_again_by_email() -> None:
    """If it was claimed and not marked as sent after a minute, it is sent again with the same operation id."""
    world = await overdue()
    order = (await orders(world))[0]
    world.people.put(replace(world.row(), reminder=Reminder(day=order.day, at=world.clock.now())))
    await world.deliver(order)
    assert world.messages() == [], "it may still be under way"
    world.clock.move(seconds=60)
    await world.deliver(order)
    await world.deliver(order)
    assert len(world.messages()) == 1


async def test_a_reminder_whose_delivery_stopped_is_not_sent_again_by_sms() -> None:
    """The person could get it twice. The next one is sent in a week."""
    world = await overdue()
    order = (await orders(world))[0]
    row = world.row()
    phone = tuple(method for method in row.methods if method.name == "mobile_phone")
    reminder = Reminder(day=order.day, at=world.clock.now())
    world.people.put(replace(row, methods=phone, reminder=reminder))
    world.clock.move(minutes=2)
    await world.deliver(order)
    assert world.messages("mobile_phone") == []
    assert world.row().reminder_day > order.day


@pytest.mark.parametrize(
    ("permanent", "ordered_again"),
    [pytest.param(True, False, id="refused for good"), pytest.param(False, True, id="not taken for now")],
)
async def test_a_permanently_refused_reminder_is_not_ordered_every_hour(permanent: bool, ordered_again: bool) -> None:
    """It is tried again in a week. After a temporary refusal it is tried at the next run."""
    world = await overdue()
    world.adapters.email.faults = [NotSent("http_400", permanent=permanent)]
    await world.deliver(*await orders(world))
    world.clock.move(hours=1)
    assert bool(await orders(world)) is ordered_again


async def test_an_index_entry_that_does_not_match_the_row_is_removed() -> None:
    """For example, when the person removed every method. No reminder is sent."""
    world = await overdue()
    order = (await orders(world))[0]
    world.people.put(replace(world.row(), methods=()))
    await world.deliver(order)
    assert world.messages() == []
    assert await orders(world) == []


async def test_a_longer_reconfirmation_period_moves_the_index_entry() -> None:
    """An entry that is found too early is moved to the current due day."""
    world = await overdue()
    order = (await orders(world))[0]
    asking_later = replace(world.service.use(DeliverReminder), policy=replace(world.policy, reconfirm_days=365))
    await asking_later(order, world.trail)
    assert world.messages() == []
    assert world.row().reminder_day == "2027021608"
    assert ("2027021608", world.key_of("ada")) in world.adapters.due.entries
    assert await orders(world) == []


async def test_a_run_of_the_timer_is_bounded() -> None:
    """The rest is still due an hour later."""
    world = a_world()
    for n in range(MOST_PER_RUN + 10):
        await world.adapters.due.add("2026030109", f"account{n}")
    assert len(await orders(world)) == MOST_PER_RUN


async def test_the_index_entry_is_written_before_the_row() -> None:
    """If the process stops in between, there is an extra entry, which does no harm, and never a missing one."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    before = world.row()
    seen = []
    world.people.meanwhile = lambda: seen.append((set(world.adapters.due.entries), world.row() == before))
    await world.confirm(session, "email")
    assert seen == [({("2026081508", world.key_of("ada"))}, True)]


async def test_after_a_conflict_the_index_has_the_due_day_on_the_row() -> None:
    """A removal meets a change of the other method: the index has the day that was written."""
    world = await overdue()
    session = await world.sign_in()
    row = world.row()
    changed = tuple(
        replace(method, confirmed_at=world.clock.now()) if method.name == "mobile_phone" else method
        for method in row.methods
    )
    world.people.meanwhile = lambda: world.people.put(replace(row, methods=changed))
    await world.remove(session, "email")
    assert (world.row().reminder_day, world.key_of("ada")) in world.adapters.due.entries


async def test_nobody_gets_a_reminder_if_the_policy_never_asks() -> None:
    """`reconfirm_days: 0` adds no entry."""
    world = a_world(reconfirm_days=0)
    await world.account("ada")
    await world.register(await world.sign_in(), "email", EMAIL)
    assert world.adapters.due.entries == set()


@pytest.mark.parametrize("days", [179, 180], ids="{} days".format)
async def test_a_registration_is_stale_from_its_due_day(days: int) -> None:
    """Not before. Prefilled contacts are never stale."""
    world = a_world()
    await world.account("ada")
    await world.register(await world.sign_in(), "email", EMAIL)
    world.clock.move(days=days)
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert view.methods[0].state == ("stale" if days == 180 else "confirmed")


@pytest.mark.parametrize("cause", ["provider", "limit", "counters"])
@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_a_reminder_that_was_certainly_not_sent_is_sent_by_a_later_run_of_the_day(
    channel: str, cause: str
) -> None:
    """The provider refused it, a limit was reached, or the counters were out of reach: the claim is given back."""
    contacts = {"email": EMAIL} if channel == "email" else {"mobile_phone": PHONE}
    world = a_world(reconfirm_days=1, gates=1, reminders_per_destination_day=3)
    await world.account("ada", **contacts)
    await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
    world.clock.move(days=1, hours=2)
    for _ in range(3 if cause == "limit" else 0):
        await world.service.use(Limits).allows(REMINDERS, destination=world.row().methods[0].destination)
    world.clock.move(hours=22)
    counters = world.adapters.limiter
    if cause == "provider":
        world.adapters.channels[channel].faults = [NotSent("http_429", permanent=False, definite=True)]
    for run in range(24):
        counters.is_lost = cause == "counters" and run < 2
        for order in await orders(world):
            with suppress(TryAgain):
                await world.deliver(order)
        world.clock.move(hours=1)
    assert len(world.adapters.channels[channel].messages) == 1


@pytest.mark.parametrize(
    ("overdue_methods", "gates", "grace", "passes"),
    [
        ("allow", 1, 0, 1),
        ("not_alone", 1, 0, 2),
        ("not_alone", 1, 9, 1),
        ("one_more_gate", 1, 0, 2),
        ("one_more_gate", 2, 0, None),
        ("one_more_gate", 2, 9, 2),
        ("block", 1, 0, None),
        ("block", 2, 9, 2),
    ],
)
async def test_the_policy_decides_what_an_overdue_method_is_worth(
    overdue_methods: str, gates: int, grace: int, passes: int | None
) -> None:
    """Nothing shows before the first gate: the code is sent and passes it. None: no reset, until one is reconfirmed."""
    world = a_world(gates=gates, overdue_methods=overdue_methods, overdue_grace_days=grace)
    await world.ada()
    world.clock.move(days=180)
    token, outcome, passed = await world.start(), None, 0
    while not isinstance(outcome, Granted) and (outcome is None or outcome.methods):
        outcome = await world.pass_gate(token, outcome.methods[0] if outcome else "email")
        token, passed = getattr(outcome, "verification_token", ""), passed + 1
    assert (passed if isinstance(outcome, Granted) else None) == passes
    assert isinstance(outcome, Granted) or outcome.lacks == ("recent",)
