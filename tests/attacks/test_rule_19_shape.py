"""Rule 19: an answer whose form cannot be right costs nothing, and a refused answer gives the tries left."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.adapters.sealed_tokens import TOKEN_LIMIT
from shared.domain.errors import AnswerRefused, InvalidInput, Limited, NoTriesLeft, Refused
from shared.domain.person import Evidence, EvidenceClass, Failures, Purpose
from shared.domain.verification import Challenge, PassedGate, Sent
from shared.usecases.verify import Granted, NextGate
from tests.attacks.authenticator import APP, App, an_app, refused
from tests.builders import CLIENT, EMAIL, World, a_world, at, wrong

OPEN = {"verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000, "new_method_rest_hours": 0}
NO_CODE, NO_APP_CODE = "11111111", "111111"


# -- each case returns a token with a challenge, and the name of the account --


async def known(world: World, method: str) -> tuple[str, str]:
    return await world.challenge(await world.start(), method), "ada"


async def stranger(world: World, method: str) -> tuple[str, str]:
    return await world.challenge(await world.start("unknown"), method), "unknown"


async def suspended(world: World, method: str) -> tuple[str, str]:
    failures = Failures(since=world.clock.now(), count=10, consecutive=10, suspended_until=at(days=1))
    world.people.put(replace(world.row(), failures={f"reset:1:{method}": failures}))
    return await world.challenge(await world.start(), method), "ada"


async def spent(world: World, method: str) -> tuple[str, str]:
    token = await world.challenge(await world.start(), method)
    for _ in range(5):
        await refused(world.answer(token, NO_APP_CODE if method == APP else NO_CODE))
    return token, "ada"


async def passed(world: World, method: str) -> tuple[str, str]:
    app = await an_app(world)
    token = await world.challenge(await world.start(), method)
    await world.answer(token, app.code() if method == APP else world.code(method))
    return token, "ada"


async def without_this_method(world: World, method: str) -> tuple[str, str]:
    await world.account("bob", email="bob@mail.example" if method != "email" else "")
    return await world.challenge(await world.start("bob"), method), "bob"


EIGHT = {
    "": "no_code", " - ": "no_code", "1234567": "too_short", "123456789": "too_long", "1111 111A": "unknown_characters",
    "no code at all": "no_code", "1111111\u00b9": "unknown_characters", "1234567\x00": "unknown_characters",
    "1111-1111 or 2222-2222": "several_codes",
}  # fmt: skip
SIX = {"": "no_code", "12345": "too_short", NO_CODE: "too_long", "12345a": "unknown_characters",
       "+12345": "unknown_characters"}  # fmt: skip
SHAPES = [
    *(("email", text, why) for text, why in EIGHT.items()),
    ("mobile_phone", NO_APP_CODE, "too_short"),
    *((APP, text, why) for text, why in SIX.items()),
]


@pytest.mark.parametrize("who", [known, stranger, suspended, spent, passed, without_this_method])
@pytest.mark.parametrize(
    ("method", "text", "why"), SHAPES, ids=[f"{method}-{ascii(text)[1:-1]}" for method, text, _ in SHAPES]
)
async def test_a_malformed_answer_is_bad_input_and_counts_nothing(
    who: Callable[[World, str], Awaitable[tuple[str, str]]], method: str, text: str, why: str
) -> None:
    """Letters, too few or too many digits: named, the same for every account, and nothing is written."""
    world = a_world(**OPEN)
    await world.ada()
    await an_app(world)
    token, name = await who(world, method)
    row, events = world.row(name), list(world.trail.events)
    before = world.people.reads, world.people.writes, world.adapters.limiter.hits.total()
    with pytest.raises(InvalidInput) as bad:
        await world.answer(token, text)
    assert (bad.value.code, bad.value.field, bad.value.reason) == ("bad_input", "answer", why)
    assert (world.people.reads, world.people.writes, world.adapters.limiter.hits.total()) == before
    assert (world.row(name), world.trail.events) == (row, events)


@pytest.mark.parametrize("name", ["ada", "unknown"])
async def test_the_policy_sets_the_digits_of_a_code_for_every_account(name: str) -> None:
    """If the policy says six digits, eight are bad input for the owner and for a stranger."""
    world = a_world(**OPEN, code_digits=6)
    await world.ada()
    token = await world.challenge(await world.start(name))
    with pytest.raises(InvalidInput):
        await world.answer(token, NO_CODE)
    assert (await refused(world.answer(token, NO_APP_CODE))).tries_left == 4


async def test_a_malformed_answer_does_not_count_for_the_client_and_a_wrong_one_does() -> None:
    """Only well-formed answers count for the client (rule 15)."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    for _ in range(30):
        with pytest.raises(InvalidInput):
            await world.answer(token, "123")
    assert isinstance(await world.answer(token, world.code()), NextGate)


@pytest.mark.parametrize("text", ["123", NO_CODE], ids=["malformed", "well_formed"])
@pytest.mark.parametrize("over", ["expired", "nothing_asked"])
async def test_an_answer_without_an_open_challenge_is_refused_before_its_form_is_checked(over: str, text: str) -> None:
    """A token that is expired or has no challenge tells nothing about answers."""
    world = a_world()
    await world.ada()
    token = await world.start()
    if over == "expired":
        token = await world.challenge(token)
        world.clock.move(hours=1)
    with pytest.raises(Refused) as no:
        await world.answer(token, text)
    assert not isinstance(no.value, AnswerRefused)
    assert world.row().attempts == ()


@pytest.mark.parametrize("method", ["email", APP])
@pytest.mark.parametrize("is_pending", [True, False], ids=["pending", "nothing_pending"])
async def test_a_malformed_confirmation_is_bad_input_and_counts_nothing(method: str, is_pending: bool) -> None:
    """The form is checked before the row is read, as in a reset."""
    world = a_world(**OPEN)
    await world.account("ada")
    session = await world.sign_in()
    if is_pending:
        await world.begin(session, method, EMAIL if method == "email" else None)
    row, reads = world.row(), world.people.reads
    with pytest.raises(InvalidInput) as bad:
        await world.confirm(session, method, "12345")
    assert (bad.value.field, bad.value.reason) == ("answer", "too_short")
    assert (world.row(), world.people.reads) == (row, reads)


# -- the tries left --


@pytest.mark.parametrize("name", ["ada", "unknown"])
@pytest.mark.parametrize("method", ["email", "mobile_phone", APP])
async def test_a_refused_answer_gives_the_tries_left(method: str, name: str) -> None:
    """Each refusal has the next token with one try less, until no_tries_left. A stranger gets the same."""
    world = a_world(**OPEN)
    await world.ada()
    app = await an_app(world)
    token, told = await world.challenge(await world.start(name), method), []
    for _ in range(7):
        answer = app.wrong() if method == APP else NO_CODE
        refusal = await refused(world.answer(token, answer))
        token = refusal.verification_token or ""
        told.append((type(refusal), refusal.code, refusal.tries_left))
    falling = [(AnswerRefused, "not_accepted", left) for left in (4, 3, 2, 1)]
    assert told == [*falling, *[(NoTriesLeft, "no_tries_left", 0)] * 3]
    assert world.row(name).attempts[-1].tries == 5


async def test_the_policy_sets_the_number_of_tries() -> None:
    """With three tries, two are left after the first wrong answer."""
    world = a_world(**OPEN, tries_per_code=3)
    await world.ada()
    token, told = await world.challenge(await world.start()), []
    for _ in range(3):
        refusal = await refused(world.answer(token, NO_CODE))
        token = refusal.verification_token or ""
        told.append(refusal.tries_left)
    assert told == [2, 1, 0]


async def test_a_resend_gives_no_new_tries() -> None:
    """Neither in the token nor on the row: the new code is refused too."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    for left in (4, 3, 2, 1, 0):
        refusal = await refused(world.answer(token, wrong(world.code())))
        assert refusal.tries_left == left
        token = refusal.verification_token or ""
        if left == 2:
            world.clock.move(minutes=1)
            token = await world.challenge(token)
    world.clock.move(minutes=2)
    token = await world.challenge(token)
    assert len(world.codes()) == 3
    assert isinstance(await refused(world.answer(token, world.code())), NoTriesLeft)


async def test_an_old_token_gives_no_more_tries_than_the_row() -> None:
    """The token only shows a number. A person who reuses an older token gains no try."""
    world = a_world(**OPEN)
    await world.ada()
    old = token = await world.challenge(await world.start())
    for _ in range(5):
        token = (await refused(world.answer(token, wrong(world.code())))).verification_token or ""
    row = world.row()
    refusal = await refused(world.answer(old, world.code()))
    assert (type(refusal), refusal.tries_left) == (AnswerRefused, 4)
    assert world.row() == row


async def test_after_the_last_try_another_method_passes_the_gate_with_the_same_token() -> None:
    """It has its own five tries. Switching back gives the first method no new tries."""
    world = a_world(**OPEN)
    await world.ada()
    app = await an_app(world)
    token = await world.challenge(await world.start())
    for _ in range(5):
        token = (await refused(world.answer(token, wrong(world.code())))).verification_token or ""
    by_app = await world.ask(token, APP)
    refusal = await refused(world.answer(by_app, app.wrong()))
    assert refusal.tries_left == 4
    world.clock.move(minutes=1)
    back = await world.challenge(refusal.verification_token or "", "email")
    assert isinstance(await refused(world.answer(back, world.code())), NoTriesLeft)
    token = await world.ask(refusal.verification_token or "", APP)
    assert isinstance(await world.answer(token, app.code()), NextGate)


async def test_the_next_gate_begins_with_all_its_tries() -> None:
    """Five refusals by email at gate one, which the phone passes. At gate two email has five tries again."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    for _ in range(5):
        token = (await refused(world.answer(token, wrong(world.code())))).verification_token or ""
    outcome = await world.pass_gate(token, "mobile_phone")
    assert isinstance(outcome, NextGate)
    token = await world.challenge(outcome.verification_token, "email")
    assert (await refused(world.answer(token, wrong(world.code())))).tries_left == 4
    assert isinstance(await world.answer(token, world.code()), Granted)


async def test_the_token_of_a_refusal_changes_only_the_tries() -> None:
    """A wrong answer gives no send, no shorter wait, no gate and no longer life."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    world.clock.move(seconds=59)
    refusal = await refused(world.answer(token, NO_CODE))
    assert refusal.verification_token is not None
    before, after = world.verification(token), world.verification(refusal.verification_token)
    assert after == replace(before, tries={"email": 1})
    with pytest.raises(Limited):
        await world.ask(refusal.verification_token)


async def test_the_longest_token_of_a_refusal_can_be_sealed() -> None:
    """No tries left for every method, all sends used, one gate passed: the token has the same length as others."""
    world = a_world(**OPEN, sends_per_gate=5)
    await world.ada()
    evidence = Evidence(kind=EvidenceClass.PHONE_LINE, destination="d" * 52, phishing_resistant=True)
    begun = world.verification(await world.start())
    moment = at(microseconds=1)
    longest = replace(
        begun,
        version="v" * 22,
        code_key=9999,
        passed=(PassedGate(gate=1, method=APP, evidence=evidence),),
        challenge=Challenge(method="mobile_phone", channel="sms", send=5),
        sends=(Sent(method="mobile_phone", at=moment),) * 5,
        tries=dict.fromkeys(world.policy.methods, 999),
        started_at=moment,
    )
    refusal = await refused(world.answer(world.seal(longest), NO_CODE))
    assert len(refusal.verification_token or "") == len(world.seal(begun)) <= TOKEN_LIMIT


async def test_a_refused_confirmation_gives_the_tries_left_on_the_row() -> None:
    """The person has signed in, so two pages see the same count, without a token."""
    world = a_world(**OPEN)
    await world.account("ada")
    session = await world.sign_in()
    begun = await world.begin(session, APP)
    app = App(world, (begun.enrolment or {})["secret"])
    told = [await refused(world.confirm(session, APP, app.wrong())) for _ in range(5)]
    assert [refusal.tries_left for refusal in told] == [4, 3, 2, 1, 0]
    assert {refusal.verification_token for refusal in told} == {None}
    assert isinstance(told[-1], NoTriesLeft)
    assert {attempt.id.purpose for attempt in world.row().attempts} == {Purpose.REGISTRATION}
    assert CLIENT not in str(world.row())


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
async def test_a_confirmation_after_the_last_try_is_refused_with_no_tries_left(is_right: bool) -> None:
    """A second page must also learn that the person has to begin again."""
    world = a_world(**OPEN)
    await world.account("ada")
    session = await world.sign_in()
    begun = await world.begin(session, APP)
    app = App(world, (begun.enrolment or {})["secret"])
    for _ in range(5):
        await refused(world.confirm(session, APP, app.wrong()))
    row = world.row()
    with pytest.raises(NoTriesLeft):
        await world.confirm(session, APP, app.code() if is_right else app.wrong())
    assert world.row() == row
