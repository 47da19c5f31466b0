"""Beginning to register a method: what each family accepts, shows, orders and writes to the row."""

import re
from dataclasses import replace

import pytest

from shared.domain.errors import InvalidInput
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world, prefilled

APP, DESK = "authenticator_app", "+33155501234;ext=12"


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


async def test_only_an_administrator_sets_an_office_phone_and_its_owner_confirms_it_by_a_call() -> None:
    """What the person types is refused. Nothing is offered to add, and one that was prefilled can be confirmed."""
    world = a_world(methods=("email", "office_phone", "authenticator_app"))
    world.adapters.offer({"email", "voice"})
    key = await world.ada()
    session = await world.sign_in()
    with pytest.raises(InvalidInput, match="contact"):
        await world.begin(session, "office_phone", "+33155501234")
    view = await world.service.use(ViewRegistration)(session)
    assert "office_phone" not in {*view.addable, *view.missing}
    world.people.put(replace(world.row(), methods=(*world.row().methods, prefilled("office_phone", DESK, key))))
    begun = await world.begin(await world.sign_in(), "office_phone", None)
    assert begun.channel == "voice"
    await world.deliver()
    assert world.adapters.calls.placed[0][0] == DESK.partition(";")[0]
