"""Notices: each is sent once to every confirmed contact, and to those that were removed lately."""

import re
from dataclasses import replace

import pytest

from shared.domain.trail import NoticeOrder, Tag
from shared.ports.channel import NotSent
from shared.usecases.change_password import ChangePassword
from tests.builders import CODE, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world, prefilled
from tests.methods import about_authenticator_app

OTHER = "ada@elsewhere.example"


def told(world: World) -> list[str]:
    """Return the contacts that got a message without a code, sorted."""
    messages = [message for channel in world.adapters.channels.values() for message in channel.messages]
    return sorted(message.to for message in messages if not CODE.search(message.text))


async def test_the_notice_of_a_changed_address_goes_to_the_old_and_the_new_one() -> None:
    """An attacker who changes the address cannot prevent the notice to the old one (R-50)."""
    world = a_world()
    await world.ada()
    await world.register(await world.sign_in(), "email", OTHER)
    world.adapters.email.messages.clear()
    await world.tell()
    assert told(world) == sorted([EMAIL, OTHER, PHONE])
    assert world.row().notices == ()


@pytest.mark.parametrize(("days", "expected"), [(29, [EMAIL, PHONE]), (31, [PHONE])], ids=["29 days", "31 days"])
async def test_a_removed_address_gets_notices_for_thirty_days(days: int, expected: list[str]) -> None:
    """Of the removal, and of a password that is changed after it."""
    world = a_world()
    await world.ada()
    await world.remove(await world.sign_in(), "email")
    await world.tell()
    assert told(world) == sorted([EMAIL, PHONE])
    world.adapters.email.messages.clear()
    world.adapters.sms.messages.clear()
    world.clock.move(days=days)
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    await world.tell()
    assert told(world) == sorted(expected)


async def test_an_unconfirmed_contact_gets_no_notice() -> None:
    """A prefilled number may belong to another person."""
    world = a_world()
    key = await world.account("ada", email=EMAIL)
    row = world.row()
    world.people.put(replace(row, methods=(*row.methods, prefilled("mobile_phone", PHONE, key))))
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    await world.tell()
    assert told(world) == [EMAIL]


async def test_notices_about_an_app_go_to_the_contacts() -> None:
    """An added and a removed app. Nothing can be sent to an app."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    begun = await world.begin(session, "authenticator_app")
    assert begun.enrolment is not None
    await world.confirm(
        session, "authenticator_app", about_authenticator_app.answer(begun.enrolment, {}, world.clock.now())
    )
    await world.tell()
    assert told(world) == [EMAIL]
    credential = world.row().methods[1].credential
    await world.remove(session, "authenticator_app", credential=credential)
    await world.tell()
    assert told(world) == [EMAIL, EMAIL]
    assert world.row().notices == ()


@pytest.mark.parametrize("name", ["ada", "nobody"], ids=["nothing to tell", "no row"])
async def test_an_order_without_a_notice_on_the_row_does_nothing(name: str) -> None:
    """It was delivered twice, or late, or the account has no row."""
    world = a_world()
    await world.ada()
    await world.deliver(NoticeOrder(account=world.key_of(name)))
    assert told(world) == []
    assert world.people.writes == 0


async def test_a_failed_send_does_not_stop_the_notice_to_other_contacts() -> None:
    """The phone gets the notice although the email failed. The email is sent later, once."""
    world = a_world()
    await world.ada()
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    world.adapters.email.faults = [NotSent("http_429", permanent=False)]
    await world.tell()
    assert told(world) == [PHONE]
    world.clock.move(seconds=10)
    await world.tell()
    assert told(world) == sorted([EMAIL, PHONE])


async def test_a_repeated_notice_has_the_same_operation_id() -> None:
    """If the provider took it and the answer was lost, it recognises the repeat."""
    world = a_world()
    await world.ada()
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    row = world.row()
    [order] = world.adapters.promised.taken()
    await world.deliver(order)
    world.people.put(row)
    await world.deliver(order)
    first, second = world.adapters.email.messages
    assert first.idempotency == second.idempotency


async def test_the_reference_of_a_notice_leads_to_the_audit_events_of_the_account() -> None:
    """The person reads it to the helpdesk (M30)."""
    world = a_world()
    key = await world.ada()
    await world.register(await world.sign_in(), "email", OTHER)
    await world.tell()
    shown = re.search(r"Reference for the helpdesk: (\S+)", world.messages()[-1])
    assert shown
    told_events = [event for event in world.trail.events if event.reference == shown[1].replace("-", "")]
    assert {event.account for event in told_events} == {key}
    assert {event.tag for event in told_events} == {Tag.NOTICE_DELIVERED}


async def test_a_notice_contains_no_secret() -> None:
    """Neither the new password nor the complete address of the other method."""
    world = a_world()
    await world.ada()
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    await world.tell()
    messages = (*world.adapters.email.messages, *world.adapters.sms.messages)
    texts = "".join(message.text + message.html for message in messages)
    assert len(messages) == 2
    assert NEW_PASSWORD not in texts
    assert PHONE not in texts
