"""Rule 14: each recovery code is right once, its use is told, and a sheet that is used up proves nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from shared.domain.errors import InvalidInput, Limited, ProofRequired
from shared.domain.person import MethodState
from shared.domain.trail import Tag, Trail
from shared.usecases.ask_proof import AskProof
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.give_proof import GiveProof
from shared.usecases.report_loss import ReportLoss
from shared.usecases.verify import Granted, NextGate
from shared.usecases.view_registration import ViewRegistration
from shared.validation.records import encode
from tests.attacks.authenticator import refused
from tests.attacks.no_limits import MANY_STARTS
from tests.builders import CLIENT, EMAIL, World, a_world
from tests.fakes.people import Fault

SHEET = "recovery_code"


@dataclass
class Ada:
    """Ada, who keeps a sheet of ten codes."""

    world: World
    session: str = ""
    codes: list[str] = field(default_factory=list)

    async def new_sheet(self, **wish: str) -> list[str]:
        """Get another sheet, and confirm it with its first code. The others are `codes` from now on."""
        self.session = await self.world.sign_in()
        begun = await self.world.begin(self.session, SHEET, **wish)
        assert begun.enrolment is not None
        first, *self.codes = begun.enrolment["codes"].split("\n")
        await self.world.confirm(self.session, SHEET, first)
        return [first, *self.codes]

    async def asked(self) -> str:
        """Return a token at gate one with a challenge by the sheet."""
        return await self.world.ask(await self.world.start(), SHEET)

    async def use(self, count: int) -> None:
        """Pass gate one of this many verifications."""
        for _ in range(count):
            self.world.clock.move(minutes=1)
            await self.world.answer(await self.asked(), self.codes.pop(0))

    async def proved(self, code: str) -> str:
        """Return the proof of a change by that code."""
        asked = await self.world.service.use(AskProof)(
            self.session, SHEET, Trail(), proof=None, channel=None, client=CLIENT, language="en"
        )
        proof, _ = await self.world.service.use(GiveProof)(
            self.session, asked.proof, code, self.world.trail, client=CLIENT
        )
        return proof

    @property
    def credential(self) -> str:
        return next(m.credential for m in self.world.row().methods if m.name == SHEET)


async def with_a_sheet(*, contacts: bool = True, **knobs: object) -> Ada:
    methods = ("email", "mobile_phone", SHEET)
    world = a_world(**{**MANY_STARTS, "methods": methods, "new_method_rest_hours": 0, **knobs})
    await (world.ada() if contacts else world.account("ada"))
    ada = Ada(world)
    await ada.new_sheet()
    await world.tell()
    world.trail = Trail()
    world.orders.clear()
    return ada


async def test_ten_codes_pass_ten_gates_and_the_sheet_is_then_used_up() -> None:
    """Each use is told to every address with how many are left. After the last one, nothing counts on the sheet."""
    ada = await with_a_sheet()
    world, codes, left = ada.world, list(ada.codes), []
    for _ in codes:
        await ada.use(1)
        mine = (await world.service.use(ViewRegistration)(ada.session)).methods[-1]
        left.append((mine.left, mine.state))
        before = world.adapters.email.attempts, world.adapters.sms.attempts
        await world.tell()
        assert (world.adapters.email.attempts, world.adapters.sms.attempts) == (before[0] + 1, before[1] + 1)
    assert left == [*((n, "confirmed") for n in range(9, 0, -1)), (0, "used_up")]
    said = ["None is left", "Only 1 is left", "Only 2 are left", "3 are left"]
    assert [text in told for text, told in zip(said, world.messages()[::-1], strict=False)] == [True] * 4
    assert [event.tag for event in world.trail.events].count(Tag.METHOD_USED_UP) == 1
    assert await world.status(ada.session) == "must_reconfirm"
    assert SHEET not in {method.name for method in world.row().usable(world.policy.methods, world.clock.now())}
    for code in codes:
        await refused(world.answer(await ada.asked(), code))


@pytest.mark.parametrize("order", [(SHEET, "email"), ("email", SHEET)], ids=["gate one", "gate two"])
async def test_a_code_opens_either_gate_and_the_password_is_set(order: tuple[str, str]) -> None:
    """Beside a code by email: paper is a class of its own."""
    ada = await with_a_sheet()
    token = await ada.world.start()
    for method in order:
        token = await ada.world.challenge(token, method)
        outcome = await ada.world.answer(token, ada.codes[3] if method == SHEET else ada.world.code())
        token = getattr(outcome, "verification_token", "")
    assert isinstance(outcome, Granted)
    await ada.world.complete(outcome.reset_token)


async def at_gate_one(ada: Ada, code: str) -> None:
    await ada.world.answer(await ada.asked(), code)


async def at_gate_two(ada: Ada, code: str) -> None:
    outcome = await ada.world.pass_gate(await ada.world.start(), "email")
    assert isinstance(outcome, NextGate)
    await ada.world.answer(await ada.world.ask(outcome.verification_token, SHEET), code)


async def in_a_change(ada: Ada, code: str) -> None:
    await ada.proved(code)


EVERYWHERE = [at_gate_one, at_gate_two, in_a_change]


@pytest.mark.parametrize("again", EVERYWHERE)
@pytest.mark.parametrize("spend", [None, *EVERYWHERE], ids=lambda spend: spend.__name__ if spend else "to_confirm")
async def test_a_code_that_was_right_once_is_never_right_again(
    spend: Callable[[Ada, str], Awaitable[None]] | None, again: Callable[[Ada, str], Awaitable[None]]
) -> None:
    """Whatever it was used for, the confirmation of its own sheet included. The next code is right."""
    ada = await with_a_sheet()
    code, *others = await ada.new_sheet(credential=ada.credential)
    if spend is not None:
        await spend(ada, code := others.pop())
    assert (await refused(again(ada, code))).tries_left == 4
    await again(ada, others.pop())


@pytest.mark.parametrize("at_once", [(30, 1), (6, 5)], ids=["30 verifications", "6 verifications, 5 answers each"])
async def test_of_parallel_equal_answers_one_passes(at_once: tuple[int, int]) -> None:
    """The write that counts the answer uses up the code."""
    ada = await with_a_sheet()
    verifications, answers = at_once
    tokens = [await ada.asked() for _ in range(verifications)]
    told = await asyncio.gather(
        *(ada.world.answer(token, ada.codes[0]) for token in tokens for _ in range(answers)), return_exceptions=True
    )
    kinds = Counter(type(result).__name__ for result in told)
    assert kinds["NextGate"] == 1
    assert kinds["NextGate"] + kinds["AnswerRefused"] + kinds["TryAgain"] == 30
    assert (
        sum(attempt.passed is not None and attempt.id.purpose == "reset" for attempt in ada.world.row().attempts) == 1
    )


@pytest.mark.parametrize("fault", Fault)
async def test_a_code_passes_once_whatever_happens_to_its_write(fault: Fault) -> None:
    """Lost, in conflict with another or with its own first copy: it passes at once or at the next request, never twice.

    And it is hashed once for a request.
    """
    ada = await with_a_sheet()
    token, hashed = await ada.asked(), ada.world.adapters.hasher.of_answers
    hashed.clear()
    ada.world.people.faults = [fault]
    assert isinstance(await ada.world.answer(token, ada.codes[0]), NextGate)
    assert len(hashed) == 1
    await refused(ada.world.answer(await ada.asked(), ada.codes[0]))


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(str.lower, id="lower case"),
        pytest.param(lambda code: code.replace("-", ""), id="without hyphens"),
        pytest.param(lambda code: code.replace("-", " \u2013 "), id="blanks and long dashes"),
        pytest.param(lambda code: code.replace("0", "o").replace("1", "l"), id="letters for digits"),
        pytest.param(lambda code: f"7. {code}\n", id="a line of the sheet"),
    ],
)
async def test_a_code_is_right_as_people_type_it(typed: Callable[[str], str]) -> None:
    """And no try is counted for what cannot be a code (rule 19)."""
    ada = await with_a_sheet()
    token = await ada.asked()
    for text, reason in (
        (ada.codes[0][:-1], "too_short"),
        ("\n".join(ada.codes), "several_codes"),
        ("U" * 16, "no_code"),
    ):
        with pytest.raises(InvalidInput, match=reason):
            await ada.world.answer(token, text)
    assert isinstance(await ada.world.answer(token, typed(ada.codes[0])), NextGate)


async def test_a_new_sheet_ends_the_old_one_once_it_is_confirmed() -> None:
    """There is one. A sheet that was begun only proves nothing, and adding a second one is refused."""
    ada = await with_a_sheet()
    old = list(ada.codes)
    with pytest.raises(InvalidInput, match="too_many"):
        await ada.world.begin(ada.session, SHEET)
    begun = await ada.world.begin(ada.session, SHEET, credential=ada.credential)
    fresh = (begun.enrolment or {})["codes"].split("\n")
    await refused(ada.world.answer(await ada.asked(), fresh[1]))
    await ada.world.answer(await ada.asked(), old.pop())
    await ada.world.confirm(ada.session, SHEET, fresh[0])
    await refused(ada.world.answer(await ada.asked(), old.pop()))
    await ada.world.answer(await ada.asked(), fresh[1])


async def test_no_code_is_kept_or_left_anywhere() -> None:
    """Not on the row, not in an order, an event or a message, and in no form that the service writes."""
    ada = await with_a_sheet()
    world, codes = ada.world, await ada.new_sheet(credential=ada.credential)
    await at_gate_one(ada, codes[4])
    await refused(world.answer(await ada.asked(), codes[4]))
    await world.tell()
    written = "".join(map(str, (encode(world.row()), world.orders, world.trail.events, world.messages(), world.row())))
    for code in codes:
        assert code not in written
        assert code.replace("-", "") not in written


async def test_a_stolen_sign_in_adds_nothing_to_a_person_whose_only_sheet_is_used_up() -> None:
    """She once confirmed a method, so the thief must wait as after a loss (rule 20). So must she, and not for ever."""
    ada = await with_a_sheet(contacts=False, gates=1)
    await ada.use(10)
    session = await ada.world.sign_in()
    with pytest.raises(ProofRequired) as needed:
        await ada.world.service.use(BeginMethod)(session, "email", Wish(contact="thief@mail.example"), Trail())
    assert needed.value.methods == ()
    assert (await ada.world.service.use(ReportLoss)(session, Trail())).loss_wait_ends_at is not None
    ada.world.clock.move(days=8)
    await ada.world.register(await ada.world.sign_in(), "email", EMAIL)


async def test_a_sheet_whose_pepper_is_gone_is_lost_and_says_so() -> None:
    """As one whose seal key is gone: it proves nothing, and its owner sees that it must be replaced."""
    ada = await with_a_sheet()
    ada.world.adapters.hasher.forget_peppers(keep=2)
    await refused(ada.world.answer(await ada.asked(), ada.codes[0]))
    [mine] = [m for m in (await ada.world.service.use(ViewRegistration)(ada.session)).methods if m.method == SHEET]
    assert (mine.state, mine.left) == ("suspect", None)
    await ada.new_sheet(credential=ada.credential)
    await ada.use(1)


async def test_the_last_code_proves_the_next_sheet() -> None:
    """Nobody who notices it with one code left has to wait."""
    ada = await with_a_sheet(contacts=False, gates=1)
    await ada.use(9)
    await ada.world.tell()
    ada.session = await ada.world.sign_in()
    proof = await ada.proved(ada.codes.pop())
    assert [m.state for m in ada.world.row().methods] == [MethodState.USED_UP]
    await ada.new_sheet(credential=ada.credential, proof=proof)
    assert [m.state for m in ada.world.row().methods] == [MethodState.CONFIRMED]
    assert ada.world.row().removed == (), "a sheet without codes is not kept"
    await ada.use(10)


async def test_what_is_added_beside_a_sheet_that_was_used_up_rests() -> None:
    """As after a removal (rule 21): a thief with the last code must not be the first to use what he adds."""
    ada = await with_a_sheet(contacts=False, gates=1, new_method_rest_hours=24)
    ada.world.clock.move(days=2)
    await ada.use(10)
    assert ada.world.row().guarded_until == ada.world.clock.now() + timedelta(hours=24)


async def test_uses_that_were_not_told_yet_are_told_together() -> None:
    """The newest says how many are left; ten of them must not push other notices out (rule 23)."""
    ada = await with_a_sheet()
    await ada.use(3)
    assert [(notice.template, notice.left) for notice in ada.world.row().notices] == [("recovery_code_used", 7)]


async def test_sheets_and_proofs_by_them_are_limited() -> None:
    """Each costs slow hashes, so whoever has signed in must not ask for them without end."""
    ada = await with_a_sheet(sends_per_registration_hour=3)
    hashed = ada.world.adapters.hasher.of_answers
    hashed.clear()
    for ask in (
        lambda: ada.world.begin(ada.session, SHEET, credential=ada.credential),
        lambda: ada.proved(ada.codes.pop()),
    ):
        await ask()
        await ask()
        with pytest.raises(Limited):
            await ask()
    assert len(hashed) == 2 * 11 + 2
