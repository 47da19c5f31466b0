"""Beginning to register a method: what each family accepts, shows, orders and writes to the row."""

import re

import pytest

from shared.domain.errors import InvalidInput, Limited, NotFound, SignInAgain
from shared.domain.person import Failures
from tests.builders import EMAIL, PHONE, World, a_world

APP = "authenticator_app"


async def signed_in(**row: object) -> tuple[World, str]:
    world = a_world()
    await world.account("ada", **row)
    return world, await world.sign_in()


async def test_beginning_a_contact_sends_a_code_and_shows_nothing() -> None:
    """The answer has the channel and the wait until another code."""
    world, session = await signed_in()
    begun = await world.begin(session, "email", EMAIL)
    assert (begun.method, begun.channel, begun.wait, begun.enrolment) == ("email", "email", 60, None)
    assert len(world.trail.orders) == 1


async def test_beginning_a_secret_shows_it_and_sends_nothing() -> None:
    """The URI has the name with which the person signed in and the product's name."""
    world, session = await signed_in()
    begun = await world.begin(session, APP)
    assert (begun.method, begun.channel, begun.wait) == (APP, None, None)
    assert begun.enrolment is not None
    assert re.match("otpauth://totp/Testing:ada\\?", begun.enrolment["uri"])
    assert world.trail.orders == []
    assert world.row().pending[0].expires_at == begun.expires_at


@pytest.mark.parametrize(
    ("method", "wish", "field"),
    [
        pytest.param("email", {"contact": EMAIL, "label": "mine"}, "label", id="a label for a contact"),
        pytest.param("email", {"contact": EMAIL, "credential": "x"}, "credential", id="a credential for a contact"),
        pytest.param("email", {"contact": EMAIL, "channel": "sms"}, "channel", id="another method's channel"),
        pytest.param("email", {}, "contact", id="no contact where none stands"),
        pytest.param(APP, {"contact": PHONE}, "contact", id="a contact for a secret"),
        pytest.param(APP, {"channel": "sms"}, "channel", id="a channel for a secret"),
        pytest.param(APP, {"credential": "x"}, "credential", id="a secret that is not there"),
    ],
)
async def test_a_field_that_does_not_fit_the_family_of_the_method_is_refused(
    method: str, wish: dict[str, str], field: str
) -> None:
    """The error names the field, and nothing is pending."""
    world, session = await signed_in()
    with pytest.raises(InvalidInput) as refused:
        await world.begin(session, method, **wish)
    assert refused.value.field == field
    assert world.row().pending == ()


@pytest.mark.parametrize("method", ["office_phone", "telepathy"])
async def test_a_method_that_is_not_offered_cannot_be_begun(method: str) -> None:
    """Whether it is in this build or not."""
    world, session = await signed_in()
    with pytest.raises(NotFound):
        await world.begin(session, method, PHONE)


@pytest.mark.parametrize("method", ["email", APP])
async def test_a_method_can_be_begun_only_shortly_after_a_sign_in(method: str) -> None:
    """An open browser is not enough (R-62)."""
    world, session = await signed_in()
    world.clock.move(minutes=10)
    with pytest.raises(SignInAgain):
        await world.begin(session, method)


@pytest.mark.parametrize("method", ["email", APP])
async def test_a_suspended_method_cannot_be_begun(method: str) -> None:
    """The answer has the wait, because the person has signed in. Failures of a reset count separately."""
    closed = Failures(since=a_world().clock.now(), count=10, suspended_until=a_world().clock.now().replace(hour=12))
    world, session = await signed_in(failures={f"registration:0:{method}": closed})
    with pytest.raises(Limited) as limited:
        await world.begin(session, method, EMAIL if method == "email" else None)
    assert 0 < limited.value.retry_after <= 3 * 3600
    open_again, session = await signed_in(failures={f"reset:1:{method}": closed})
    assert await open_again.begin(session, method, EMAIL if method == "email" else None)
