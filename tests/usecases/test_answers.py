"""Answers: what costs a try, how many tries are left, and which codes are used up."""

import pytest

from shared.domain.errors import AnswerRefused, InvalidInput, NoTriesLeft, Refused
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.verify import NextGate
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, World, a_world, wrong
from tests.methods import about_authenticator_app

APP = "authenticator_app"
ASKING = {"channel": None, "contact": None, "client": CLIENT, "language": "en"}
OPEN = {"verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000}


async def with_an_app(**knobs: int) -> tuple[World, dict[str, str], str]:
    """Return a world where Ada has an address and an app, the shown secret, and the code that confirmed it."""
    world = a_world(**knobs)
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    begun = await world.begin(session, APP)
    assert begun.enrolment is not None
    code = app_code(world, dict(begun.enrolment))
    await world.confirm(session, APP, code)
    world.orders.clear()
    return world, dict(begun.enrolment), code


def app_code(world: World, shown: dict[str, str]) -> str:
    return about_authenticator_app.answer(shown, {}, world.clock.now())


async def refused(world: World, token: str, text: str) -> AnswerRefused:
    with pytest.raises(AnswerRefused) as no:
        await world.answer(token, text)
    return no.value


class TestReset:
    """An answer at a gate."""

    async def test_an_answer_without_a_challenge_is_refused(self) -> None:
        """At the start, and again after a passed gate: one answer never passes two gates."""
        world = a_world()
        await world.ada()
        started = await world.start()
        with pytest.raises(Refused):
            await world.answer(started, "12345678")
        passed = await world.pass_gate(started, "email")
        assert isinstance(passed, NextGate)
        with pytest.raises(Refused):
            await world.answer(passed.verification_token, world.code())

    @pytest.mark.parametrize("seconds", [10, 90], ids=["while its wait runs", "later"])
    async def test_a_code_stays_good_when_the_person_goes_to_another_method_and_back(self, seconds: int) -> None:
        """With the newest token, while no other code can be sent. Later, another code is sent and replaces it."""
        world = a_world()
        await world.ada()
        first = await world.challenge(await world.start())
        code, other = world.code(), await world.challenge(first, "mobile_phone")
        world.clock.move(seconds=seconds)
        issued = await world.service.use(IssueChallenge)(other, "email", world.trail, **ASKING)
        await world.deliver()
        if seconds < world.policy.send_interval_seconds:
            assert (issued.wait, issued.code_expires_in, len(world.codes())) == (50, 590, 1)
            assert isinstance(await world.answer(issued.verification_token, code), NextGate)
        else:
            assert len(world.codes()) == 2
            await refused(world, first, code)
            assert isinstance(await world.answer(issued.verification_token, world.code()), NextGate)

    @pytest.mark.parametrize("name", ["ada", "nobody"])
    @pytest.mark.parametrize("method", ["email", APP])
    @pytest.mark.parametrize("text", ["", "12345", "1234567890123", "abcdefgh"])
    async def test_a_malformed_answer_costs_nothing(self, name: str, method: str, text: str) -> None:
        """No try, no write and no count for the client, for every account alike (rule 19)."""
        world, _, _ = await with_an_app()
        token = await world.challenge(await world.start(name), method)
        before, hits = world.people.writes, world.adapters.limiter.hits.copy()
        with pytest.raises(InvalidInput) as malformed:
            await world.answer(token, text)
        assert malformed.value.field == "answer"
        assert (world.people.writes, world.adapters.limiter.hits) == (before, hits)

    @pytest.mark.parametrize("name", ["ada", "nobody"])
    @pytest.mark.parametrize("method", ["email", APP])
    async def test_the_tries_left_are_the_same_for_every_account(self, name: str, method: str) -> None:
        """Each token has one try less, and the last one has none (rule 19)."""
        world, _, _ = await with_an_app(**OPEN)
        token = await world.challenge(await world.start(name), method)
        text = {"email": wrong(world.code()) if name == "ada" and method == "email" else "12345678", APP: "123456"}
        told = []
        for _ in range(6):
            no = await refused(world, token, text[method])
            assert no.verification_token is not None
            token = no.verification_token
            told.append((no.tries_left, isinstance(no, NoTriesLeft)))
        assert told == [(4, False), (3, False), (2, False), (1, False), (0, True), (0, True)]
        assert world.row(name).attempts[-1].tries == 5

    async def test_an_older_token_gives_no_new_tries(self) -> None:
        """The row decides. The number in the token is only shown to the person."""
        world, _, _ = await with_an_app(**OPEN)
        token = await world.challenge(await world.start())
        for _ in range(5):
            assert (await refused(world, token, wrong(world.code()))).tries_left == 4
        assert (await refused(world, token, world.code())).tries_left == 4

    async def test_another_method_has_its_own_tries_at_the_same_gate(self) -> None:
        """After wrong codes from the email, the person can still use the app."""
        world, shown, _ = await with_an_app(**OPEN)
        token = await world.challenge(await world.start())
        for _ in range(5):
            no = await refused(world, token, wrong(world.code()))
            assert no.verification_token is not None
            token = no.verification_token
        world.clock.move(seconds=30)
        assert isinstance(await world.answer(await world.ask(token, APP), app_code(world, shown)), NextGate)

    @pytest.mark.parametrize("name", ["ada", "nobody"])
    async def test_a_challenge_by_an_app_orders_nothing_and_is_the_same_for_every_account(self, name: str) -> None:
        """Nothing is sent, so there is no wait (rule 14)."""
        world, _, _ = await with_an_app()
        issued = await world.service.use(IssueChallenge)(await world.start(name), APP, world.trail, **ASKING)
        assert (issued.wait, issued.shown) == (0, {})
        assert world.orders == []

    @pytest.mark.parametrize("field", ["channel", "contact"])
    async def test_a_challenge_by_an_app_takes_no_channel_and_no_contact(self, field: str) -> None:
        """They are for sent codes only."""
        world, _, _ = await with_an_app()
        token = await world.start()
        with pytest.raises(InvalidInput) as no:
            await world.service.use(IssueChallenge)(token, APP, world.trail, **{**ASKING, field: "email"})
        assert no.value.field == field

    async def test_an_app_code_is_used_up_by_a_right_answer_for_any_purpose(self) -> None:
        """The code that confirmed the app passes no gate, and a code that passed a gate passes no other (rule 14)."""
        world, shown, confirming = await with_an_app(**OPEN)
        await refused(world, await world.ask(await world.start(), APP), confirming)
        world.clock.move(seconds=30)
        code = app_code(world, shown)
        assert isinstance(await world.answer(await world.ask(await world.start(), APP), code), NextGate)
        await refused(world, await world.ask(await world.start(), APP), code)

    async def test_a_password_is_reset_with_an_app_and_a_code(self) -> None:
        """Two gates of different classes, in either order."""
        world, shown, _ = await with_an_app()
        world.clock.move(seconds=30)
        first = await world.answer(await world.ask(await world.start(), APP), app_code(world, shown))
        assert isinstance(first, NextGate)
        assert first.methods == ("email",)
        granted = await world.pass_gate(first.verification_token, "email")
        await world.complete(granted.reset_token)  # type: ignore[union-attr]
        assert await world.sign_in(password=NEW_PASSWORD)


class TestRegistration:
    """An answer that confirms a method. The person has signed in, so the tries left come from the row."""

    async def told(self, world: World, session: str, text: str) -> Refused:
        with pytest.raises(Refused) as no:
            await world.confirm(session, "email", text)
        return no.value

    async def test_the_tries_left_of_a_registration_come_from_the_row(self) -> None:
        """Without a token. At none, the person must begin again."""
        world = a_world()
        await world.account("ada")
        session = await world.sign_in()
        await world.begin(session, "email", EMAIL)
        await world.deliver()
        told = [await self.told(world, session, wrong(world.code())) for _ in range(5)]
        assert [no.tries_left for no in told if isinstance(no, AnswerRefused)] == [4, 3, 2, 1, 0]
        assert isinstance(told[-1], NoTriesLeft)

    async def test_every_answer_after_the_last_try_of_a_registration_has_no_tries_left(self) -> None:
        """Also the right code, so that the person learns that only a new beginning helps."""
        world = a_world()
        await world.account("ada")
        session = await world.sign_in()
        await world.begin(session, "email", EMAIL)
        await world.deliver()
        for _ in range(5):
            await self.told(world, session, wrong(world.code()))
        assert isinstance(await self.told(world, session, world.code()), NoTriesLeft)

    async def test_a_malformed_confirmation_costs_nothing(self) -> None:
        """Neither a try nor a write."""
        world = a_world()
        await world.account("ada")
        session = await world.sign_in()
        await world.begin(session, "email", EMAIL)
        before = world.row()
        with pytest.raises(InvalidInput):
            await world.confirm(session, "email", "123456")
        assert world.row() == before

    async def test_an_app_is_not_confirmed_by_the_code_of_another_app(self) -> None:
        """Each secret has its own codes."""
        world, shown, _ = await with_an_app()
        session = await world.sign_in()
        begun = await world.begin(session, APP, label="tablet")
        world.clock.move(seconds=30)
        with pytest.raises(AnswerRefused):
            await world.confirm(session, APP, app_code(world, shown))
        assert begun.enrolment is not None
        await world.confirm(session, APP, app_code(world, dict(begun.enrolment)))
        assert len(world.row().methods) == 3
