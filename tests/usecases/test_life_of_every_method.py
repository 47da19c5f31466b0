"""The whole life of every method on offer, from its registration to its removal, with the audit events (M5, M7, M8)."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.domain.calls import VOICE
from shared.domain.errors import AnswerRefused, InvalidInput, NoTriesLeft, Refused
from shared.domain.person import NEVER_FIRST
from shared.methods import REGISTERED, Method, SentCodeMethod
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.verify import Granted, NextGate
from tests import builders
from tests.builders import CLIENT, NEW_PASSWORD, World, a_world
from tests.calls import Ringing

METHODS = tuple(method for method in REGISTERED if not getattr(method, "set_by_administrator", False))
"""Those that people set up themselves."""
ASKING: dict[str, Any] = {"channel": None, "contact": None, "client": CLIENT, "language": "en"}
OPEN: dict[str, Any] = {
    "verify_failures_per_client_5min": 1000,
    "verify_failures_per_client_hour": 1000,
    "starts_per_name_and_client_hour": 1000,
    "starts_per_name_hour": 1000,
    "sends_per_destination_10min": 20,
    "sends_per_destination_hour": 20,
    "sends_per_destination_day": 20,
}


def facts(method: Method) -> Any:
    return importlib.import_module(f"tests.methods.about_{method.name}")


@dataclass
class Held:
    """One method of Ada as she has it: a contact, or a secret that was shown to her once."""

    world: World
    method: Method
    at: int = 0
    """Which of the contacts that the facts name."""
    shown: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None

    @property
    def contact(self) -> str:
        return list(dict.fromkeys(facts(self.method).TAKEN.values()))[self.at]

    @property
    def credential(self) -> str:
        return next(m.credential for m in self.world.row().methods if m.name == self.method.name)

    def answer(self, challenge: Mapping[str, str]) -> str:
        """Return the right answer of a kept secret."""
        given: str = facts(self.method).answer(self.shown, challenge, self.world.clock.now())
        return given

    async def set_up(self, session: str, **wish: Any) -> None:
        facts_, world, name = facts(self.method), self.world, self.method.name
        if isinstance(self.method, SentCodeMethod):
            await world.begin(session, name, self.contact, channel=self.channel)
            await world.deliver()
            await world.confirm(session, name, await self.code())
            return
        begun = await world.begin(session, name, label=f"number {self.at}", **wish)
        self.shown = dict(begun.enrolment or {})
        await world.confirm(session, name, facts_.answer(self.shown, {}, world.clock.now()))
        world.clock.move(seconds=facts_.SPENT_FOR.total_seconds())

    async def asked(self, token: str) -> tuple[str, str]:
        """Return the token after a challenge, and the right answer."""
        world, name = self.world, self.method.name
        if isinstance(self.method, SentCodeMethod):
            token = await world.challenge(token, name, channel=self.channel)
            return token, await self.code()
        issued = await world.service.use(IssueChallenge)(token, name, world.trail, **ASKING)
        return issued.verification_token, self.answer(issued.shown)

    async def code(self) -> str:
        """Return the code that was sent last, or that is spoken in the call that was placed last."""
        if self.channel != VOICE:
            return self.world.code(self.method.name)
        call = Ringing(self.world, "", *self.world.adapters.calls.placed[-1])
        await call.whole()
        return call.code

    def wrong(self, right: str) -> str:
        by_code = isinstance(self.method, SentCodeMethod)
        wrong: str = builders.wrong(right) if by_code else facts(self.method).wrong(right)
        return wrong


@dataclass
class Life:
    """Ada with the method, and with another one of another class."""

    world: World
    session: str
    held: Held
    other: Held

    async def pass_gate(self, token: str, held: Held) -> NextGate | Granted:
        token, answer = await held.asked(token)
        return await self.world.answer(token, answer)

    async def begun(self) -> str:
        """Return a token at a gate at which the method may be used: behind the other one, if it proves little alone."""
        token = await self.world.start()
        if self.held.method.evidence not in NEVER_FIRST:
            return token
        passed = await self.pass_gate(token, self.other)
        assert isinstance(passed, NextGate)
        return passed.verification_token

    def told(self, *causes: str) -> list[tuple[str, str]]:
        """The tags and causes of the events about this method, oldest first, that are among these."""
        return [
            (event.tag.value, event.cause)
            for event in self.world.trail.events
            if event.method == self.held.method.name and event.tag.value in causes
        ]


BY_CALL = tuple(
    (method, VOICE) for method in METHODS if isinstance(method, SentCodeMethod) and VOICE in method.channels
)


@pytest.fixture(
    params=[*((method, None) for method in METHODS), *BY_CALL],
    ids=lambda way: " by ".join(filter(None, (way[0].name, way[1]))),
)
async def life(request: pytest.FixtureRequest) -> Life:
    method, channel = request.param
    by_name = {one.name: one for one in METHODS}
    beside = by_name["mobile_phone" if method.name == "email" else "email"]
    world = a_world(methods=tuple(by_name), **OPEN)
    world.adapters.offer({"email", "sms", VOICE})
    await world.account("ada")
    session = await world.sign_in()
    life = Life(world, session, Held(world, method, channel=channel), Held(world, beside))
    for held in (life.other, life.held):
        await held.set_up(session)
    return life


@pytest.mark.parametrize("first", [True, False], ids=["gate one", "gate two"])
async def test_it_opens_either_gate_and_the_password_is_set(life: Life, first: bool) -> None:
    """Its events name the method and, like the answers, no secret. What proves little alone opens the second only."""
    if first and life.held.method.evidence in NEVER_FIRST:
        with pytest.raises(InvalidInput, match="not_offered"):
            await life.held.asked(await life.world.start())
        return
    gates = (life.held, life.other) if first else (life.other, life.held)
    passed = await life.pass_gate(await life.world.start(), gates[0])
    assert isinstance(passed, NextGate)
    assert gates[1].method.name in passed.methods
    granted = await life.pass_gate(passed.verification_token, gates[1])
    assert isinstance(granted, Granted)
    await life.world.complete(granted.reset_token)
    assert await life.world.sign_in(password=NEW_PASSWORD)
    assert [tag for tag, _ in life.told("method:contact:confirmed", "reset:gate:passed")] == [
        "method:contact:confirmed",
        "reset:gate:passed",
    ]


async def test_an_answer_is_good_once(life: Life) -> None:
    """Not again at the same gate, not at the next one, and not in another verification (rule 14)."""
    token, answer = await life.held.asked(await life.begun())
    assert await life.world.answer(token, answer)
    for again in (token, (await life.held.asked(await life.begun()))[0]):
        with pytest.raises((AnswerRefused, Refused)):
            await life.world.answer(again, answer)


async def test_five_wrong_answers_end_the_tries_and_ten_suspend_it(life: Life) -> None:
    """Then the right answer is refused as well. The other method still works (rule 10)."""
    left = []
    for _ in range(2):
        token, right = await life.held.asked(await life.begun())
        for _ in range(5):
            with pytest.raises(AnswerRefused) as no:
                await life.world.answer(token, life.held.wrong(right))
            token = no.value.verification_token or ""
            left.append(no.value.tries_left)
        with pytest.raises(NoTriesLeft):
            await life.world.answer(token, right)
        life.world.clock.move(minutes=5)
    assert left == [4, 3, 2, 1, 0] * 2
    assert [tag for tag, _ in life.told("method:contact:suspended")] == ["method:contact:suspended"]
    assert {tag for tag, _ in life.told("reset:gate:refused")} == {"reset:gate:refused"}
    assert isinstance(await life.pass_gate(await life.world.start(), life.other), NextGate)


async def test_a_late_answer_is_refused(life: Life) -> None:
    """After the end of the verification, whatever the answer."""
    token, answer = await life.held.asked(await life.begun())
    life.world.clock.move(seconds=life.world.policy.verification_seconds + 1)
    with pytest.raises(Refused):
        await life.world.answer(token, answer)


async def test_a_replaced_one_is_refused_and_the_new_one_works(life: Life) -> None:
    """The old one opened a gate before. Every contact hears of the change."""
    world, held = life.world, life.held
    await life.pass_gate(await life.begun(), held)
    world.clock.move(minutes=2)
    new = Held(world, held.method, at=1, channel=held.channel)
    await new.set_up(life.session, **({"credential": held.credential} if held.credential else {}))
    before = len(world.messages("email"))
    await world.tell()
    assert len(world.messages("email")) > before
    assert await life.pass_gate(await life.begun(), new)
    if not isinstance(held.method, SentCodeMethod):
        again, answer = await held.asked(await life.begun())
        with pytest.raises(AnswerRefused):
            await world.answer(again, answer)


async def test_a_removed_one_is_refused(life: Life) -> None:
    """As for a person who never had one, and the removal is recorded."""
    world, held = life.world, life.held
    credential = held.credential
    token, answer = await held.asked(await life.begun())
    await world.remove(life.session, held.method.name, credential=credential)
    with pytest.raises((AnswerRefused, Refused)):
        await world.answer(token, answer)
    assert [tag for tag, _ in life.told("method:contact:removed")] == ["method:contact:removed"]
