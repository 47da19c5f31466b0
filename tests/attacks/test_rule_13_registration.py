"""Rule 13: a registration is judged and counted like a reset, with its own purpose and counters."""

import asyncio
from dataclasses import replace

import pytest

from shared.domain.errors import AnswerRefused, InvalidInput, Limited, NotFound, NoTriesLeft, Refused
from shared.domain.person import Failures, MethodState, Source
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_method, a_world, at, prefilled, wrong

MALLORY = "mallory@evil.example"


async def newcomer(**knobs: int) -> tuple[World, str]:
    """Return a world and the session of a person without a registration."""
    world = a_world(**knobs)
    await world.account("ada")
    return world, await world.sign_in()


async def test_parallel_registrations_of_two_methods_both_succeed() -> None:
    """They begin and confirm at the same time, and no write is lost."""
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


async def test_each_method_has_at_most_one_pending_contact() -> None:
    """Another contact replaces the first one, whose code is then wrong."""
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
    assert world.adapters.email.messages[-1].to == EMAIL


async def test_an_order_for_a_replaced_contact_sends_nothing() -> None:
    """A late delivery sends neither the new attempt's code nor a code to the old address."""
    world, session = await newcomer()
    await world.begin(session, "email", MALLORY)
    late = world.orders.pop()
    await world.begin(session, "email", EMAIL)
    await world.deliver(late)
    assert world.adapters.email.attempts == 0


async def test_a_registration_has_five_tries() -> None:
    """Each refusal gives the tries left. After five the right code is refused, and a resend gives no new tries."""
    world, session = await newcomer()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    told = []
    for _ in range(5):
        with pytest.raises(AnswerRefused) as refused:
            await world.confirm(session, "email", wrong(world.code()))
        told.append((type(refused.value), refused.value.tries_left))
    assert told == [*((AnswerRefused, left) for left in (4, 3, 2, 1)), (NoTriesLeft, 0)]
    with pytest.raises(Refused):
        await world.confirm(session, "email")
    world.clock.move(minutes=1)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    with pytest.raises(Refused):
        await world.confirm(session, "email")
    assert world.row().methods == ()


async def test_parallel_wrong_confirmations_count_exactly_the_allowed_tries() -> None:
    """After 100 parallel answers the row has five tries, and the right code is refused."""
    world, session = await newcomer()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    guesses = (world.confirm(session, "email", wrong(world.code())) for _ in range(100))
    told = await asyncio.gather(*guesses, return_exceptions=True)
    assert all(isinstance(result, Refused) for result in told)
    assert [attempt.tries for attempt in world.row().attempts] == [5]
    with pytest.raises(Refused):
        await world.confirm(session, "email")


async def test_parallel_right_confirmations_register_once() -> None:
    """Of 30 parallel confirmations one succeeds (R-12). There is one notice, promised before the write."""
    world, session = await newcomer()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    told = await asyncio.gather(*(world.confirm(session, "email") for _ in range(30)), return_exceptions=True)
    assert sum(not isinstance(result, Refused) for result in told) == 1
    assert [method.name for method in world.row().methods] == ["email"]
    assert len(world.row().notices) == 1
    assert world.adapters.promised.promises


async def test_an_expired_registration_confirms_nothing() -> None:
    """A second code is still live, but the pending contact has expired."""
    world, session = await newcomer(method_change_seconds=1800)
    await world.begin(session, "email", EMAIL)
    world.clock.move(seconds=world.policy.verification_seconds - 300)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    world.clock.move(seconds=300)
    with pytest.raises(Refused):
        await world.confirm(session, "email")
    assert world.row().methods == ()


async def test_failures_of_a_registration_and_of_a_reset_count_separately() -> None:
    """Wrong codes at registration do not suspend the method at the gate, and the reverse."""
    world, session = await newcomer()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    with pytest.raises(Refused):
        await world.confirm(session, "email", wrong(world.code()))
    assert set(world.row().failures) == {"registration:0:email"}


async def test_a_suspended_registration_answers_with_the_wait() -> None:
    """The person is signed in, so the wait may be told. The next day it works."""
    world, session = await newcomer()
    failures = Failures(since=world.clock.now(), count=10, suspended_until=at(hours=20))
    world.people.put(replace(world.row(), failures={"registration:0:email": failures}))
    with pytest.raises(Limited) as limited:
        await world.begin(session, "email", EMAIL)
    assert 19 * 3600 < limited.value.retry_after <= 20 * 3600
    await world.begin(session, "mobile_phone", PHONE)
    world.clock.move(hours=20)
    await world.begin(await world.sign_in(), "email", EMAIL)


async def test_resends_of_a_registration_need_waits_and_are_limited() -> None:
    """Waits of one and two minutes, and then no more until the registration has expired."""
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
    assert pending.code is not None
    assert pending.code.send == 1


async def test_the_codes_of_one_person_are_limited_over_all_addresses() -> None:
    """Ten in an hour. Otherwise a signed-in person could send codes to any number of mailboxes."""
    world, session = await newcomer(method_change_seconds=1800)
    for n in range(10):
        await world.begin(session, "email", f"victim{n}@mail.example")
    with pytest.raises(Limited):
        await world.begin(session, "email", "victim11@mail.example")


async def test_the_prefilled_contact_is_confirmed_without_typing_it() -> None:
    """It keeps its source, and no code is sent before the person asks for one."""
    world = a_world()
    key = await world.account("ada")
    world.people.put(replace(world.row(), methods=(prefilled("mobile_phone", PHONE, key),)))
    session = await world.sign_in()
    await world.register(session, "mobile_phone", None)
    method = world.row().method("mobile_phone")
    assert method is not None
    assert (method.state, method.source) == (MethodState.CONFIRMED, Source.ADMINISTRATOR)


async def test_a_prefilled_contact_proves_nothing() -> None:
    """It passes no gate and does not count towards the methods that are needed (M6)."""
    world = a_world()
    key = await world.account("ada")
    methods = (prefilled("email", EMAIL, key), prefilled("mobile_phone", PHONE, key))
    world.people.put(replace(world.row(), methods=methods))
    await world.challenge(await world.start())
    assert world.adapters.email.attempts == 0
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert view.missing == world.policy.methods


async def test_a_registration_code_confirms_only_the_address_it_was_sent_to() -> None:
    """If another contact is pending for the same method, the code does not confirm that one."""
    world, session = await newcomer()
    await world.begin(session, "email", MALLORY)
    await world.deliver()
    code = world.code()
    row = world.row()
    other = a_method("email", EMAIL, row.account).sealed
    world.people.put(replace(row, pending=(replace(row.pending[0], sealed=other),)))
    with pytest.raises(AnswerRefused):
        await world.confirm(session, "email", code)
    assert world.row().methods == ()


@pytest.mark.parametrize("method", ["office_phone", "telepathy", ""], ids=["office_phone", "telepathy", "empty"])
async def test_only_offered_methods_can_be_registered(method: str) -> None:
    """Only an administrator sets an office phone. Other methods do not exist."""
    world, session = await newcomer()
    with pytest.raises(NotFound):
        await world.begin(session, method, PHONE)
    with pytest.raises(NotFound):
        await world.confirm(session, method, "0000 0000")


async def test_begin_confirm_and_remove_are_refused_without_a_contact() -> None:
    """Each is refused and writes no row."""
    world, session = await newcomer()
    with pytest.raises(InvalidInput):
        await world.begin(session, "email", None)
    with pytest.raises(Refused):
        await world.confirm(session, "email", "0000 0000")
    with pytest.raises(InvalidInput):
        await world.remove(session, "email")
    assert world.people.writes == 1, "of the sign-in"


@pytest.mark.parametrize(
    ("method", "contact"),
    [
        pytest.param("email", "ada@corp.example", id="mailbox_of_the_directory"),
        pytest.param("mobile_phone", "+4915123456789", id="number_of_another_country"),
    ],
)
async def test_a_contact_that_the_policy_does_not_allow_is_refused(method: str, contact: str) -> None:
    """An address in the directory's own domain, and a number of another country (M4, R-73)."""
    world = a_world(refused_email_domains=("corp.example",), countries=("FR",))
    await world.account("ada")
    with pytest.raises(InvalidInput):
        await world.begin(await world.sign_in(), method, contact)
    assert world.orders == []


async def test_a_mailbox_that_the_directory_opens_is_refused_typed_or_prefilled() -> None:
    """Who forgot the password could not read the code there (M4). One that was prefilled before is refused too."""
    world, own = a_world(), "ada@corp.example"
    key = await world.account("ada")
    world.people.put(replace(world.row(), methods=(prefilled("email", own, key),)))
    await world.account("avery", roles=frozenset({"administrator"}))
    for account, (entry, password) in world.directory.accounts.items():
        world.directory.accounts[account] = replace(entry, mail_domains=frozenset({"corp.example"})), password
    session = await world.sign_in()
    for contact in (own, None, "other@CORP.example"):
        with pytest.raises(InvalidInput, match="domain_not_allowed"):
            await world.begin(session, "email", contact)
    row = {"identifier": "ada", "email": "else@corp.example", "mobile_phone": PHONE}
    verdict, *_ = await world.prefill(await world.sign_in("avery"), row)
    assert [(cell.column, cell.reason) for cell in verdict.cells] == [
        ("email", "domain_not_allowed"),
        ("mobile_phone", None),
    ]
    await world.begin(session, "email", EMAIL)
