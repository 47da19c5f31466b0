"""Rule 10: strangers cannot lock a person out, and the number of their guesses is limited."""

from dataclasses import replace

import pytest

from shared.domain.errors import AnswerRefused, Limited
from shared.domain.person import Failures
from shared.domain.trail import Tag
from shared.usecases.verify import NextGate
from tests.attacks.no_limits import STRANGER
from tests.builders import CLIENT, EMAIL, PHONE, World, a_world, at, wrong

OPEN = {
    "verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000,
    "starts_per_name_and_client_hour": 1000, "starts_per_name_hour": 1000, "starts_per_name_day": 1000,
    "sends_per_destination_10min": 20, "sends_per_destination_hour": 20, "sends_per_destination_day": 20,
}  # fmt: skip


async def ten_failures(world: World, method: str = "email") -> None:
    """A stranger gives five wrong answers in each of two verifications."""
    for _ in range(2):
        token = await world.challenge(await world.start(client=STRANGER), method, client=STRANGER)
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, wrong(world.code(method)), client=STRANGER)


async def a_known_ada(world: World, **row: object) -> None:
    """CLIENT is one of Ada's known clients."""
    await world.ada(known_clients=(world.adapters.keyring.digest("client", CLIENT),), **row)


def failures_of(world: World, key: str = "reset:1:email") -> Failures:
    return world.row().failures[key]


# -- ten wrong answers in a day: a suspension closes the method to new codes --


async def test_a_code_sent_before_a_suspension_still_passes_the_gate() -> None:
    """Her code was sent before the stranger's wrong answers."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    code = world.code()
    await ten_failures(world)
    assert failures_of(world).suspended_until is not None
    assert isinstance(await world.answer(token, code), NextGate)


async def test_a_code_sent_before_a_suspension_has_only_its_five_tries() -> None:
    """Five wrong answers end the attempt. They neither prolong the suspension nor cause another notice."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    code = world.code()
    await ten_failures(world)
    until = failures_of(world).suspended_until
    world.clock.move(minutes=1)
    for _ in range(5):
        with pytest.raises(AnswerRefused):
            await world.answer(token, wrong(code))
    assert failures_of(world).suspended_until == until
    assert [event.tag for event in world.trail.events].count(Tag.METHOD_SUSPENDED) == 1
    with pytest.raises(AnswerRefused):
        await world.answer(token, code)


async def test_a_suspension_closes_the_method_to_new_codes_for_a_day() -> None:
    """For 24 hours no code is sent or claimed at this gate. After that, one is."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    sent, claimed = len(world.codes()), world.row().sent_codes
    await world.challenge(await world.start())
    assert world.causes()[-1] == "closed"
    assert world.row().sent_codes == claimed
    assert len(world.codes()) == sent
    world.clock.move(days=1)
    await world.challenge(await world.start())
    assert len(world.codes()) == sent + 1


async def test_answers_to_a_suspended_method_do_not_prolong_the_suspension() -> None:
    """No code was sent for them. Their attempts count them, and the method does not."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    before = failures_of(world)
    world.clock.move(hours=12)
    for _ in range(3):
        token = await world.challenge(await world.start(client=STRANGER), client=STRANGER)
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, "11111111", client=STRANGER)
    assert failures_of(world) == before
    world.clock.move(hours=12)
    assert isinstance(await world.pass_gate(await world.start(), "email"), NextGate)


async def test_the_person_gets_a_notice_of_a_suspension() -> None:
    """Once, to every confirmed address, with a promise in case the process stops (R-50)."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    assert len(world.adapters.promised.promises) == 1
    sms = world.adapters.sms.attempts
    await world.tell()
    assert world.row().notices == ()
    assert world.adapters.sms.attempts == sms + 1


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_a_suspension_is_recorded_for_unknown_names_too(name: str) -> None:
    """It is recorded once. A name that does not exist leaves the same events (rule 9)."""
    world = a_world(**OPEN)
    await world.ada()
    for _ in range(2):
        token = await world.challenge(await world.start(name, client=STRANGER))
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, "11111111", client=STRANGER)
    assert [event.tag for event in world.trail.events].count(Tag.METHOD_SUSPENDED) == 1


async def test_a_suspension_closes_no_other_method() -> None:
    """Ten failures by email do not close the phone."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    assert isinstance(await world.pass_gate(await world.start(), "mobile_phone"), NextGate)


async def test_failures_at_the_second_gate_count_separately() -> None:
    """A stranger reaches gate 1 only. The suspended method still passes gate 2 for its owner."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    outcome = await world.pass_gate(await world.start(), "mobile_phone")
    assert isinstance(outcome, NextGate)
    token = await world.challenge(outcome.verification_token, "email")
    with pytest.raises(AnswerRefused):
        await world.answer(token, wrong(world.code()))
    assert failures_of(world, "reset:2:email").count == 1
    assert failures_of(world).count == 10
    await world.answer(token, world.code())


# -- the reserve of known clients --


async def test_a_known_client_has_tries_left_in_a_suspension() -> None:
    """It has five more tries per day, and then none."""
    world = a_world(**OPEN)
    await a_known_ada(world)
    await ten_failures(world)
    token = await world.challenge(await world.start())
    assert world.causes()[-1] == "sent"
    for _ in range(4):
        with pytest.raises(AnswerRefused):
            await world.answer(token, wrong(world.code()))
    assert isinstance(await world.answer(token, world.code()), NextGate)
    token = await world.challenge(await world.start())
    with pytest.raises(AnswerRefused):
        await world.answer(token, wrong(world.code()))
    assert (failures_of(world).count, failures_of(world).reserved) == (10, 5)
    await world.challenge(await world.start())
    assert world.causes()[-1] == "closed"


async def test_strangers_cannot_use_up_the_tries_of_a_known_client() -> None:
    """Their answers in a suspension count separately, even if many codes were sent before it."""
    world = a_world(**OPEN)
    await a_known_ada(world)
    on_its_way = [await world.challenge(await world.start(client=STRANGER), client=STRANGER) for _ in range(2)]
    await ten_failures(world)
    for token in on_its_way:
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, "11111111", client=STRANGER)
    assert failures_of(world).reserved == 0
    assert isinstance(await world.pass_gate(await world.start(), "email"), NextGate)


async def test_each_lane_has_sends_left_after_strangers_used_up_the_others() -> None:
    """Of ten codes per day, two are kept for known clients and two for solved bot checks, in every window (C11)."""
    world = a_world(**{**OPEN, "sends_per_destination_day": 10, "sends_per_destination_10min": 3})
    await a_known_ada(world)
    spent = []
    for client in (STRANGER, CLIENT):
        for _ in range(8):
            await world.challenge(await world.start(client=client), client=client)
        spent.append(world.adapters.email.attempts)
    for n in range(4):
        token = world.seal(replace(world.verification(await world.start(client=STRANGER)), checked=True))
        await world.challenge(token, client=STRANGER, channel="email" if n else None)
    assert [*spent, world.adapters.email.attempts] == [3, 5, 7]


async def close_to_strangers(world: World, attack: str) -> None:
    """Twenty starts from five addresses, or twenty wrong answers to both methods."""
    if attack == "starts":
        for n in range(20):
            await world.start(client=f"198.51.100.{n % 5}")
        return
    started = [await world.start(client=f"198.51.100.{n}") for n in range(4)]
    for n, token in enumerate(started):
        method, client = ("email", "mobile_phone")[n % 2], f"198.51.100.{n}"
        asked = await world.challenge(token, method, client=client)
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(asked, wrong(world.code(method)), client=client)
    assert all(failures_of(world, f"reset:1:{method}").suspended_until for method in ("email", "mobile_phone"))


@pytest.mark.parametrize("owner", ["of the last success", "of a sign-in", "never seen, with the check solved"])
@pytest.mark.parametrize("attack", ["starts", "answers"])
async def test_the_owner_passes_while_strangers_attack_the_name(attack: str, owner: str) -> None:
    """To the address of a success nothing is closed. From elsewhere, the bot check opens it."""
    world = a_world(sends_per_destination_10min=20, sends_per_destination_hour=20, sends_per_destination_day=20)
    await world.ada()
    if owner == "of the last success":
        await world.complete(await world.prove())
        world.clock.move(days=200)
    elif owner == "of a sign-in":
        await world.sign_in()
        world.people.put(replace(world.row(), known_clients=(world.adapters.keyring.digest("client", CLIENT),)))
    await close_to_strangers(world, attack)
    solution = await world.check()
    assert bool(solution) is owner.startswith("never")
    outcome = await world.pass_gate(await world.start(solution=solution), "email")
    assert isinstance(outcome, NextGate)


async def test_the_reserves_of_starts_do_not_spend_each_other() -> None:
    """Strangers who solve the bot check use up their own lane. The known client keeps its starts."""
    world = a_world(starts_per_name_hour=2, starts_reserved_hour=3)
    await world.ada()
    await world.sign_in()
    for n in range(2):
        await world.start(client=f"198.51.100.{n}")
    for _ in range(2):
        await world.start(client=STRANGER, solution=await world.check(client=STRANGER))
    with pytest.raises(Limited):
        await world.start(client=STRANGER, solution=await world.check(client=STRANGER))
    for _ in range(3):
        await world.start()
    assert await world.check()


async def test_wrong_answers_for_a_name_do_not_close_the_address_of_an_office() -> None:
    """Ten for a name that does not exist: the others behind the address reset as before. That name needs a check."""
    world = a_world()
    await world.ada()
    for _ in range(2):
        token = await world.ask(await world.start("nobody"))
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, "11111111")
    assert isinstance(await world.pass_gate(await world.start(), "email"), NextGate)
    assert await world.check("nobody")


async def test_a_declared_network_has_wider_limits_without_a_row_that_everybody_writes() -> None:
    """Its starts are counted in parts, for all its addresses together (rule 15)."""
    world = a_world(networks=("203.0.113.0/24",), network_factor=2, starts_per_client_minute=5)
    for n in range(10):
        await world.start(f"name {n}", client=f"203.0.113.{n}")
    assert world.adapters.keyring.digest("start.client", "203.0.113.1") not in world.adapters.limiter.hits
    assert await world.check("another", client="203.0.113.99")
    await world.start("another", client="203.0.113.99", solution=await world.check("another", client="203.0.113.99"))
    assert await world.check("another", client="192.0.2.1") == ""


@pytest.mark.parametrize("case", ["wrong_contact", "suspended"])
async def test_a_dropped_text_message_does_not_count_for_shared_limits(case: str) -> None:
    """Otherwise strangers could use up the limits by prefix and by day without sending a message."""
    world = a_world(**OPEN)
    suspended = Failures(since=at(), count=10, suspended_until=at(days=1))
    await world.ada(failures={"reset:1:mobile_phone": suspended} if case == "suspended" else {})
    contact = "+33639981234" if case == "wrong_contact" else None
    for _ in range(3):
        start = await world.start(client=STRANGER)
        await world.challenge(start, "mobile_phone", client=STRANGER, contact=contact)
    assert world.adapters.sms.attempts == 0
    phone = {world.adapters.keyring.digest("by-phone"), world.adapters.keyring.digest("prefix", PHONE[:-4])}
    assert {key for key, count in world.adapters.tally.totals.items() if count and key[0] in phone} == set()


async def test_a_success_makes_a_client_known_and_five_are_kept() -> None:
    """The newest is first. The sixth replaces the oldest."""
    world = a_world(**OPEN)
    await world.ada(known_clients=("1", "2", "3", "4", "5"))
    await world.complete(await world.prove())
    assert world.row().known_clients == (world.adapters.keyring.digest("client", CLIENT), "1", "2", "3", "4")


# -- a hundred consecutive wrong answers --


async def test_a_success_resets_the_consecutive_failures_and_not_the_days_count() -> None:
    """After 99 consecutive failures and a success, the failures of the day stay counted."""
    world = a_world(**OPEN)
    await world.ada(failures={"reset:1:email": Failures(since=at(), count=3, consecutive=99)})
    await world.pass_gate(await world.start(), "email")
    assert failures_of(world).consecutive == 0
    assert failures_of(world).count == 3


@pytest.mark.parametrize("client", [CLIENT, STRANGER], ids=["known_client", "stranger"])
async def test_the_hundredth_consecutive_failure_closes_codes_that_were_sent_too(client: str) -> None:
    """The right code of another verification is refused and counted (NIST SP 800-63B-4 3.2.2)."""
    world = a_world(**OPEN)
    await a_known_ada(world, failures={"reset:1:email": Failures(since=at(), count=1, consecutive=99)})
    hers = await world.challenge(await world.start(client=client), client=client)
    code = world.code()
    theirs = await world.challenge(await world.start(client=STRANGER), client=STRANGER)
    with pytest.raises(AnswerRefused):
        await world.answer(theirs, wrong(world.code()), client=STRANGER)
    assert failures_of(world).consecutive == 100
    with pytest.raises(AnswerRefused):
        await world.answer(hers, code, client=client)
    assert failures_of(world).consecutive == 101


async def test_a_hundred_consecutive_failures_close_the_method_until_it_is_confirmed() -> None:
    """For known clients too, and for days. Confirming the address again opens it (NIST SP 800-63B-4 3.2.2)."""
    world = a_world(**OPEN)
    await a_known_ada(world, failures={"reset:1:email": Failures(since=at(), consecutive=100)})
    world.clock.move(days=30)
    await world.challenge(await world.start())
    assert world.adapters.email.attempts == 0
    session = await world.sign_in()
    await world.register(session, "email", EMAIL)
    assert isinstance(await world.pass_gate(await world.start(), "email"), NextGate)


async def test_a_hundred_consecutive_failures_close_one_method_only() -> None:
    """Other methods, the same method at another gate, and its registration stay open."""
    world = a_world(**OPEN)
    await world.ada(failures={"reset:1:email": Failures(since=at(), consecutive=100)})
    outcome = await world.pass_gate(await world.start(), "mobile_phone")
    assert isinstance(outcome, NextGate)
    await world.pass_gate(outcome.verification_token, "email")
    await world.register(await world.sign_in(), "email", "ada@elsewhere.example")


async def test_consecutive_failures_stay_counted_after_a_day() -> None:
    """After a day the count of the day starts at 0, and the consecutive failures continue."""
    world = a_world(**OPEN)
    await world.ada(failures={"reset:1:email": Failures(since=at(), count=9, consecutive=50)})
    world.clock.move(days=1)
    token = await world.challenge(await world.start())
    with pytest.raises(AnswerRefused):
        await world.answer(token, wrong(world.code()))
    assert (failures_of(world).count, failures_of(world).consecutive) == (1, 51)


async def test_the_directorys_account_is_never_locked() -> None:
    """A wrong answer of a verification is never a wrong password in the directory (R-74)."""
    world = a_world(**OPEN)
    await world.ada()
    world.directory.calls.clear()
    await ten_failures(world)
    assert world.directory.calls == []
    assert await world.sign_in()


async def test_a_suspension_that_has_ended_does_not_prevent_a_new_one() -> None:
    """Ten failures on the next day suspend again, with a new notice."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    await world.tell()
    world.clock.move(days=1)
    world.people.put(replace(world.row(), sent_codes=()))
    await ten_failures(world)
    assert failures_of(world).suspended_until == at(days=2, seconds=1)
    assert len(world.row().notices) == 1
