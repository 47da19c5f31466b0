"""A call on fakes: it is placed by a challenge, and a test reports what happens in it."""

import re
from dataclasses import dataclass, replace

from shared.domain.calls import KEY, CallReport, Ending, Happened, PhoneCall, Step
from shared.domain.trail import Tag
from shared.ports.tokens import TokenPurpose
from shared.usecases.conduct_call import ConductCall
from tests.builders import PHONE, World, a_method, a_world
from tests.fakes.calls import SIGNATURE

NUMBERS = {
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "fr": ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
}


def spoken_digits(speech: str) -> list[str]:
    """Return each code that a speech contains, without its pauses. A single digit is a key to press."""
    plain = re.sub(r"<[^>]+>", "", speech)
    return re.findall(r"\d{2,}", plain)


@dataclass
class Ringing:
    """One call that was placed, and the token of the page that asked for it."""

    world: World
    page: str
    number: str
    token: str

    @property
    def call(self) -> PhoneCall:
        return self.world.adapters.tokens.open(TokenPurpose.CALL, self.token, PhoneCall)

    async def report(
        self, what: Happened, step: Step | None = None, *, key: str = "", ending: Ending | None = None
    ) -> None:
        """Report to the service as the provider does, with its signature."""
        conduct = self.world.service.use(ConductCall)
        call = await conduct.admit(self.token, SIGNATURE)
        report = CallReport(what=what, connection="c-1", step=step, key=key, ending=ending)
        await conduct(call, (report,), self.world.trail)

    async def answered(self) -> None:
        await self.report(Happened.ANSWERED)

    async def pressed(self, key: str = KEY) -> None:
        await self.report(Happened.PRESSED, Step.ASK, key=key)

    async def whole(self) -> None:
        """Answer, press the key, hear the code, and be hung up on."""
        await self.answered()
        await self.pressed()
        await self.report(Happened.DONE, Step.SPEAK)
        await self.report(Happened.ENDED, ending=Ending.OURS)

    @property
    def code(self) -> str:
        """The code that was spoken."""
        said = spoken_digits(self.world.adapters.calls.spoken[-1])
        assert len(said) == 2, "twice"
        assert said[0] == said[1]
        return said[0]


async def ringing(world: World, name: str = "ada", method: str = "mobile_phone", **asked: str) -> Ringing:
    """Switch calls on, and ask for a code by a call."""
    world.adapters.offer({"email", "sms", "voice"})
    page = await world.challenge(await world.start(name), method, channel="voice", **asked)
    number, token = world.adapters.calls.placed[-1] if world.adapters.calls.placed else ("", "")
    return Ringing(world, page, number, token)


async def walked_calls() -> set[tuple[str, str]]:
    """Walk through calls, and return each change of state that was seen."""
    arrows, done = set(), Happened.DONE
    asked, silent = (Happened.ANSWERED, None), (Happened.FAILED, Step.ASK)
    through = (asked, (done, Step.ANNOUNCE), (done, Step.DIAL), (Happened.PRESSED, Step.ASK), (done, Step.SPEAK))
    for method, reports in (
        ("office_phone", through),
        ("mobile_phone", (asked, silent)),
        ("mobile_phone", ((Happened.ENDED, None),)),
    ):
        world = a_world(gates=1, methods=("email", "mobile_phone", "office_phone"))
        key = await world.account("ada", mobile_phone=PHONE)
        desk = a_method("office_phone", "+33155501234;ext=12", key)
        world.people.put(replace(world.row(), methods=(*world.row().methods, desk)))
        call, at = await ringing(world, method=method), "[*]"
        for what, step in ((None, None), *reports):
            if what is not None:
                await call.report(what, step, key=KEY, ending=Ending.NO_ANSWER)
            now = _state(world)
            if now != at:
                arrows.add((at, now))
            at = now
    return arrows


def _state(world: World) -> str:
    said = {Step.ANNOUNCE: "announced", Step.DIAL: "announced", Step.ASK: "asked", Step.SPEAK: "spoken"}
    if any(event.tag is Tag.CODE_NOT_SPOKEN for event in world.trail.events):
        return "ended"
    steps = world.adapters.calls.steps
    return said.get(Step(steps[-1][0]), "") if steps and steps[-1][0] != "hang up" else "ended" if steps else "placed"
