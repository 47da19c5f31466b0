"""Rule 27: an activation code opens registration once, for its account, and nothing else; no one person can make it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.activation import shown
from shared.domain.errors import (
    BotCheckRequired,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutcomeUnknown,
    Overtaken,
    PasswordRefused,
    ProofRequired,
    Refused,
    SignInRequired,
)
from shared.domain.person import Activation
from shared.domain.roles import Role
from shared.domain.trail import Tag
from shared.methods import Method
from shared.ports.directory import AccountChanged, DirectoryUnknown, PasswordNotTaken
from shared.usecases.activate import Activate
from shared.usecases.ask_proof import AskProof
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.change_password import ChangePassword
from shared.usecases.choose import Choose
from shared.usecases.erase import Erase
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.report_loss import ReportLoss
from shared.usecases.revoke_activation import RevokeActivation
from shared.usecases.set_first_password import SetFirstPassword
from shared.usecases.unblock import Unblock
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.interleaved import gated, schedules
from tests.attacks.letters import LOST, NEW_EMAIL, NEW_PHONE, choose, enter, letter, office, tags
from tests.attacks.no_limits import STRANGER
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, WHY, World, solved
from tests.usecases.test_life_of_every_method import METHODS


async def test_a_new_person_registers_chooses_a_password_and_signs_in() -> None:
    """Opening again before is fine. The events name both parties and lead from the use to the issue."""
    world = await office()
    code = await letter(world)
    await enter(world, code)
    token = await enter(world, f" {shown(code).lower().replace('0', 'o')} ")
    for method, contact in (("email", NEW_EMAIL), ("mobile_phone", NEW_PHONE)):
        view = await world.register(token, method, contact)
    assert view.ready
    token = await choose(world, token)
    assert (await world.service.use(ViewRegistration)(token)).ready
    await world.sign_in("noor", NEW_PASSWORD)
    await world.complete(await world.prove("noor"), PASSWORD)
    assert tags(world) == [Tag.ACTIVATION_ISSUED, *[Tag.ACTIVATION_OPENED] * 2, Tag.ACTIVATION_USED]
    issued, *_, used = (event for event in world.trail.events if "activation" in event.tag)
    assert (issued.verification, issued.account) == (used.verification, used.account)
    assert (issued.actor, issued.reason) == (world.key_of("avery"), LOST)
    assert code not in str(world.people.rows) + str(world.trail.events)


async def spent_by_a_method(world: World, code: str) -> None:
    await world.register(await enter(world, code), "email", NEW_EMAIL)


async def spent_by_a_password(world: World, code: str) -> None:
    await choose(world, await enter(world, code))


async def replaced(world: World, code: str) -> None:
    assert await letter(world) != code


async def revoked(world: World, _code: str) -> None:
    assert await world.service.use(RevokeActivation)(await world.sign_in("avery"), "noor", WHY, world.trail)


async def expired(world: World, _code: str) -> None:
    world.clock.move(days=world.policy.activation_days)


async def disabled(world: World, _code: str) -> None:
    await world.directory.set_enabled("noor", enabled=False)


async def frozen(world: World, _code: str) -> None:
    world.people.put(replace(world.row("noor"), frozen_at=world.clock.now()))


async def promoted(world: World, _code: str) -> None:
    world.directory.granted("noor", Role.ADMINISTRATOR)


async def registered_without_it(world: World, _code: str) -> None:
    """The administrator knows the code. It must not add a method beside what the owner has registered."""
    world.directory.changed("noor", PASSWORD)
    await world.register(await world.sign_in("noor"), "email", NEW_EMAIL)


async def erased(world: World, _code: str) -> None:
    assert await world.service.use(Erase)(await world.sign_in("avery"), "noor", WHY, world.trail)


ENDS = (
    spent_by_a_method, spent_by_a_password, replaced, revoked, expired, disabled, frozen, promoted,
    registered_without_it, erased,
)  # fmt: skip


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
async def test_after_its_end_a_code_opens_nothing_and_what_it_opened_has_ended(
    end: Callable[[World, str], Awaitable[None]],
) -> None:
    """One answer for every cause, that of a wrong code. An earlier opening registers nothing and sets no password."""
    world = await office()
    code = await letter(world)
    earlier = await enter(world, code)
    await world.begin(earlier, "mobile_phone", NEW_PHONE)
    await world.deliver()
    await end(world, code)
    with pytest.raises(Refused) as refused:
        await enter(world, code)
    assert type(refused.value) is Refused
    before = world.row("noor")
    for no in (
        lambda: world.confirm(earlier, "mobile_phone"),
        lambda: world.begin(earlier, "email", NEW_EMAIL),
        lambda: choose(world, earlier),
    ):
        with pytest.raises((SignInRequired, Refused, Exception)) as stopped:
            await no()
        assert type(stopped.value).__name__ in {"SignInRequired", "Frozen"}
    assert world.row("noor").methods == before.methods
    assert tags(world)[-1] in {Tag.ACTIVATION_REFUSED, Tag.ACTIVATION_USED}


@pytest.mark.parametrize("name", ["ada", "noor", "blake", "nobody"])
async def test_a_wrong_code_looks_the_same_for_every_name_and_never_ends_the_right_one(name: str) -> None:
    """The same error, calls, events and limits; past a limit the bot check opens more, and the code is as good."""
    world = await office(starts_per_name_hour=20)
    code = await letter(world)
    await letter(world, "ada")
    world.trail.events.clear()
    world.directory.calls.clear()
    for n in range(20):
        with pytest.raises(Refused):
            await enter(world, code[:-1] + ("A" if code[-1] != "A" else "B"), name, client=f"198.51.100.{n}")
    assert {(event.tag, event.cause, bool(event.account)) for event in world.trail.events} == {
        (Tag.ACTIVATION_REFUSED, "", True)
    }
    assert world.directory.calls == []
    with pytest.raises(BotCheckRequired) as asked:
        await enter(world, code, name, client=STRANGER)
    solution = solved(asked.value)
    if name == "noor":
        await enter(world, code, name, client=STRANGER, solution=solution)
        return
    with pytest.raises(Refused):  # the code of another account
        await enter(world, code, name, client=STRANGER, solution=solution)


@pytest.mark.parametrize("text", ["", "K7QM", "K7QM-2XPD-9RTV-4HJCC", "K7QM-2XPD-9RTV-4HJ!", "K7QM2XPD9RTV4HJU"])
async def test_what_no_code_is_counts_nothing(text: str) -> None:
    """Too short, too long, another sign, and U, which no code has."""
    world = await office()
    with pytest.raises(InvalidInput):
        await enter(world, text)
    assert not tags(world)


@pytest.mark.parametrize("first", ["a method", "a password"])
async def test_of_two_openings_at_once_one_goes_on_in_every_order_of_their_calls(first: str) -> None:
    """Whoever confirms first: the other one registers nothing and sets no password, also half way through."""
    winners = set()
    for schedule in schedules("a", "b", most=7):
        world = await office()
        code = await letter(world)
        one, two = await enter(world, code), await enter(world, code, client=STRANGER)
        await world.begin(one, "mobile_phone", NEW_PHONE)
        await world.deliver()
        sms = world.code("mobile_phone")
        turnstile = gated(world)
        requests: dict[str, Callable[[], Awaitable[Any]]] = {
            "a": lambda: world.confirm(one, "mobile_phone", sms),  # noqa: B023  called within the round
            "b": lambda: choose(world, two),  # noqa: B023
        }
        if first == "a password":
            requests["a"] = lambda: choose(world, one, PASSWORD)  # noqa: B023
        results = await turnstile.race(schedule, requests)
        won = [who for who, result in results.items() if not isinstance(result, Exception)]
        lost = [result for result in results.values() if isinstance(result, Exception)]
        assert len(won) == 1, (schedule, results)
        assert isinstance(lost[0], SignInRequired | Overtaken), schedule
        winners |= set(won)
    assert winners == {"a", "b"}


async def test_what_one_opening_began_no_other_one_confirms() -> None:
    """Nor does a sign-in: a finder of the letter may not complete what the owner began, or the other way round."""
    world = await office()
    world.directory.changed("noor", PASSWORD)
    session, code = await world.sign_in("noor"), await letter(world)
    one, two = await enter(world, code), await enter(world, code)
    await world.begin(one, "email", NEW_EMAIL)
    await world.deliver()
    for other in (two, session):
        with pytest.raises(Refused):
            await world.confirm(other, "email")
        shown = await world.service.use(ViewRegistration)(other)
        assert not shown.methods
    await world.confirm(one, "email")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_the_code_takes_the_place_of_the_proof_for_every_method(method: Method) -> None:
    """Also of one whose hashes are dear. Nobody is told that a change was tried without a proof."""
    world = await office(methods=tuple(one.name for one in METHODS))
    token = await enter(world, await letter(world, "ada"), "ada")
    contact = {"email": NEW_EMAIL, "mobile_phone": NEW_PHONE}.get(method.name)
    await world.service.use(BeginMethod)(token, method.name, Wish(contact=contact), world.trail)
    assert not any(notice.template == "change_unproved" for notice in world.row().notices)


@pytest.mark.parametrize("before", ["replaced", "erased"])
async def test_what_an_activation_left_is_not_free_to_who_knows_the_password(before: str) -> None:
    """While it rests it proves nothing, and a stolen sign-in changes nothing either. Then its owner goes on."""
    world = await office(methods=tuple(one.name for one in METHODS))
    if before == "erased":
        assert await world.service.use(Erase)(await world.sign_in("avery"), "ada", WHY, world.trail)
    world.clock.move(days=3)
    token = await enter(world, await letter(world, "ada"), "ada")
    await world.register(token, "email", NEW_EMAIL)
    await world.register(token, "mobile_phone", NEW_PHONE)
    kept, thief = world.row().methods, await world.sign_in(client=STRANGER)
    for method, contact in (("email", "t@elsewhere.example"), ("mobile_phone", "+33639980066"), ("passkey", None)):
        with pytest.raises(ProofRequired):
            await world.service.use(BeginMethod)(thief, method, Wish(contact=contact), world.trail)
        if contact:
            with pytest.raises(ProofRequired):
                await world.service.use(RemoveMethod)(thief, method, world.trail)
    assert (world.row().methods, world.row().pending) == (kept, ())
    assert (await world.service.use(ReportLoss)(thief, world.trail)).loss_wait_ends_at
    world.clock.move(hours=world.policy.new_method_rest_hours)
    await world.begin(await world.sign_in(), "passkey")


async def test_what_is_added_by_a_letter_that_was_not_needed_rests() -> None:
    """Two administrators sent it, and its owner registered in a sign-in. Somebody finds it a minute later."""
    world = await office()
    await world.account("vera", roles=frozenset({Role.ADMINISTRATOR}))
    code = await letter(world, "vera")
    await world.register(await world.sign_in("vera"), "email", NEW_EMAIL)
    await world.register(await enter(world, code, "vera", client=STRANGER), "mobile_phone", NEW_PHONE)
    rested = world.clock.now() + timedelta(hours=world.policy.new_method_rest_hours)
    assert [method.since >= rested for method in world.row("vera").methods] == [False, True]


async def test_what_a_code_registers_ends_the_wait_of_somebody_who_lost_everything() -> None:
    """Otherwise a stolen sign-in, which began the wait, adds a method days later without a proof."""
    world = await office()
    assert (await world.service.use(ReportLoss)(await world.sign_in(), world.trail)).loss_wait_ends_at
    token = await enter(world, await letter(world, "ada"), "ada")
    for method, contact in (("email", NEW_EMAIL), ("mobile_phone", NEW_PHONE)):
        await world.begin(token, method, contact)
    await world.deliver()
    for method in ("email", "mobile_phone"):
        await world.confirm(token, method)
    world.clock.move(days=world.policy.loss_wait_days + 1)
    with pytest.raises(ProofRequired):
        await world.service.use(BeginMethod)(
            await world.sign_in(), "mobile_phone", Wish(contact="+33639980066"), world.trail
        )


async def test_an_opening_is_no_sign_in() -> None:
    """It views, begins and confirms. Everything else refuses it, and it shows no contact in full."""
    world = await office()
    token = await enter(world, await letter(world, "ada"), "ada")
    use, trail = world.service.use, world.trail
    asks = {"proof": None, "channel": None, "client": CLIENT, "language": "en"}
    for refused in (
        use(RemoveMethod)(token, "email", trail),
        use(Reconfirm)(token, trail),
        use(ReportLoss)(token, trail),
        use(Choose).language(token, "fr", trail),
        use(ChangePassword)(token, PASSWORD, NEW_PASSWORD, trail),
        use(AskProof)(token, "email", trail, **asks),
        use(Unblock)(token, "noor", WHY, trail),
        use(Activate)(token, "noor", LOST, trail),
        use(SetFirstPassword)(await world.sign_in(), NEW_PASSWORD, trail),
    ):
        with pytest.raises(SignInRequired):
            await refused
    with pytest.raises(NotAllowed):  # she has a password
        await choose(world, token)
    with pytest.raises(NotFound):
        await world.begin(token, "carrier pigeon", "x")
    view = await use(ViewRegistration)(token)
    assert not {EMAIL, PHONE} & {method.contact for method in view.methods}


@pytest.mark.parametrize(
    ("answer", "error", "spent"),
    [
        (PasswordNotTaken(("history",)), PasswordRefused, True), (AccountChanged(), Overtaken, True),
        (DirectoryUnknown(), OutcomeUnknown, True), (None, PasswordRefused, False),
    ],
    ids=["refused", "changed", "unknown", "weak"],
)  # fmt: skip
async def test_a_password_that_was_not_set_lets_the_same_opening_go_on(
    answer: Exception | None, error: type[Exception], *, spent: bool
) -> None:
    """The code is spent before the directory is asked, so that no second opening sets another one meanwhile."""
    world = await office()
    code = await letter(world)
    one, two = await enter(world, code), await enter(world, code)
    if answer is not None:
        world.directory.answers = [answer]
    with pytest.raises(error):
        await choose(world, one, NEW_PASSWORD if spent else "password")
    there = world.row("noor").activation
    assert isinstance(there, Activation)
    assert bool(there.spent_by) == spent == (there.mac == "")
    if spent:
        with pytest.raises(SignInRequired):
            await choose(world, two)
    if error is not OutcomeUnknown:
        await choose(world, one)
        await world.sign_in("noor", NEW_PASSWORD)


async def test_a_password_that_came_meanwhile_is_not_replaced() -> None:
    """Set in the directory between the look and the write, or by a second press of the button."""
    world = await office()
    token = await enter(world, await letter(world))
    results = await asyncio.gather(choose(world, token), choose(world, token, PASSWORD), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1
    token = next(result for result in results if isinstance(result, str))
    with pytest.raises(NotAllowed):
        await choose(world, token)
    other = await office()
    late = await enter(other, await letter(other))
    other.directory.changed("noor", PASSWORD)
    with pytest.raises((NotAllowed, SignInRequired)):
        await choose(other, late)
    await other.sign_in("noor", PASSWORD)
