"""Rule 13: registration runs on the same machinery, with a purpose and counters of its own."""

import asyncio
from dataclasses import replace

import pytest

from shared.domain.errors import InvalidInput, Limited, NotFound, Refused
from shared.domain.person import Failures, MethodState, Source
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world, at, prefilled, wrong

MALLORY = "mallory@evil.example"


async def newcomer(**knobs: int) -> tuple[World, str]:
    """Somebody who has just signed in and registered nothing."""
    world = a_world(**knobs)
    await world.account("ada")
    return world, await world.sign_in()


async def test_parallel_registrations_of_different_methods_both_survive() -> None:
    """Begun at once and confirmed at once: neither write loses the other's."""
    world, session = await newcomer()
    await asyncio.gather(world.begin(session, "email", EMAIL), world.begin(session, "mobile_phone", PHONE))
    await world.deliver()
    await asyncio.gather(world.confirm(session, "email"), world.confirm(session, "mobile_phone"))
    assert {m.name: m.state for m in world.row().methods} == {
        "email": MethodState.CONFIRMED,
        "mobile_phone": MethodState.CONFIRMED,
    }
    assert world.row().pending == ()
    assert len(world.row().notices) == 2


async def test_one_pending_contact_for_each_method() -> None:
    """Another contact replaces the first, and the first one's code is then worth nothing."""
    world, session = await newcomer()
    await world.begin(session, "email", MALLORY)
    await world.deliver()
    old = world.code()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    assert len(world.row().pending) == 1
    with pytest.raises(Refused):
        await world.confirm(session, "email", old)
    await world.confirm(session, "email")
    assert world.adapters.email.letters[-1].to == EMAIL


async def test_an_order_of_a_replaced_contact_goes_nowhere() -> None:
    """A delivery that comes late does not send the new attempt's code, nor to the old address."""
    world, session = await newcomer()
    await world.begin(session, "email", MALLORY)
    late = world.trail.orders.pop()
    await world.begin(session, "email", EMAIL)
    await world.deliver(late)
    assert world.adapters.email.attempts == 0


async def test_the_tries_of_a_registration_end() -> None:
    """Five, and the right code is refused; a resend refills nothing."""
    world, session = await newcomer()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    for _ in range(5):
        with pytest.raises(Refused):
            await world.confirm(session, "email", wrong(world.code()))
    with pytest.raises(Refused):
        await world.confirm(session, "email")
    world.clock.move(minutes=1)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    with pytest.raises(Refused):
        await world.confirm(session, "email")


async def test_its_failures_count_apart_from_a_resets() -> None:
    """Wrong codes typed while registering do not suspend the method at the gate, nor the other way round."""
    world, session = await newcomer()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    with pytest.raises(Refused):
        await world.confirm(session, "email", wrong(world.code()))
    assert set(world.row().failures) == {"registration:0:email"}


async def test_a_suspended_registration_says_when_to_come_back() -> None:
    """The person is signed in, so the wait may be told; the next day it works."""
    world, session = await newcomer()
    failures = Failures(since=world.clock.now(), count=10, suspended_until=at(hours=20))
    world.people.put(replace(world.row(), failures={"registration:0:email": failures}))
    with pytest.raises(Limited) as limited:
        await world.begin(session, "email", EMAIL)
    assert 19 * 3600 < limited.value.retry_after <= 20 * 3600
    await world.begin(session, "mobile_phone", PHONE)
    world.clock.move(hours=20)
    await world.begin(await world.sign_in(), "email", EMAIL)


async def test_a_resend_waits_and_ends() -> None:
    """A minute, two, and then no more until the attempt has expired; then it starts over."""
    world, session = await newcomer()
    await world.begin(session, "email", EMAIL)
    for wait in (60, 120):
        world.clock.move(seconds=wait - 1)
        with pytest.raises(Limited):
            await world.begin(session, "email", EMAIL)
        world.clock.move(seconds=1)
        await world.begin(session, "email", EMAIL)
    world.clock.move(seconds=240)
    with pytest.raises(Limited) as limited:
        await world.begin(session, "email", EMAIL)
    world.clock.move(seconds=limited.value.retry_after)
    await world.begin(await world.sign_in(), "email", EMAIL)
    pending = world.row().pending_for("email")
    assert pending is not None
    assert pending.send == 1


async def test_the_codes_of_one_person_are_limited_over_all_addresses() -> None:
    """Ten an hour, or a signed-in account could flood other people's mailboxes."""
    world, session = await newcomer(method_change_seconds=1800)
    for n in range(10):
        await world.begin(session, "email", f"victim{n}@mail.example")
    with pytest.raises(Limited):
        await world.begin(session, "email", "victim11@mail.example")


async def test_the_prefilled_contact_is_confirmed_without_typing_it() -> None:
    """It keeps its provenance; nothing is sent before the person asks."""
    world = a_world()
    key = await world.account("ada")
    world.people.put(replace(world.row(), methods=(prefilled("mobile_phone", PHONE, key),)))
    session = await world.sign_in()
    await world.register(session, "mobile_phone", None)
    method = world.row().method("mobile_phone")
    assert method is not None
    assert (method.state, method.source) == (MethodState.CONFIRMED, Source.ADMINISTRATOR)


async def test_prefilled_data_proves_nothing() -> None:
    """Not at a gate and not towards what is missing (M6)."""
    world = a_world()
    key = await world.account("ada")
    methods = (prefilled("email", EMAIL, key), prefilled("mobile_phone", PHONE, key))
    world.people.put(replace(world.row(), methods=methods))
    await world.challenge(await world.start())
    assert world.adapters.email.attempts == 0
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert view.missing == ("email", "mobile_phone")


async def test_the_code_goes_to_the_stored_address_and_is_bound_to_it() -> None:
    """Confirming while another contact is pending for the same method cannot confirm that one."""
    world, session = await newcomer()
    await world.begin(session, "email", MALLORY)
    await world.deliver()
    code = world.code()
    row = world.row()
    pending = row.pending[0]
    other = world.adapters.keyring.digest("destination", EMAIL)
    world.people.put(replace(row, pending=(replace(pending, destination=other),)))
    with pytest.raises(Refused):
        await world.confirm(session, "email", code)


@pytest.mark.parametrize("method", ["office_phone", "telepathy", ""])
async def test_only_offered_methods_can_be_registered(method: str) -> None:
    """An office phone is the administrator's to set; anything else does not exist."""
    world, session = await newcomer()
    with pytest.raises(NotFound):
        await world.begin(session, method, PHONE)
    with pytest.raises(NotFound):
        await world.confirm(session, method, "0000 0000")


async def test_nothing_to_confirm_and_nothing_to_remove() -> None:
    """Without a contact there is nothing to begin with; without a method nothing to take out."""
    world, session = await newcomer()
    with pytest.raises(InvalidInput):
        await world.begin(session, "email", None)
    with pytest.raises(Refused):
        await world.confirm(session, "email", "0000 0000")
    with pytest.raises(InvalidInput):
        await world.service.use(RemoveMethod)(session, "email", world.trail)


async def test_the_directorys_own_mailboxes_and_other_countries_are_refused() -> None:
    """An address that needs the forgotten password, and numbers that the policy does not serve (M4, R-73)."""
    world, session = await newcomer()
    world = a_world(refused_email_domains=("corp.example",), countries=("FR",))
    await world.account("ada")
    session = await world.sign_in()
    for method, contact in (("email", "ada@corp.example"), ("mobile_phone", "+4915123456789")):
        with pytest.raises(InvalidInput):
            await world.begin(session, method, contact)
    assert world.trail.orders == []
