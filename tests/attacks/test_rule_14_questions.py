"""Rule 14: security questions prove nothing alone, are not drawn until they are easy, and have one verdict for all."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from shared.domain.errors import AnswerRefused, InvalidInput, ProofNotEnough, ProofRequired, Refused
from shared.domain.person import EvidenceClass
from shared.domain.roles import Role
from shared.domain.security_questions import OwnQuestion
from shared.domain.verification import PassedGate
from shared.usecases.ask_proof import AskProof
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.verify import Granted, NextGate
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.no_limits import MANY_STARTS
from tests.builders import CLIENT, EMAIL, World, a_policy, a_world
from tests.methods.about_security_questions import answers

NAME = "security_questions"
OWN = tuple(OwnQuestion(f"own_{n}", {"en": f"What is number {n}?"}) for n in range(5))
POLICY: dict[str, Any] = {
    **MANY_STARTS,
    "methods": ("email", "mobile_phone", NAME),
    "own_questions": OWN,
    "new_method_rest_hours": 0,
    **{f"sends_per_destination_{window}": 20 for window in ("10min", "hour", "day")},
}


async def registered(world: World, session: str, name: str = "ada", **wish: Any) -> dict[str, str]:
    """Answer the first questions that are offered, and return every answer."""
    begun = await world.begin(session, NAME, **wish)
    assert begun.enrolment is not None
    offered = json.loads(begun.enrolment["questions"])
    own_first = json.dumps(sorted(offered, key=lambda question: not question["id"].startswith("own_")))
    given = answers(own_first, int(begun.enrolment["count"]), name)
    await world.confirm(session, NAME, json.dumps(given))
    world.orders.clear()
    return given


async def ada(**knobs: Any) -> tuple[World, dict[str, str]]:
    """Return a world in which Ada has an address, a phone and answers to the questions of the organisation."""
    world = a_world(**{**POLICY, **knobs})
    await world.ada()
    return world, await registered(world, await world.sign_in())


async def behind_email(world: World) -> str:
    """Return a token at gate two."""
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    return outcome.verification_token


async def asked(world: World, token: str) -> tuple[str, list[str]]:
    """Return the next token and the questions."""
    issued = await world.service.use(IssueChallenge)(
        token, NAME, world.trail, channel=None, contact=None, client=CLIENT, language="en"
    )
    return issued.verification_token, [question["id"] for question in json.loads(issued.shown["questions"])]


def to(questions: list[str], given: dict[str, str], *, wrong: tuple[bool, ...] = ()) -> str:
    """Return the answers, of which these are wrong."""
    marks = wrong or (False,) * len(questions)
    return json.dumps({one: "no idea" if bad else given[one] for one, bad in zip(questions, marks, strict=True)})


async def test_a_password_is_reset_with_questions_behind_a_code() -> None:
    """Typed in another way than at registration. Nothing on the row can be read."""
    world, given = await ada()
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    assert (outcome.methods, outcome.hints.keys()) == (("mobile_phone", NAME), {"mobile_phone"})
    token, questions = await asked(world, outcome.verification_token)
    granted = await world.answer(token, to(questions, {one: f" {text.upper()}. " for one, text in given.items()}))
    assert isinstance(granted, Granted)
    await world.complete(granted.reset_token)
    evidence = world.row().methods[-1].sealed.evidence
    assert (evidence.kind, bool(evidence.destination)) == (EvidenceClass.KNOWLEDGE, True)
    assert not any(text in str(world.row()) for text in (*given, *given.values()))


# -- never first --


@pytest.mark.parametrize("name", ["ada", "nobody.has.this.name"])
async def test_questions_are_not_at_the_first_gate(name: str) -> None:
    """For the owner and for strangers alike: not listed, not asked, and no row is read."""
    world, _ = await ada()
    token = await world.start(name)
    reads = world.people.reads
    with pytest.raises(InvalidInput) as refused:
        await asked(world, token)
    assert (refused.value.field, refused.value.reason) == ("method", "not_offered")
    assert world.people.reads == reads


async def test_a_thief_of_the_token_key_is_asked_nothing() -> None:
    """The row does not say that a gate was passed, or the account has changed (rules 5 and 12)."""
    world, given = await ada()
    token = await behind_email(world)
    token, questions = await asked(world, token)
    real = world.verification(token)
    gate = PassedGate(gate=1, method="email", evidence=real.passed[0].evidence)
    for forged in (replace(real, id="another", passed=(gate,)), replace(real, version="B" * 22)):
        with pytest.raises(Refused):
            await asked(world, world.seal(forged))
        with pytest.raises(AnswerRefused):
            await world.answer(world.seal(forged), to(questions, given))
    with pytest.raises(AnswerRefused):
        await world.answer(world.seal(replace(real, id="another", passed=())), to(questions, given))
    assert isinstance(await world.answer(token, to(questions, given)), Granted)


async def test_questions_prove_no_change_of_methods() -> None:
    """Nobody is asked for them, and the page is not told to (rule 20)."""
    world, _ = await ada()
    session = await world.sign_in()
    with pytest.raises(InvalidInput, match="not_registered"):
        await world.service.use(AskProof)(
            session, NAME, world.trail, proof=None, channel=None, client=CLIENT, language="en"
        )
    with pytest.raises(ProofRequired) as needed:
        await world.service.use(BeginMethod)(session, "mobile_phone", Wish(contact="+33639980002"), world.trail)
    assert NAME not in needed.value.methods


async def test_they_are_never_the_only_method() -> None:
    """Whoever has nothing else is not offered them."""
    world = a_world(**POLICY)
    await world.account("ada")
    session = await world.sign_in()
    assert NAME not in (await world.service.use(ViewRegistration)(session)).addable
    with pytest.raises(InvalidInput, match="needs_another"):
        await world.begin(session, NAME)
    await world.register(session, "email", EMAIL)
    assert NAME in (await world.service.use(ViewRegistration)(session)).addable
    before = world.proofs[session]
    await registered(world, session)
    assert world.proofs[session] == before  # the page keeps that of the address, which proves the next change too


async def test_accounts_with_a_role_have_no_questions() -> None:
    """They cannot register them. Those from before they had the role prove nothing, up to the last moment (R-28)."""
    world, given = await ada()
    token, questions = await asked(world, await behind_email(world))
    granted = await world.answer(token, to(questions, given))
    assert isinstance(granted, Granted)
    world.directory.granted("ada", Role.ADMINISTRATOR)
    with pytest.raises(ProofNotEnough):
        await world.complete(granted.reset_token)
    session = await world.sign_in()
    view = await world.service.use(ViewRegistration)(session)
    assert NAME not in (*view.addable, *view.missing)
    with pytest.raises(InvalidInput, match="not_offered"):
        await world.begin(session, NAME)


# -- which are asked --


async def test_nobody_draws_until_the_questions_are_easy() -> None:
    """New verifications, wrong answers and another challenge bring the same ones; a right answer brings others."""
    world, given = await ada()
    draws = []
    for _ in range(4):
        token, questions = await asked(world, await behind_email(world))
        draws.append(questions)
        with pytest.raises(AnswerRefused) as refused:
            await world.answer(token, to(questions, given, wrong=(True, False, False)))
        draws.append((await asked(world, str(refused.value.verification_token)))[1])
    assert len({*map(tuple, draws)}) == 1
    seen: Counter[str] = Counter()
    for _ in range(8):
        token, questions = await asked(world, await behind_email(world))
        seen.update(questions)
        assert isinstance(await world.answer(token, to(questions, given)), Granted)
    assert set(seen) == set(given)


async def test_of_parallel_right_answers_one_passes() -> None:
    """Of eight verifications that were asked the same questions. The draw is over with the first."""
    world, given = await ada()
    tokens = [await asked(world, await behind_email(world)) for _ in range(8)]
    told = await asyncio.gather(
        *(world.answer(token, to(questions, given)) for token, questions in tokens), return_exceptions=True
    )
    kinds = Counter(type(result).__name__ for result in told)
    assert kinds["Granted"] == 1
    assert kinds["AnswerRefused"] + kinds["TryAgain"] == 7


async def test_answers_to_other_questions_of_the_set_are_wrong() -> None:
    """Also right ones: otherwise everybody could choose the easiest."""
    world, given = await ada()
    token, questions = await asked(world, await behind_email(world))
    others = [*(one for one in given if one not in questions), *questions][:3]
    with pytest.raises(AnswerRefused):
        await world.answer(token, to(others, given))


# -- one verdict --


async def test_nothing_tells_which_answer_was_wrong() -> None:
    """Every wrong combination is refused in the same way, at the same cost."""
    world, given = await ada(tries_per_code=10)
    token, questions = await asked(world, await behind_email(world))
    seen = set()
    for wrong in product((True, False), repeat=3):
        if any(wrong):
            world.adapters.hasher.of_answers.clear()
            with pytest.raises(AnswerRefused) as refused:
                await world.answer(token, to(questions, given, wrong=wrong))
            told = refused.value
            seen.add((type(told), str(told), len(world.adapters.hasher.of_answers)))
    assert len(seen) == 1
    assert next(iter(seen))[2] == 3
    assert isinstance(await world.answer(token, to(questions, given)), Granted)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda given: dict(list(given.items())[:2]), "missing", id="one is missing"),
        pytest.param(lambda given: {**given, "first_book": "emma"}, "too_many", id="one too many"),
        pytest.param(lambda given: {**given, next(iter(given)): "ok"}, "too_short", id="one is too short"),
    ],
)
async def test_a_form_that_cannot_be_right_costs_no_try(change: Any, reason: str) -> None:
    """By the policy alone, uncounted and unhashed (rule 19)."""
    world, given = await ada()
    token, questions = await asked(world, await behind_email(world))
    row = world.row()
    with pytest.raises(InvalidInput) as refused:
        await world.answer(token, json.dumps(change({one: given[one] for one in questions})))
    assert refused.value.reason == reason
    assert world.row() == row


async def test_wrong_answers_suspend_the_questions_and_not_the_other_methods() -> None:
    """Five in a verification and ten in a day, as for every method at gate two (rules 3 and 10)."""
    world, given = await ada()
    for _ in range(2):
        token, questions = await asked(world, await behind_email(world))
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, to(questions, given, wrong=(True, True, True)), client="198.51.100.9")
        with pytest.raises(Refused):
            await world.answer(token, to(questions, given))
    assert world.row().failures[f"reset:2:{NAME}"].suspended_until is not None
    token, questions = await asked(world, await behind_email(world))
    with pytest.raises(AnswerRefused):
        await world.answer(token, to(questions, given), client="198.51.100.9")
    assert isinstance(await world.pass_gate(token, "mobile_phone"), Granted)


# -- the organisation changes its questions --


@pytest.mark.parametrize(("left", "state"), [(5, "confirmed"), (4, "suspect"), (3, "suspect"), (2, "suspect")])
async def test_questions_that_were_taken_away_are_not_asked(left: int, state: str) -> None:
    """The person is told. With fewer left than are asked, the set proves nothing; nothing that was answered is lost."""
    world, given = await ada()
    world.policy = world.adapters.policy = a_policy(**{**POLICY, "own_questions": OWN[:left]})
    world.forget_what_was_built()
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert next(one.state for one in view.methods if one.method == NAME) == state
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    assert (NAME in outcome.methods) is (left >= 3)
    if left >= 3:
        token, questions = await asked(world, outcome.verification_token)
        assert set(questions) <= {question.id for question in OWN[:left]}
        assert isinstance(await world.answer(token, to(questions, given)), Granted)
    else:
        with pytest.raises(InvalidInput, match="not_registered"):
            await asked(world, outcome.verification_token)
