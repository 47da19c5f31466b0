"""Deliver a code: the content of the message and its destination."""

import contextlib
from dataclasses import replace

import azure.functions as func
import pytest

from functions import deliver
from shared.domain.errors import SignInRequired
from shared.domain.language import Language
from shared.domain.trail import Tag, Trail, WakeOrder
from shared.methods import channel_to
from shared.ports.given_up import GivenUpMessage
from shared.usecases.choose import Choose
from shared.usecases.sweep import Sweep
from shared.validation.records import encode_order
from tests.builders import CODE, EMAIL, PHONE, a_method, a_world


async def test_the_messages_for_a_reset_and_for_a_registration_differ() -> None:
    """People must see whether a code adds an address or resets a password."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    await world.register(session, "email", EMAIL)
    await world.challenge(await world.start())
    registering, resetting = (message for message in world.adapters.email.messages if CODE.search(message.text))
    assert registering.subject != resetting.subject
    assert "reset" in resetting.text.lower()
    assert "reset" not in registering.text.lower()


@pytest.mark.parametrize(("method", "to"), [("email", EMAIL), ("mobile_phone", PHONE)])
async def test_a_code_is_sent_to_the_stored_contact_with_its_life_in_minutes(method: str, to: str) -> None:
    """Byte for byte as it was registered (R-19), with the minutes of the policy."""
    world = a_world(code_seconds_phone=180, code_seconds_email=600)
    await world.ada()
    await world.challenge(await world.start(), method)
    message = world.adapters.channels[channel_to(method)].messages[0]
    assert message.to == to
    assert {"email": "10 minutes", "mobile_phone": "3 minutes"}[method] in message.text
    assert world.code(method) in message.text


async def test_who_may_soon_ask_for_a_code_starts_what_delivers_it() -> None:
    """A start, for a known name and for an unknown one, and a sign-in that succeeded; not one that was refused."""
    world = a_world()
    await world.ada()
    counts = []
    for step in (world.start(), world.start("nobody"), world.sign_in(), world.sign_in(password="wrong")):
        with contextlib.suppress(SignInRequired):
            await step
        counts.append(world.adapters.outbox.wakes)
    assert counts == [1, 2, 3, 3]
    assert not world.orders


async def test_a_wake_order_calls_nothing_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No table, no provider, no event; also where it was given up to the poison queue."""
    trail = Trail()
    for module in ("functions._function", "functions.deliver"):
        monkeypatch.setattr(f"{module}.service", lambda: pytest.fail("it needs no service"))
    message = func.QueueMessage(body=encode_order(WakeOrder()).encode())
    await deliver.deliver.build().get_user_function()(msg=message)
    world = a_world()
    world.adapters.given_up = GivenUpOnce(encode_order(WakeOrder()))  # type: ignore[attr-defined]
    await world.service.use(Sweep)(trail)
    assert not trail.events


class GivenUpOnce:
    """A poison queue with one message."""

    queues = ("outbox",)

    def __init__(self, text: str) -> None:
        self.messages = [GivenUpMessage(queue="outbox", id="1", text=text, handle=None)]

    async def take(self, _queue: str) -> list[GivenUpMessage]:
        return self.messages

    async def delete(self, message: GivenUpMessage) -> None:
        self.messages.remove(message)


async def test_each_code_has_its_own_operation_id() -> None:
    """A provider that accepts an id once must still accept the second code."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    world.clock.move(minutes=1)
    await world.challenge(token)
    first, second = world.adapters.email.messages
    assert first.idempotency != second.idempotency
    assert first.text != second.text


@pytest.mark.parametrize(
    ("wanted", "code", "notice"), [(None, "Voici votre code", "a été modifié"), ("en", "Use this code", "was changed")]
)
async def test_messages_of_a_reset_are_in_the_language_of_its_page_or_in_the_chosen_one(
    wanted: Language | None, code: str, notice: str
) -> None:
    """Who registered on an English page and resets on a French one reads French, and it is kept for reminders."""
    world = a_world(gates=1)
    await world.ada(language="en")
    view = await world.service.use(Choose).language(await world.sign_in(), wanted, world.trail)
    assert view.language == wanted
    token = await world.challenge(await world.start(), language="fr")
    assert code in world.messages()[0]
    granted = await world.answer(token, world.code())
    world.trail.language = "fr"
    await world.complete(granted.reset_token)
    await world.tell()
    assert notice in world.messages()[-1]
    assert world.row().message_language == (wanted or "fr")


@pytest.mark.parametrize("chosen", ["Pacific/Auckland", None])
async def test_times_in_messages_are_in_the_zone_that_the_person_chose(chosen: str | None) -> None:
    """Beside UTC. Without a choice they are in the zone of the organisation."""
    world = a_world(gates=1)
    await world.ada(time_zone="Asia/Tokyo")
    view = await world.service.use(Choose).time_zone(await world.sign_in(), chosen, world.trail)
    assert view.time_zone == chosen
    assert world.trail.events[-1].tag == Tag.TIME_ZONE_CHOSEN
    await world.complete(await world.prove("ada", "email"))
    await world.tell()
    assert ("Pacific/Auckland" in world.messages()[-1]) == (chosen is not None)
    assert "UTC" in world.messages()[-1]


async def test_a_code_is_sent_to_the_current_contact_and_bound_to_it() -> None:
    """If the contact changed after the request, the new one gets the code and the old one gets nothing."""
    world = a_world()
    await world.ada()
    await world.ask(await world.start())
    row = world.row()
    moved = a_method("email", "new@mail.example", row.account)
    world.people.put(replace(row, methods=(moved, *row.methods[1:])))
    await world.deliver()
    assert [message.to for message in world.adapters.email.messages] == ["new@mail.example"]
    assert [sent.destination for sent in world.row().sent_codes] == [moved.destination]


async def test_the_event_of_a_delivered_code_has_neither_contact_nor_code() -> None:
    """It has keyed digests and a cause (R-101)."""
    world = a_world()
    await world.ada()
    await world.challenge(await world.start())
    event = world.trail.events[-1]
    assert (event.tag, event.cause, event.method) == (Tag.CODE_DELIVERED, "sent", "email")
    assert EMAIL not in repr(world.trail.events)
    assert world.code() not in repr(world.trail.events)
    assert world.code().replace("-", "") not in repr(world.trail.events)


async def test_text_messages_to_one_number_prefix_are_limited() -> None:
    """Fraud uses ranges of numbers (A-25). Other prefixes and email are not affected."""
    world = a_world(sends_per_prefix_hour=2)
    for number in range(3):
        await world.account(f"p{number}", email=f"p{number}@mail.example", mobile_phone=f"+3363998100{number}")
    await world.account("elsewhere", mobile_phone="+33639989999")
    for name in ("p0", "p1", "p2"):
        await world.challenge(await world.start(name), "mobile_phone")
    assert [message.to for message in world.adapters.sms.messages] == ["+33639981000", "+33639981001"]
    assert world.causes()[-1] == "spending_limited"
    await world.challenge(await world.start("p2"), "email")
    assert world.causes()[-1] == "sent"


async def test_all_text_messages_together_are_limited_by_day() -> None:
    """It limits the cost of an installation (OWASP API4:2023). Orders of strangers do not count."""
    world = a_world(sends_by_phone_day=2)
    for number in range(3):
        await world.account(f"p{number}", mobile_phone=f"+336399{number}0000")
    await world.challenge(await world.start("nobody"), "mobile_phone")
    for name in ("p0", "p1", "p2"):
        await world.challenge(await world.start(name), "mobile_phone")
    assert len(world.adapters.sms.messages) == 2
    assert world.causes()[-1] == "spending_limited"
