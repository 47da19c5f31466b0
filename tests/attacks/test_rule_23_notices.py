"""Rule 23: a notice is told or still owed. Neither a provider, a clock, a limit nor an erasure silences it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.adapters.acs._clients import refused
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.daily_events import Event, counted
from shared.domain.errors import Limited, OutcomeUnknown, PasswordRefused
from shared.domain.notices import STILL_UNDER_WAY, WAITS
from shared.domain.person import Person
from shared.domain.trail import NoticeOrder, Tag
from shared.ports.channel import NotSent, OutgoingMessage
from shared.ports.directory import DirectoryUnknown, PasswordNotTaken
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost
from shared.usecases.change_password import ChangePassword
from shared.usecases.erase import Erase
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, WHY, World, a_world
from tests.fakes.people import Fault
from tests.usecases.test_notices import told

THROTTLED = NotSent("http_429", permanent=False, definite=True)


async def changed(world: World | None = None, password: str = PASSWORD, new: str = NEW_PASSWORD) -> World:
    """Return a world where Ada has just changed her password."""
    if world is None:
        world = a_world()
        await world.ada()
    await world.service.use(ChangePassword)(await world.sign_in(password=password), password, new, world.trail)
    return world


async def wait(world: World, span: timedelta) -> None:
    """Let that time pass, and deliver each order when it appears."""
    until = world.clock.at + span
    while due := [at for at, _ in world.adapters.promised.promises if at <= until]:
        world.clock.at = max(world.clock.at, min(due))
        await world.deliver(*world.adapters.promised.appeared())
    world.clock.at = until


@contextmanager
def another_clock(world: World, seconds: float) -> Iterator[None]:
    """Within it an instance acts whose clock differs by that much."""
    world.clock.at += timedelta(seconds=seconds)
    yield
    world.clock.at -= timedelta(seconds=seconds)


# -- the provider --


@pytest.mark.parametrize(
    ("failure", "is_owed"),
    [
        (refused("http_429", 429, of_the_address=False), True),
        (refused("http_503", 503, of_the_address=False), True),
        (refused("http_401", 401, of_the_address=False), True),
        (refused("http_404", 404, of_the_address=False), True),
        (refused("http_400", 500, of_the_address=True), True),
        (NotSent("no_answer", permanent=False), True),
        (refused("http_400", 400, of_the_address=True), False),
    ],
    ids=lambda value: getattr(value, "cause", value),
)
async def test_only_a_definite_refusal_of_the_address_strikes_it_out(failure: NotSent, is_owed: bool) -> None:
    """Throttled, busy, unknown, or a fault of the sender, the key or the quota: still owed to that address alone."""
    world = await changed()
    world.adapters.email.faults = [failure]
    await wait(world, SOON)
    assert told(world) == [PHONE]
    assert bool(world.row().notices) is is_owed
    await wait(world, WAITS[0])
    assert told(world) == (sorted([EMAIL, PHONE]) if is_owed else [PHONE])
    assert world.row().notices == ()


@pytest.mark.parametrize("hours", [0.2, 23])
async def test_a_provider_that_throttles_for_hours_delays_a_notice(hours: float) -> None:
    """It is tried with growing waits, and sent once when the provider takes it."""
    world = await changed()
    world.adapters.email.faults = [THROTTLED] * 1000
    await wait(world, timedelta(hours=hours))
    tries = world.adapters.email.attempts
    assert len(world.row().notices) == 1
    assert tries < 20
    assert [order.event for _, order in world.adapters.promised.promises] == [world.row().notices[0].event]
    world.adapters.email.faults = []
    await wait(world, WAITS[-1])
    assert told(world) == sorted([EMAIL, PHONE])
    assert (world.row().notices, world.adapters.promised.promises) == ((), [])


async def test_after_a_day_a_notice_is_given_up_with_an_event() -> None:
    """It leaves the row. The event is one that an alert counts (tests/contracts/test_queues.py)."""
    world = await changed()
    world.adapters.email.faults = [THROTTLED] * 1000
    await wait(world, timedelta(days=1) + WAITS[-1])
    assert (world.row().notices, world.adapters.promised.promises) == ((), [])
    given_up = [event for event in world.trail.events if event.tag is Tag.NOTICE_GIVEN_UP]
    assert [(event.account, event.cause) for event in given_up] == [(world.key_of("ada"), "password_changed")]


async def test_many_notices_are_told_once_each_also_without_their_own_orders() -> None:
    """An order leaves the others to their own orders, until these are late. Twenty of one kind silence no other."""
    world = a_world(passwords_per_account_day=6)
    await world.ada()
    passwords = [PASSWORD, *(f"{NEW_PASSWORD} number {n}" for n in range(6))]
    for password, new in pairwise(passwords):
        await changed(world, password, new)
    *others, last = world.adapters.promised.taken()
    await world.deliver(others[0], last)
    assert told(world) == sorted([EMAIL, PHONE] * 2)
    await wait(world, STILL_UNDER_WAY + CLOCK_MARGIN)
    assert told(world) == sorted([EMAIL, PHONE] * 6)
    await world.deliver(*others)
    await wait(world, STILL_UNDER_WAY + CLOCK_MARGIN)
    assert (len(told(world)), world.adapters.promised.promises) == (12, [])


async def test_two_orders_at_the_same_time_send_no_notice_twice() -> None:
    """The order of another change comes while a notice is sent, before the row says that it was."""
    world = await changed()
    await changed(world, NEW_PASSWORD, f"{NEW_PASSWORD} again")
    email, during = world.adapters.email, world.adapters.promised.taken()
    send = email.send

    async def slow(message: OutgoingMessage) -> None:
        while during:
            await world.deliver(during.pop())
        await send(message)

    email.send = slow  # type: ignore[method-assign]
    await world.deliver(during.pop())
    assert told(world) == sorted([EMAIL, PHONE] * 2)


async def test_a_conflict_promises_no_second_order() -> None:
    """The removal is decided again after each conflict. Two orders would send its notice twice."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    await world.prove_change(session, "email")
    world.people.faults = [Fault.CONFLICT] * 3
    await world.remove(session, "mobile_phone")
    assert len(world.adapters.promised.promises) == 1


async def test_an_order_that_was_delivered_twice_does_not_multiply() -> None:
    """However often it comes, at most one order is put back for each one that came."""
    world = await changed()
    world.adapters.email.faults = [THROTTLED] * 1000
    [order] = world.adapters.promised.taken()
    await world.deliver(*[order] * 5)
    for _ in range(10):
        await wait(world, WAITS[1])
        assert len(world.adapters.promised.promises) <= 5


# -- the clocks --


@pytest.mark.parametrize("behind", [-120, -9, 0, 9, 120])
async def test_a_clock_that_differs_silences_no_notice(behind: float) -> None:
    """The host stopped before the directory answered. The order comes back and is told, whatever the clock says."""
    world = a_world()
    await world.ada()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(await world.prove())
    for _ in range(2):
        with another_clock(world, behind):
            await world.tell()
    assert len(told(world)) == 2
    assert world.row().notices == ()


@pytest.mark.parametrize("ahead", [0, 120])
async def test_what_is_under_way_is_not_told(ahead: float) -> None:
    """A completion waits for the directory. Its order comes, and another one, on a clock that is ahead: put back."""
    world = a_world()
    await world.ada()
    token, set_password = await world.prove(), world.directory.set_password

    async def slow(*arguments: object) -> None:
        with another_clock(world, ahead):
            await world.tell()
            await world.deliver(NoticeOrder(account=world.key_of("ada")))
        await set_password(*arguments)  # type: ignore[arg-type]

    world.directory.set_password = slow  # type: ignore[method-assign]
    await world.complete(token)
    assert told(world) == []
    assert len(world.adapters.promised.promises) == 2
    await world.tell()
    assert [text for text in world.messages() if "could not find out" in text] == []
    assert len(told(world)) == 2


async def test_a_success_after_may_have_changed_is_told_too() -> None:
    """The directory took longer than the order. Both messages are sent, and a new order carries the second one."""
    world = a_world()
    await world.ada()
    token, set_password = await world.prove(), world.directory.set_password

    async def very_slow(*arguments: object) -> None:
        for _ in range(2):
            await world.tell()
        await set_password(*arguments)  # type: ignore[arg-type]

    world.directory.set_password = very_slow  # type: ignore[method-assign]
    await world.complete(token)
    assert "could not find out" in world.messages()[-1]
    await world.tell()
    assert "Your password was changed" in world.messages()[-1]
    assert world.row().notices == ()


async def test_a_success_while_may_have_changed_is_being_sent_is_told_too() -> None:
    """The delivery has read the row before the outcome was written. It does not strike out the final notice."""
    world = a_world()
    await world.ada()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(await world.prove())
    send = world.adapters.email.send

    async def sends(message: OutgoingMessage) -> None:
        row = world.row()
        world.people.put(replace(row, notices=tuple(replace(notice, provisional=False) for notice in row.notices)))
        await send(message)

    world.adapters.email.send = sends  # type: ignore[method-assign]
    for _ in range(3):
        await world.tell()
    assert told(world) == sorted([EMAIL, PHONE] * 2)
    assert "Your password was changed" in world.messages()[-1]


async def test_an_order_that_comes_before_its_change_was_written_is_put_back() -> None:
    """The order is promised first, and the write is slow. It is put back once."""
    world = await changed()
    row = world.row()
    world.people.put(Person(account=row.account))
    await world.tell()
    assert told(world) == []
    [(when, _)] = world.adapters.promised.promises
    assert when == world.clock.now() + STILL_UNDER_WAY
    world.people.put(row)
    await world.tell()
    assert told(world) == sorted([EMAIL, PHONE])


# -- the events are limited, and the notices are not --


async def test_five_passwords_a_day_are_set_and_one_reset_is_kept_for_the_owner() -> None:
    """Somebody who knows the password uses up the day. The owner resets it once; then that is limited too."""
    world, count = a_world(sends_per_destination_10min=20, sends_per_destination_hour=20), 5
    await world.ada()
    passwords = [PASSWORD, *(f"{NEW_PASSWORD} number {n}" for n in range(count + 1))]
    for password, new in pairwise(passwords[:-1]):
        await changed(world, password, new)
    with pytest.raises(Limited) as limited:
        await changed(world, passwords[count], passwords[count + 1])
    assert limited.value.retry_after == 24 * 3600
    await world.complete(await world.prove(), passwords[-1])
    token = await world.prove()
    with pytest.raises(Limited):
        await world.complete(token, PASSWORD)
    assert world.directory.calls.count("set_password") == count + 1
    assert [event.cause for event in world.trail.events if event.tag is Tag.LIMIT_REACHED] == [
        "day.password",
        "day.reset",
    ]
    world.clock.move(days=1)
    await changed(world, passwords[-1], PASSWORD)


async def test_a_password_that_the_directory_refused_does_not_count() -> None:
    """It was not set."""
    world = a_world(passwords_per_account_day=1)
    await world.ada()
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused):
        await changed(world)
    await changed(world)


async def test_ten_changes_of_methods_a_day() -> None:
    """Adding, changing and removing. A reconfirmation is none. The right answer is not used up by a refusal."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    world.people.put(row_after(world, 9))
    await world.begin(session, "email", "ada@elsewhere.example")
    await world.deliver()
    world.people.put(row_after(world, 1))
    with pytest.raises(Limited):
        await world.confirm(session, "email")
    with pytest.raises(Limited):
        await world.remove(session, "email")
    with pytest.raises(Limited):
        await world.begin(session, "authenticator_app")
    await world.register(session, "mobile_phone", PHONE)
    world.clock.move(days=1)
    await world.remove(await world.sign_in(), "email")


def row_after(world: World, changes: int) -> Person:
    """Return Ada's row after that many changes of her methods."""
    row = world.row()
    for n in range(changes):
        row = counted(row, Event.METHOD, world.clock.now() + timedelta(microseconds=n))
    return row


# -- an erasure --


async def test_an_erasure_is_told_and_silences_nothing_that_is_owed() -> None:
    """To every address that stood on the row, also a removed one. Then no contact is left on the row."""
    world = await changed()
    key = world.key_of("ada")
    await world.remove(await world.sign_in(password=NEW_PASSWORD), "mobile_phone")
    world.adapters.promised.taken()  # the orders of both notices are lost
    await world.account("avery", roles=frozenset({"administrator"}))
    await world.service.use(Erase)(await world.sign_in("avery"), "ada", WHY, world.trail)
    row = world.people.rows[key][0]
    assert (len(row.removed), len(row.notices), row.methods) == (2, 3, ())
    await wait(world, STILL_UNDER_WAY + CLOCK_MARGIN + timedelta(minutes=1))
    assert told(world) == sorted([EMAIL, PHONE] * 3)
    assert any("An administrator erased your registration" in text for text in world.messages())
    row = world.people.rows[key][0]
    assert (row.removed, row.notices, row.language, row.is_empty) == ((), (), "", True)


async def test_without_the_queue_nothing_is_erased() -> None:
    """The request can be repeated."""
    world = a_world()
    await world.ada()
    await world.account("avery", roles=frozenset({"administrator"}))
    session, world.adapters.promised.is_lost = await world.sign_in("avery"), True
    with pytest.raises(StoreLost):
        await world.service.use(Erase)(session, "ada", WHY, world.trail)
    assert world.row().confirmed
