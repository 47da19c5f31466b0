"""Rule 2 for calls: no code without its key, and none twice, whatever is lost, repeated or killed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from shared.domain.calls import Ending, Happened, Step
from shared.domain.errors import AnswerRefused, Refused, TryAgain
from shared.domain.person import Person
from shared.domain.sent_codes import derive_code
from shared.domain.trail import Tag
from shared.ports.channel import NotSent
from shared.usecases.conduct_call import ConductCall
from shared.validation.records import encode
from tests.builders import PHONE, a_method, a_world
from tests.calls import NUMBERS, Ringing, ringing, spoken_digits
from tests.fakes.calls import SIGNATURE
from tests.fakes.people import Fault

DESK = "+33155501234;ext=12"


async def a_call(**asked: str) -> Ringing:
    world = a_world(gates=1, methods=("email", "mobile_phone", "office_phone"))
    key = await world.ada()
    world.people.put(replace(world.row(), methods=(*world.row().methods, a_method("office_phone", DESK, key))))
    return await ringing(world, **asked)


@pytest.mark.parametrize("language", list(NUMBERS))
async def test_the_code_of_a_call_is_spoken_twice_after_its_key_and_opens_the_gate(language: str) -> None:
    """In the language of the page. The prompt before it has no digit but the key."""
    call = await a_call(language=language)
    assert call.number == PHONE
    await call.answered()
    calls = call.world.adapters.calls
    assert (spoken_digits(calls.said[0]), calls.spoken) == ([], [])
    await call.pressed()
    assert f'xml:lang="{language}-' in calls.spoken[0]
    assert calls.steps[-1][0] == Step.SPEAK, "nobody hangs up while it is spoken"
    await call.report(Happened.DONE, Step.SPEAK)
    assert calls.steps[-1][0] == "hang up"
    granted = await call.world.answer(call.page, call.code)
    assert granted.reset_token
    assert [event.cause for event in call.world.trail.events if event.tag is Tag.CODE_SPOKEN] == ["spoken"]


async def in_turn(*steps: Awaitable[None]) -> None:
    for step in steps:
        await step


async def late(call: Ringing) -> None:
    await call.answered()
    call.world.clock.move(seconds=call.world.policy.code_seconds_phone)
    await call.pressed()


async def superseded(call: Ringing) -> None:
    await call.answered()
    call.world.clock.move(minutes=1)
    await call.world.challenge(call.page, "mobile_phone")
    await call.pressed()


UNSPOKEN: dict[str, tuple[Callable[[Ringing], Awaitable[None]], str]] = {
    "not answered": (lambda call: call.report(Happened.ENDED, ending=Ending.NO_ANSWER), "no_answer"),
    "busy": (lambda call: call.report(Happened.ENDED, ending=Ending.BUSY), "busy"),
    "a voicemail": (lambda call: in_turn(call.answered(), call.report(Happened.FAILED, Step.ASK)), "no_key"),
    "a wrong key": (lambda call: in_turn(call.answered(), call.pressed("2")), "wrong_key"),
    "several keys": (lambda call: in_turn(call.answered(), call.pressed("")), "wrong_key"),
    "hung up": (lambda call: in_turn(call.answered(), call.report(Happened.ENDED, ending=Ending.HUNG_UP)), "hung_up"),
    "too late": (late, "too_late"),
    "a newer code": (superseded, "too_late"),
    "a key for another step": (
        lambda call: in_turn(call.answered(), call.report(Happened.PRESSED, Step.SPEAK, key="1")),
        "",
    ),
}


@pytest.mark.parametrize("what", list(UNSPOKEN))
async def test_a_call_without_its_key_never_speaks_the_code_and_its_end_is_recorded(what: str) -> None:
    """Neither the code nor the words of its digits are anywhere: not in speeches, tokens, rows, orders or events."""
    call = await a_call()
    happens, cause = UNSPOKEN[what]
    await happens(call)
    calls = call.world.adapters.calls
    assert calls.spoken == []
    world, sent = call.world, call.world.row().sent_codes[0]
    ended = [event.cause for event in call.world.trail.events if event.tag is Tag.CODE_NOT_SPOKEN]
    assert ended == ([cause] if cause else [])
    assert not sent.spoken
    everything = " ".join([*calls.said, encode(world.row()), repr(world.trail.events), encode(call.call), call.token])
    code = derive_code(world.adapters.keyring.code_key(1), world.row().account, sent, digits=8)
    assert code not in everything
    for words in NUMBERS.values():
        assert " ".join(words[int(digit)] for digit in code) not in everything


async def test_a_call_to_an_extension_is_announced_dialled_and_then_asks_for_the_key() -> None:
    """The number is called without the extension. Its digits are sent as tones once somebody or something answers."""
    call = await a_call(method="office_phone")
    assert call.number == "+33155501234"
    calls = call.world.adapters.calls
    await call.answered()
    await call.report(Happened.DONE, Step.ANNOUNCE)
    await call.report(Happened.DONE, Step.DIAL)
    assert [step for step, _ in calls.steps] == [Step.ANNOUNCE, Step.DIAL, Step.ASK]
    assert calls.steps[1][1] == "12"
    await call.pressed()
    assert len(calls.spoken) == 1


async def test_reports_that_come_twice_at_once_or_late_speak_one_code_and_hang_up_on_nobody() -> None:
    """Ten instances get the same report: one of them wins the write."""
    call = await a_call()
    await call.answered()
    await call.answered()
    await asyncio.gather(*(call.pressed() for _ in range(10)))
    await in_turn(call.answered(), call.pressed(), call.report(Happened.FAILED, Step.ASK), call.pressed("9"))
    calls = call.world.adapters.calls
    assert len(calls.spoken) == 1
    assert calls.steps[-1][0] == Step.SPEAK


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
async def test_a_disturbed_write_speaks_one_code(fault: Fault) -> None:
    """The report finds its own write by its nonce, and speaks; or another try does."""
    call = await a_call()
    await call.answered()
    call.world.people.faults = [fault]
    with suppress(TryAgain):
        await call.pressed()
    await call.pressed()
    assert len(call.world.adapters.calls.spoken) == 1


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("method", ["mobile_phone", "office_phone"])
async def test_no_code_is_spoken_twice_after_a_kill_at_any_point(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before and after each write and each step of each report. The provider reports again, and once more."""
    spoken_after_kills = set()
    for fatal in count():
        call = await a_call(method=method)
        moments = count()
        write = call.world.people.write

        def moment(moments: Any = moments, fatal: int = fatal) -> None:
            if next(moments) == fatal:
                raise Killed

        async def writing(*row: Any, write: Any = write, moment: Any = moment) -> Any:
            moment()
            stored = await write(*row)
            moment()
            return stored

        monkeypatch.setattr(call.world.people, "write", writing)
        call.world.adapters.calls.around = moment
        for what, step, key in (
            (Happened.ANSWERED, None, ""),
            (Happened.DONE, Step.ANNOUNCE, ""),
            (Happened.DONE, Step.DIAL, ""),
            (Happened.PRESSED, Step.ASK, "1"),
            (Happened.DONE, Step.SPEAK, ""),
        ):
            for _ in range(2):
                with suppress(Killed):
                    await call.report(what, step, key=key)
        spoken = call.world.adapters.calls.spoken
        assert len(spoken) <= 1
        spoken_after_kills.add(len(spoken))
        if next(moments) <= fatal:
            break
    assert fatal > 6
    assert spoken_after_kills == {0, 1}


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (NotSent("no_answer", permanent=False), "no_answer"),
        (NotSent("http_429", permanent=False, definite=True, status=429), "http_429"),
    ],
)
async def test_a_speech_that_the_provider_did_not_take_is_never_tried_again(failure: NotSent, cause: str) -> None:
    """It may be speaking it now. The call ends, and the person asks for another code."""
    call = await a_call()
    await call.answered()
    call.world.adapters.calls.faults = [failure]
    await call.pressed()
    await call.pressed()
    calls = call.world.adapters.calls
    assert (calls.spoken, calls.steps[-1][0]) == ([], "hang up")
    assert call.world.causes()[-1] == cause


async def test_a_step_that_another_report_began_ends_nothing() -> None:
    """The provider refuses a second prompt while the first one is spoken."""
    call = await a_call()
    await call.answered()
    call.world.adapters.calls.faults = [NotSent("http_409", permanent=False, definite=True, status=409)]
    await call.answered()
    await call.pressed()
    assert len(call.world.adapters.calls.spoken) == 1


async def test_only_a_number_that_does_not_exist_makes_its_method_suspect() -> None:
    """Who does not answer, or is engaged, still has the phone."""
    for ending in Ending:
        call = await a_call()
        await call.report(Happened.ENDED, ending=ending)
        method = call.world.row().method("mobile_phone")
        assert method is not None
        assert (method.suspect_at is not None) == (ending is Ending.UNREACHABLE)


@pytest.mark.parametrize("left", ["number", "row"])
async def test_nothing_is_spoken_to_a_number_that_is_no_longer_registered(left: str) -> None:
    """Removed or erased after the call was placed."""
    call = await a_call()
    await call.answered()
    row = call.world.row()
    methods = tuple(method for method in row.methods if method.name != "mobile_phone")
    call.world.people.put(Person(account=row.account) if left == "row" else replace(row, methods=methods))
    await call.pressed()
    assert call.world.adapters.calls.spoken == []


async def test_a_placed_call_is_one_claim_and_a_refused_one_is_placed_again_on_it() -> None:
    """As for texts: at most once, and again only after a definite refusal."""
    world = a_world(gates=1)
    await world.ada()
    world.adapters.offer({"email", "sms", "voice"})
    await world.ask(await world.start(), "mobile_phone", channel="voice")
    (order,) = world.orders
    world.adapters.calls.faults = [NotSent("http_429", permanent=False, definite=True)]
    with pytest.raises(TryAgain):
        await world.deliver(order)
    for _ in range(3):
        await world.deliver(order)
    assert len(world.adapters.calls.placed) == 1
    assert len(world.row().sent_codes) == 1


async def test_a_call_is_refused_without_its_token_the_providers_signature_or_in_time() -> None:
    """And a code that nobody heard is a wrong answer like any other."""
    call = await a_call()
    conduct = call.world.service.use(ConductCall)
    session = await call.world.sign_in()
    others = (call.page, SIGNATURE), (session, SIGNATURE), ("", "")
    for token, signature in ((call.token, ""), (call.token, "x"), *others):
        with pytest.raises(Refused):
            await conduct.admit(token, signature)
    with pytest.raises(AnswerRefused):
        await call.world.answer(call.page, "00000000")
    call.world.clock.move(hours=1)
    with pytest.raises(Refused):
        await conduct.admit(call.token, SIGNATURE)
