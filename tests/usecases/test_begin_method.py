"""Beginning to register a method: what each family accepts, shows, orders and writes to the row."""

import re

import pytest

from shared.domain.errors import InvalidInput
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
    assert len(world.orders) == 1


async def test_beginning_a_secret_shows_it_and_sends_nothing() -> None:
    """The URI has the name with which the person signed in and the product's name."""
    world, session = await signed_in()
    begun = await world.begin(session, APP)
    assert (begun.method, begun.channel, begun.wait) == (APP, None, None)
    assert begun.enrolment is not None
    assert re.match("otpauth://totp/Testing:ada\\?", begun.enrolment["uri"])
    assert world.orders == []
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


async def test_a_number_of_a_country_that_no_sender_reaches_is_refused_with_that_reason() -> None:
    """Before a code is sent for nothing. The policy has no country that no sender reaches."""
    world, session = await signed_in()
    with pytest.raises(InvalidInput) as refused:
        await world.begin(session, "mobile_phone", "+5511961234567")
    assert (refused.value.field, refused.value.reason) == ("contact", "country_not_allowed")
    assert world.orders == []
