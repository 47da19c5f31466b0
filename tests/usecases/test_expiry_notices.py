"""Notices before a password expires: by the day that the directory tells, asked again before anything is said (M11)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.domain.trail import ReminderOrder, Tag
from shared.ports.channel import NotSent
from shared.ports.directory import DirectoryLost
from shared.usecases.deliver_expiry import DeliverExpiry
from shared.usecases.remind import Remind
from tests.builders import EMAIL, PASSWORD, PHONE, World, a_world

AUCKLAND = "Pacific/Auckland"


def expires(world: World, at: datetime | None) -> None:
    """Let the directory say so."""
    entry, password = world.directory.accounts[world.row().object_id]
    world.directory.accounts[entry.object_id] = (replace(entry, password_expires_at=at), password)


async def expecting(days: float = 30, *, knobs: dict[str, Any] | None = None, **row: Any) -> World:
    """Return a world where Ada has signed in, and her password expires after these days."""
    world = a_world(reconfirm_days=0, **(knobs or {}))
    await world.account("ada", **{"email": EMAIL, "language": "en", "time_zone": AUCKLAND, **row})
    expires(world, world.clock.now() + timedelta(days=days))
    await world.sign_in()
    return world


async def orders(world: World) -> list[ReminderOrder]:
    await world.service.use(Remind)()
    found, world.orders = world.orders, []
    return found  # type: ignore[return-value]


async def told(world: World, *, days: int) -> list[tuple[str, str]]:
    """Let the timer run every hour for these days. Return when something was sent, by the person's clock, and what."""
    said = []
    for _ in range(24 * days):
        before = len(world.messages())
        await world.deliver(*await orders(world))
        local = world.clock.now().astimezone(ZoneInfo(AUCKLAND))
        said += [(local.strftime("%d %b %H"), text) for text in world.messages()[before:]]
        world.clock.move(hours=1)
    return said


async def test_a_person_is_told_twice_in_the_morning_and_each_time_once() -> None:
    """14 and 3 days before by the calendar of their zone, in their language. Nothing is read but what is due."""
    world = await expecting()
    calls = world.directory.calls.count("find")
    said = await told(world, days=40)
    assert [when for when, _ in said] == ["18 Mar 08", "29 Mar 08"]
    assert ["14 days" in said[0][1], "3 days" in said[1][1]] == [True, True]
    assert world.directory.calls.count("find") - calls == 3, "at each notice, and when the day has passed"
    expires(world, world.clock.now() + timedelta(days=60))
    assert len(await told(world, days=75)) == 2, "a password that was set anywhere is found at the look after"


async def test_the_last_day_of_the_calendar_is_none() -> None:
    """Directories write it for "never". The sign-in goes on."""
    world = await expecting()
    assert world.row().expiry is not None
    expires(world, datetime.max.replace(tzinfo=UTC))
    assert await world.sign_in()
    assert world.row().expiry is None


async def test_nobody_is_told_whose_day_has_moved() -> None:
    """A new password, an account that is gone or disabled, a policy that ended: the directory is asked before."""
    world = await expecting()
    expires(world, world.clock.now() + timedelta(days=29))
    await world.sign_in()
    assert len(world.adapters.expiries.entries) == 1
    world.clock.move(days=28)
    (order,) = await orders(world)
    expires(world, world.clock.now() + timedelta(days=30))
    await world.deliver(order)
    assert (world.messages(), await orders(world), world.trail.events[-1].cause) == ([], [], "moved")
    world.clock.move(days=16)
    await world.deliver(*await orders(world))
    assert (world.messages(), world.trail.events[-1].cause) == ([], "later"), "it is ten in the evening there"
    assert len(await told(world, days=1)) == 1
    world.adapters.email.messages.clear()
    world.clock.move(days=11)
    expires(world, None)
    await world.deliver(*await orders(world))
    assert (world.trail.events[-1].tag, world.trail.events[-1].cause) == (Tag.EXPIRY_DELIVERED, "gone")
    assert (world.messages(), world.row().expiry, world.adapters.expiries.entries) == ([], None, set())


async def test_ten_runs_and_parallel_deliveries_send_one_notice() -> None:
    """It is claimed by account and entry. A text is never sent twice, even after a delivery that stopped in between."""
    world = await expecting(13.5)
    world.clock.move(hours=12)
    for _ in range(10):
        found = await orders(world)
        await asyncio.gather(*(world.deliver(order) for order in found * 3))
    assert [message.to for message in world.adapters.email.messages] == [EMAIL]
    assert "13 days" in world.messages()[0] or "14 days" in world.messages()[0]


@pytest.mark.parametrize("fault", ["directory", "provider", "nowhere", "limited"])
async def test_what_could_not_be_sent_is_tried_again_and_what_cannot_is_not(fault: str) -> None:
    """The entry stays until somebody was told, or nobody can be."""
    knobs = {"reminders_per_destination_day": 1} if fault == "limited" else {}
    world = await expecting(10, knobs=knobs, email="" if fault == "nowhere" else EMAIL)
    world.clock.move(hours=12)
    (order,) = await orders(world)
    if fault == "directory":
        await replace(world.service.use(DeliverExpiry), directory=Lost())(order, world.trail)
        assert world.causes()[-1] == "no_directory"
    elif fault == "provider":
        world.adapters.email.faults = [NotSent("busy", permanent=False, definite=True, status=429)]
        await world.deliver(order)
    elif fault == "nowhere":
        await world.deliver(order)
    assert world.messages() == []
    again = await orders(world)
    assert bool(again) == (fault != "nowhere")
    await world.deliver(*again)
    assert len(world.messages()) == (fault != "nowhere")
    assert await orders(world) == []


class Lost:
    async def find(self, _: object) -> None:
        raise DirectoryLost


@pytest.mark.parametrize(
    ("knobs", "at"),
    [({"expiry_first_days": 0, "expiry_second_days": 0}, 30.0), ({}, None), ({"expiry_second_days": 14}, -1.0)],
    ids=["not wanted", "no day", "expired"],
)
async def test_nothing_is_said_where_there_is_nothing_to_say(knobs: dict[str, int], at: float | None) -> None:
    """Not wanted, a directory that tells no day, or a day that has passed: then the sign-in asks for another one."""
    world = a_world(reconfirm_days=0, **knobs)
    await world.account("ada", email=EMAIL, mobile_phone=PHONE)
    expires(world, None if at is None else world.clock.now() + timedelta(days=at))
    await world.sign_in(password=PASSWORD)
    assert bool(world.adapters.expiries.entries) == (at == -1.0)
    assert await told(world, days=45) == []
