"""Rule 14: a kept secret is judged without a send; each of its codes is right once, and its tries are counted."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.domain.errors import AnswerRefused, InvalidInput, Refused
from shared.domain.person import Failures, MethodState
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.verify import NextGate
from tests.attacks.authenticator import APP, STEP, App, an_app, refused
from tests.attacks.no_limits import MANY_STARTS
from tests.builders import CLIENT, EMAIL, World, a_world, at
from tests.fakes.keys import a_keyring


async def ada_with_an_app(**row: object) -> tuple[World, App]:
    """Return a world where Ada has an address, a phone and one app, all usable."""
    world = a_world(**MANY_STARTS, new_method_rest_hours=0)
    await world.ada(**row)
    app = await an_app(world)
    world.orders.clear()
    return world, app


async def asked(world: World, name: str = "ada", *, client: str = CLIENT) -> str:
    """Return a token at gate one with a challenge by app."""
    return await world.ask(await world.start(name, client=client), APP, client=client)


def failures_of(world: World, name: str = "ada") -> Failures:
    return world.row(name).failures[f"reset:1:{APP}"]


# -- a code is right once --


async def test_thirty_verifications_with_the_same_app_code_pass_one_gate() -> None:
    """The write that counts the answer also uses up the step."""
    world, app = await ada_with_an_app()
    tokens = [await asked(world) for _ in range(30)]
    told = await asyncio.gather(*(world.answer(token, app.code()) for token in tokens), return_exceptions=True)
    kinds = Counter(type(result).__name__ for result in told)
    assert kinds["NextGate"] == 1
    assert kinds["AnswerRefused"] + kinds["TryAgain"] == 29
    assert sum(attempt.passed is not None for attempt in world.row().attempts if attempt.id.purpose == "reset") == 1


async def test_thirty_parallel_answers_with_one_token_pass_one_gate() -> None:
    """One succeeds, and none of the others costs a try."""
    world, app = await ada_with_an_app()
    token = await asked(world)
    told = await asyncio.gather(*(world.answer(token, app.code()) for _ in range(30)), return_exceptions=True)
    assert Counter(type(result).__name__ for result in told) == {"NextGate": 1, "AnswerRefused": 29}
    assert world.row().attempts[-1].tries == 0


async def spent_by_registration(world: World, app: App) -> None:
    """The code that confirmed the app."""


async def spent_at_gate_one(world: World, app: App) -> None:
    await world.answer(await asked(world), app.code())


async def spent_at_gate_two(world: World, app: App) -> None:
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    await world.answer(await world.ask(outcome.verification_token, APP), app.code())


@pytest.mark.parametrize("gate", [1, 2], ids=["then_at_gate_one", "then_at_gate_two"])
@pytest.mark.parametrize("spend", [spent_by_registration, spent_at_gate_one, spent_at_gate_two])
async def test_an_app_code_that_was_right_once_is_never_right_again(
    spend: Callable[[World, App], Awaitable[None]], gate: int
) -> None:
    """In a registration, at gate one or at gate two of another verification. The next code is right."""
    world = a_world(**MANY_STARTS, new_method_rest_hours=0)
    await world.ada()
    session = await world.sign_in()
    begun = await world.begin(session, APP)
    assert begun.enrolment is not None
    app = App(world, begun.enrolment["secret"])
    code = app.code()
    await world.confirm(session, APP, code)
    if spend is not spent_by_registration:
        world.clock.move(seconds=STEP)
        code = app.code()
        await spend(world, app)
    token = await world.start()
    if gate == 2:
        outcome = await world.pass_gate(token, "mobile_phone")
        assert isinstance(outcome, NextGate)
        token = outcome.verification_token
    token = await world.ask(token, APP)
    again = await refused(world.answer(token, code))
    assert again.tries_left == 4
    world.clock.move(seconds=STEP)
    await world.answer(token, app.code())


async def test_a_used_code_does_not_confirm_another_app() -> None:
    """Each app has its own secret, so the code of the first is wrong for the second."""
    world, first = await ada_with_an_app()
    session = await world.sign_in()
    begun = await world.begin(session, APP)
    assert begun.enrolment is not None
    with pytest.raises(AnswerRefused):
        await world.confirm(session, APP, first.code())
    await world.confirm(session, APP, App(world, begun.enrolment["secret"]).code())


# -- which steps are accepted --


async def test_a_wrong_answer_uses_up_no_step() -> None:
    """After a typing error the same code is still right."""
    world, app = await ada_with_an_app()
    token = await asked(world)
    await refused(world.answer(token, app.wrong()))
    assert isinstance(await world.answer(token, app.code()), NextGate)


# -- several apps --


@pytest.mark.parametrize("which", [0, 1, 2], ids=["oldest", "second", "newest"])
async def test_any_of_three_apps_passes_the_gate(which: int) -> None:
    """Only its own code is used up; the two other apps stay as they are."""
    world, first = await ada_with_an_app()
    apps = [first, await an_app(world), await an_app(world)]
    before = world.row().methods
    assert isinstance(await world.answer(await asked(world), apps[which].code()), NextGate)
    changed = [b.credential for b, a in zip(before, world.row().methods, strict=True) if b != a]
    assert changed == [apps[which].credential]
    await refused(world.answer(await asked(world), apps[which].code()))
    assert isinstance(await world.answer(await asked(world), apps[which - 1].code()), NextGate)


async def test_a_fourth_app_is_refused_at_begin_and_a_replacement_is_not() -> None:
    """At most three apps. One of them may be replaced, and then proves nothing."""
    world, first = await ada_with_an_app()
    for _ in range(2):
        await an_app(world)
    row = world.row()
    with pytest.raises(InvalidInput) as too_many:
        await world.begin([*world.sessions.values()][-1], APP)
    assert (too_many.value.field, too_many.value.reason) == ("method", "too_many")
    assert world.row() == row
    fourth = await an_app(world, credential=first.credential)
    assert [m.name for m in world.row().methods].count(APP) == 3
    await refused(world.answer(await asked(world), first.code()))
    assert isinstance(await world.answer(await asked(world), fourth.code()), NextGate)


async def test_parallel_beginnings_never_register_a_fourth_app() -> None:
    """One enrolment is pending at a time. Of two that begin with two apps on the row, one becomes the third."""
    world, _ = await ada_with_an_app()
    await an_app(world)
    session = await world.sign_in()
    begun = await asyncio.gather(*(world.begin(session, APP) for _ in range(2)))
    codes = [App(world, (one.enrolment or {})["secret"]).code() for one in begun]
    told = await asyncio.gather(*(world.confirm(session, APP, code) for code in codes), return_exceptions=True)
    assert sum(isinstance(result, Refused) for result in told) == 1
    assert [m.name for m in world.row().methods].count(APP) == 3


async def test_only_ones_own_app_can_be_replaced_or_removed() -> None:
    """A credential that is not on the row is bad input."""
    world, _ = await ada_with_an_app()
    session = await world.sign_in()
    with pytest.raises(InvalidInput, match="not_registered"):
        await world.begin(session, APP, credential="somebody else's")
    with pytest.raises(InvalidInput, match="not_registered"):
        await world.remove(session, APP, credential="somebody else's")


# -- setting one up --


async def test_an_app_that_was_begun_proves_nothing_until_it_is_confirmed() -> None:
    """It passes no gate and does not show as registered. Its secret is shown once."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    begun = await world.begin(session, APP)
    assert begun.enrolment is not None
    app = App(world, begun.enrolment["secret"])
    await refused(world.answer(await asked(world), app.code()))
    view = await world.confirm(session, APP, app.code(1))
    assert [method.method for method in view.methods] == ["email", APP]
    assert app.secret not in str(view)
    assert app.secret not in str(world.row())


async def test_a_new_beginning_replaces_the_pending_secret() -> None:
    """There is another secret with new tries, and codes of the first one are wrong."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    first, second = [await world.begin(session, APP) for _ in range(2)]
    assert first.enrolment is not None
    assert second.enrolment is not None
    assert first.enrolment["secret"] != second.enrolment["secret"]
    with pytest.raises(AnswerRefused):
        await world.confirm(session, APP, App(world, first.enrolment["secret"]).code())
    await world.confirm(session, APP, App(world, second.enrolment["secret"]).code())


async def test_wrong_answers_end_an_enrolment_and_suspend_the_registration_of_apps() -> None:
    """Five end the enrolment. Ten in a day close the registration of apps, and not the gate."""
    world, app = await ada_with_an_app()
    session = await world.sign_in()
    for _ in range(2):
        begun = await world.begin(session, APP)
        new = App(world, (begun.enrolment or {})["secret"])
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.confirm(session, APP, new.wrong())
        with pytest.raises(Refused):
            await world.confirm(session, APP, new.code())
    assert world.row().failures[f"registration:0:{APP}"].suspended_until is not None
    with pytest.raises(Exception, match="retry after"):
        await world.begin(session, APP)
    assert isinstance(await world.answer(await asked(world), app.code()), NextGate)


async def test_parallel_right_confirmations_of_an_app_register_it_once() -> None:
    """30 parallel confirmations: one app, one notice."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    begun = await world.begin(session, APP)
    code = App(world, (begun.enrolment or {})["secret"]).code()
    told = await asyncio.gather(*(world.confirm(session, APP, code) for _ in range(30)), return_exceptions=True)
    assert sum(not isinstance(result, Refused) for result in told) == 1
    assert [(m.name, m.state) for m in world.row().methods] == [(APP, MethodState.CONFIRMED)]
    assert len(world.row().notices) == 1


# -- an app that cannot prove anything now --


async def removed(world: World, app: App) -> None:
    await world.remove(await world.sign_in(), APP, credential=app.credential)


async def replaced(world: World, app: App) -> None:
    await an_app(world, credential=app.credential)


async def rests(world: World, app: App) -> None:
    row = world.row()
    methods = tuple(replace(m, usable_from=at(days=1)) if m.name == APP else m for m in row.methods)
    world.people.put(replace(row, methods=methods))


async def key_is_gone(world: World, app: App) -> None:
    world.adapters.keyring = a_keyring(seal_versions=(2,))
    world.forget_what_was_built()


@pytest.mark.parametrize("change", [removed, replaced, rests, key_is_gone])
async def test_an_app_that_is_not_usable_proves_nothing(change: Callable[[World, App], Awaitable[None]]) -> None:
    """In a new verification its code is refused like a wrong answer."""
    world, app = await ada_with_an_app()
    await change(world, app)
    token = await asked(world)
    assert (await refused(world.answer(token, app.code()))).tries_left == 4
    assert world.row().attempts[-1].tries == 1


@pytest.mark.parametrize("change", [removed, replaced])
async def test_removing_or_replacing_an_app_ends_verifications_under_way(
    change: Callable[[World, App], Awaitable[None]],
) -> None:
    """A verification that began before passes no gate, with the app or with another method."""
    world, app = await ada_with_an_app()
    token = await asked(world)
    await change(world, app)
    await refused(world.answer(token, app.code()))
    token = await world.challenge(token, "email")
    await refused(world.answer(token, world.code()))


async def test_an_app_is_refused_once_the_account_has_changed_since_the_challenge() -> None:
    """The app is the same, but the account version has changed since the challenge (rule 12)."""
    world, app = await ada_with_an_app()
    token = await asked(world)
    world.people.put(replace(world.row(), version="B" * 22))
    await refused(world.answer(token, app.code()))
    assert isinstance(await world.answer(await asked(world), app.code()), NextGate)


async def test_a_new_app_rests_only_if_older_methods_satisfy_the_gates() -> None:
    """For a day by default, on the second (R-63). Without enough older methods the first app is usable at once."""
    world = a_world(**MANY_STARTS)
    await world.ada()
    app = await an_app(world)
    usable_from = world.row().methods[-1].usable_from
    assert usable_from is not None
    world.clock.at = usable_from
    world.clock.move(seconds=-1)
    token = await asked(world)
    await refused(world.answer(token, app.code()))
    world.clock.move(seconds=1)
    assert isinstance(await world.answer(await asked(world), app.code(1)), NextGate)


@pytest.mark.parametrize("name", ["ada", "unknown"])
async def test_a_challenge_by_app_sends_nothing_and_needs_no_wait(name: str) -> None:
    """For the owner and for a stranger: no order, no use of sends and no wait. One counter limits them (rule 15)."""
    world, _ = await ada_with_an_app()
    token = await world.start(name)
    hits, writes = world.adapters.limiter.hits.total(), world.people.writes
    for _ in range(10):
        issued = await world.service.use(IssueChallenge)(
            token, APP, world.trail, channel=None, contact=None, client=CLIENT, language="en"
        )
        token = issued.verification_token
        assert (issued.wait, issued.shown) == (0, {})
    assert world.orders == []
    assert (world.adapters.limiter.hits.total(), world.people.writes) == (hits + 10, writes)
    assert world.verification(token).sends == ()
