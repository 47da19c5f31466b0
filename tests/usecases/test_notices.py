"""Notices: every confirmed address is told, once, also the one that was just removed."""

from dataclasses import replace

import pytest

from shared.domain.errors import TryAgain
from shared.domain.message import NoticeOrder
from shared.ports.channel import NotSent
from shared.usecases.change_password import ChangePassword
from shared.usecases.remove_method import RemoveMethod
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world, prefilled

OTHER = "ada@elsewhere.example"


async def told(world: World) -> list[str]:
    """The addresses that got a letter since, sorted."""
    letters = [letter for channel in world.adapters.channels.values() for letter in channel.letters]
    return sorted(letter.to for letter in letters if not any(code in letter.text for code in world.codes()))


async def test_a_changed_address_is_told_at_both() -> None:
    """A thief who changes the address cannot silence the old one (R-50)."""
    world = a_world()
    await world.ada()
    await world.register(await world.sign_in(), "email", OTHER)
    world.adapters.email.letters.clear()
    await world.deliver()
    assert await told(world) == sorted([EMAIL, OTHER, PHONE])
    assert world.row().notices == ()


async def test_a_removed_address_is_still_told_for_thirty_days() -> None:
    """Of the removal, and of a password changed after it; not for ever."""
    for days, expected in ((29, [EMAIL, PHONE]), (31, [PHONE])):
        world = a_world()
        await world.ada()
        await world.service.use(RemoveMethod)(await world.sign_in(), "email", world.trail)
        await world.deliver()
        assert await told(world) == sorted([EMAIL, PHONE])
        world.adapters.email.letters.clear()
        world.adapters.sms.letters.clear()
        world.clock.move(days=days)
        await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
        await world.deliver()
        assert await told(world) == sorted(expected)


async def test_unconfirmed_addresses_are_told_nothing() -> None:
    """A prefilled number may be anybody's."""
    world = a_world()
    key = await world.account("ada", email=EMAIL)
    row = world.row()
    world.people.put(replace(row, methods=(*row.methods, prefilled("mobile_phone", PHONE, key))))
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    await world.deliver()
    assert await told(world) == [EMAIL]


async def test_an_order_for_nothing_does_nothing() -> None:
    """Delivered twice, late, or for an account without a row."""
    world = a_world()
    await world.ada()
    for key in (world.key_of("ada"), world.key_of("nobody")):
        await world.deliver(NoticeOrder(account=key))
    assert await told(world) == []
    assert world.people.writes == 0


async def test_one_address_that_fails_does_not_hold_up_the_other() -> None:
    """The phone is told although the mail was not taken; the mail is told later, and once."""
    world = a_world()
    await world.ada()
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    order = world.trail.orders.pop()
    world.adapters.email.faults = [NotSent("http_429", permanent=False)]
    with pytest.raises(TryAgain):
        await world.deliver(order)
    assert await told(world) == [PHONE]
    await world.deliver(order)
    assert await told(world) == sorted([EMAIL, PHONE])


async def test_a_repeated_notice_is_the_same_operation() -> None:
    """Taken, but the answer was lost: the repeat is one that a provider can recognise."""
    world = a_world()
    await world.ada()
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    row = world.row()
    order = world.trail.orders.pop()
    await world.deliver(order)
    world.people.put(row)
    await world.deliver(order)
    first, second = world.adapters.email.letters
    assert first.idempotency == second.idempotency


async def test_a_notice_holds_no_secret() -> None:
    """Neither the new password nor the full address of the other method."""
    world = a_world()
    await world.ada()
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    await world.deliver()
    for letter in (*world.adapters.email.letters, *world.adapters.sms.letters):
        assert NEW_PASSWORD not in letter.text + letter.html
        assert PHONE not in letter.text + letter.html
