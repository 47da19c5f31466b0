"""What a sign-in page is told: what is due, until when it may be put off, and where to send the person (M14)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import InvalidInput, SignInRequired
from shared.domain.trail import Tag
from tests.builders import EMAIL, PHONE, World, a_world

PORTAL = "https://portal.example.org/start"


async def unregistered(**knobs: Any) -> tuple[World, str]:
    world = a_world(**knobs)
    await world.account("ada")
    return world, await world.sign_in()


@pytest.mark.parametrize(
    ("knobs", "days", "required", "left"),
    [
        ({}, 0, False, 7),
        ({}, 6.9, False, 0.1),
        ({}, 7, True, None),
        ({"registration_skip_days": 0}, 0, True, None),
        ({"registration_skip_days": 30}, 29, False, 1),
        ({"registration_required": False}, 400, False, None),
    ],
)
async def test_registration_may_be_put_off_for_the_days_of_the_policy_from_the_first_ask(
    knobs: dict[str, Any], days: float, required: bool, left: float | None
) -> None:
    """Asking again does not begin the days again."""
    world, session = await unregistered(**knobs)
    first = await world.asked(session)
    for part in (0.5, 0.5):
        world.clock.move(days=days * part)
        session = await world.sign_in()
        asked = await world.asked(session)
    assert (first.status, asked.status, asked.required) == ("must_register", "must_register", required)
    until = asked.skip_until - world.clock.now() if asked.skip_until else None
    assert until == (None if left is None else timedelta(days=round(left, 1)))
    assert [event.tag for event in world.trail.events].count(Tag.REGISTRATION_ASKED) == 1


async def test_the_days_begin_again_for_something_else_and_after_it_is_done() -> None:
    """Who registered in time has as many days for the reconfirmation half a year later."""
    world, session = await unregistered()
    await world.asked(session)
    world.clock.move(days=7)
    assert (await world.asked(await world.sign_in())).required
    await world.account("bob", email=EMAIL, mobile_phone=PHONE)
    session = await world.sign_in("bob")
    assert (await world.asked(session)).status == "fine"
    assert world.row("bob").asked is None
    world.clock.move(days=world.policy.reconfirm_days)
    due = await world.asked(await world.sign_in("bob"))
    assert (due.status, due.required) == ("must_reconfirm", False)
    assert due.skip_until == world.clock.now() + timedelta(days=7)


async def test_an_allowed_address_is_led_back_to_and_another_one_is_refused() -> None:
    """The page gets it in the fragment, which no server sees. A stranger learns nothing about the list."""
    world, session = await unregistered()
    asked = await world.asked(session, PORTAL)
    assert (asked.return_to, asked.return_name) == (PORTAL, "Portal")
    assert asked.register_at == (
        "https://reset.sesame.example/register#return_to=https%3A%2F%2Fportal.example.org%2Fstart"
    )
    before = world.row()
    with pytest.raises(InvalidInput) as refused:
        await world.asked(session, "https://evil.example/")
    assert (refused.value.field, refused.value.reason) == ("return_to", "not_allowed")
    assert world.row() == before
    for address in (PORTAL, "https://evil.example/", None):
        with pytest.raises(SignInRequired):
            await world.asked("not a session", address)
