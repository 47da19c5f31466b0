"""Rule 14: answers of which only slow hashes are kept cost one hash a part for everybody, and never more at once."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from shared.domain.errors import TryAgain
from shared.domain.person import EvidenceClass, Failures, Person, Sealed
from shared.domain.policy import Policy
from shared.methods import ALL, Context, Enrolment, HashedSecretMethod, Verdict
from shared.usecases._judging import Answer, Judging
from shared.usecases._sealing import Sealing
from tests.builders import CLIENT, World, a_person, a_world, an_attempt, an_attempt_id, at
from tests.fakes.keys import a_keyring
from tests.usecases.test_judging import CLOSED, KEY, SUSPENDED


class Sheet(HashedSecretMethod):
    """Two words that are judged together."""

    name = "sheet"
    evidence = EvidenceClass.PAPER

    def begin_enrolment(
        self, seed: bytes, context: Context, *, account_name: str, others: Sequence[str] = ()
    ) -> Enrolment:
        raise NotImplementedError

    def finish_enrolment(self, kept: str, answer: str, context: Context) -> str | None:
        return self.judge(kept, {}, answer, context).kept

    def exact(self, answer: str, policy: Policy) -> str:
        raise NotImplementedError

    def parts(self, answer: str) -> tuple[str, ...]:
        return tuple(answer.split())

    def judge(self, stored: str | None, challenge: Mapping[str, str], answer: str, context: Context) -> Verdict:
        kept = json.loads(stored or '{"hashes": []}')
        right = stored is not None and kept["hashes"] == [*context.hashes]
        return Verdict(kept=json.dumps(kept | {"hashes": []}) if right else None)


RIGHT = "amber basalt"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(ALL, Sheet.name, Sheet())
    return a_world()


async def sealed(world: World, seed: bytes = bytes(32)) -> Sealed:
    """Return a set as a row has it."""
    salt = world.adapters.hasher.salt(seed)
    hashes = await world.adapters.hasher.hashed(salt, RIGHT.split(), turn="")
    world.adapters.hasher.of_answers.clear()
    return Sealing(a_keyring()).secret(KEY, Sheet(), json.dumps({"salt": salt, "hashes": hashes}), "s")


def answered(text: str = RIGHT, verification: str = "v") -> Answer:
    of = an_attempt_id(method="sheet", verification=verification)
    return Answer(attempt=of, text=text, expires_at=at(minutes=15), client=CLIENT, nonce="n", at=at(), challenge={})


async def test_a_write_that_is_tried_again_hashes_nothing_again(world: World) -> None:
    """Only another salt on the row that was read again, a new set, is worth other hashes."""
    judging, mine, answer = world.service.use(Judging), await sealed(world), answered()
    for _ in range(3):
        judged = await judging.judge(a_person(), answer, [mine])
        assert judged is not None
        assert judged[1] is not None
    assert len(world.adapters.hasher.of_answers) == 2
    another = await sealed(world, bytes(range(32)))
    for _ in range(3):
        await judging.judge(a_person(), answer, [another])
    assert len(world.adapters.hasher.of_answers) == 2


@pytest.mark.parametrize(
    ("row", "stored", "text", "hashes"),
    [
        pytest.param({}, True, RIGHT, 2, id="right"),
        pytest.param({}, True, "amber beryl", 2, id="half right"),
        pytest.param({}, False, RIGHT, 2, id="stranger"),
        pytest.param({"failures": {"reset:1:sheet": SUSPENDED}}, True, RIGHT, 2, id="suspended"),
        pytest.param({"failures": {"reset:1:sheet": CLOSED}}, True, RIGHT, 2, id="closed"),
        pytest.param(
            {"attempts": (an_attempt(id=an_attempt_id(method="sheet"), tries=5),)}, True, RIGHT, 0, id="no tries left"
        ),
    ],
)
async def test_every_answer_costs_one_hash_a_part_until_the_tries_are_spent(
    world: World, row: dict[str, Failures], stored: bool, text: str, hashes: int
) -> None:
    """Whatever is stored, and whether or not it can be right (rules 3 and 9)."""
    candidates = [await sealed(world)] if stored else []
    person: Person = replace(a_person(), **row)
    judged = await world.service.use(Judging).judge(person, answered(text), candidates)
    assert len(world.adapters.hasher.of_answers) == hashes
    assert (judged is not None and judged[1] is not None) == (stored and text == RIGHT and not row)


async def test_an_answer_to_a_set_whose_pepper_is_gone_costs_the_same_and_is_wrong(world: World) -> None:
    """As if nothing was stored."""
    mine = await sealed(world)
    world.adapters.hasher.forget_peppers(keep=2)
    judged = await world.service.use(Judging).judge(a_person(), answered(), [mine])
    assert judged is not None
    assert judged[1] is None
    assert world.adapters.hasher.of_answers == ["nobody's"] * 2


@pytest.mark.parametrize("stored", [True, False], ids=["registered", "stranger"])
async def test_two_answers_of_one_verification_are_hashed_at_once(world: World, stored: bool) -> None:
    """Each is hashed before it is counted, so more would be hashed than tries are left. Another one is not refused."""
    candidates = [await sealed(world)] if stored else []
    judging = world.service.use(Judging)
    told = await asyncio.gather(
        *(judging.judge(a_person(), answered(), candidates) for _ in range(5)),
        judging.judge(a_person(), answered(verification="another"), candidates),
        return_exceptions=True,
    )
    assert [isinstance(result, TryAgain) for result in told] == [False, False, True, True, True, False]
