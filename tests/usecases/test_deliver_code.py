"""Deliver a code: what goes into the letter, and to whom."""

from dataclasses import replace

import pytest

from shared.domain.audit import Tag
from tests.builders import CODE, EMAIL, PHONE, a_world


async def test_a_code_for_a_reset_and_one_for_a_registration_read_differently() -> None:
    """People must see what they are asked for: a code to add an address is not one to reset a password."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    await world.register(session, "email", EMAIL)
    await world.challenge(await world.start())
    registering, resetting = (letter for letter in world.adapters.email.letters if CODE.search(letter.text))
    assert registering.subject != resetting.subject
    assert "reset" in resetting.text.lower()
    assert "reset" not in registering.text.lower()


@pytest.mark.parametrize(("method", "to"), [("email", EMAIL), ("mobile_phone", PHONE)])
async def test_it_goes_to_the_stored_address_with_its_life(method: str, to: str) -> None:
    """Byte for byte as it was registered (R-19), with the minutes that the policy gives it."""
    world = a_world(code_seconds_phone=120, code_seconds_email=600)
    await world.ada()
    await world.challenge(await world.start(), method)
    letter = world.adapters.channels["email" if method == "email" else "sms"].letters[0]
    assert letter.to == to
    assert {"email": "10", "mobile_phone": "2"}[method] in letter.text
    assert world.code(method) in letter.text


async def test_each_code_is_an_operation_of_its_own() -> None:
    """A provider that takes an operation once must still take the second code."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    world.clock.move(minutes=1)
    await world.challenge(token)
    first, second = world.adapters.email.letters
    assert first.idempotency != second.idempotency
    assert first.text != second.text


@pytest.mark.parametrize(("stored", "asked", "word"), [("fr", "en", "code"), ("", "fr", "code")])
async def test_the_language_is_the_persons_and_else_the_requests(stored: str, asked: str, word: str) -> None:
    """What the person chose wins over what a stranger's browser says."""
    world = a_world()
    await world.ada(language=stored)
    await world.challenge(await world.start(), language=asked)
    assert "Bonjour" in world.letters()[0] or "Votre" in world.letters()[0] or "mot de passe" in world.letters()[0]
    assert word in world.letters()[0]


async def test_a_contact_changed_since_the_claim_was_asked_for_gets_nothing_of_the_old() -> None:
    """The claim is for the destination of the moment; the code goes there and is bound to it."""
    world = a_world()
    await world.ada()
    order_token = await world.ask(await world.start())
    row = world.row()
    moved = replace(row.methods[0], destination="elsewhere")
    moved = replace(moved, sealed=world.adapters.keyring.seal("new@mail.example", account=row.account, purpose="email"))
    world.people.put(replace(row, methods=(moved, *row.methods[1:])))
    await world.deliver()
    assert world.adapters.email.letters[0].to == "new@mail.example"
    assert world.row().claims[0].destination == "elsewhere"
    assert order_token


async def test_every_delivery_leaves_an_event_without_a_contact_or_a_code() -> None:
    """Keyed digests and a cause (R-101)."""
    world = a_world()
    await world.ada()
    await world.challenge(await world.start())
    event = world.trail.events[-1]
    assert (event.tag, event.cause, event.method) == (Tag.CODE_DELIVERED, "sent", "email")
    assert EMAIL not in repr(world.trail.events)
    assert world.code() not in repr(world.trail.events)
    assert world.code().replace(" ", "") not in repr(world.trail.events)


async def test_texts_to_numbers_alike_stop_at_the_limit() -> None:
    """Who earns by texts buys numbers in blocks (A-25); other blocks, and email, go on."""
    world = a_world(sends_per_prefix_hour=2)
    for number in range(3):
        await world.account(f"p{number}", email=f"p{number}@mail.example", mobile_phone=f"+3363998100{number}")
    await world.account("elsewhere", mobile_phone="+33639989999")
    for name in ("p0", "p1", "p2"):
        await world.challenge(await world.start(name), "mobile_phone")
    assert [letter.to for letter in world.adapters.channels["sms"].letters] == ["+33639981000", "+33639981001"]
    assert world.causes()[-1] == "spending_limited"
    await world.challenge(await world.start("p2"), "email")
    assert world.causes()[-1] == "sent"


async def test_all_texts_together_stop_at_the_days_limit() -> None:
    """An installation pays for no more than it said (API4); strangers' orders count for nothing."""
    world = a_world(sends_by_phone_day=2)
    for number in range(3):
        await world.account(f"p{number}", mobile_phone=f"+336399{number}0000")
    await world.challenge(await world.start("nobody"), "mobile_phone")
    for name in ("p0", "p1", "p2"):
        await world.challenge(await world.start(name), "mobile_phone")
    assert len(world.adapters.channels["sms"].letters) == 2
    assert world.causes()[-1] == "spending_limited"
