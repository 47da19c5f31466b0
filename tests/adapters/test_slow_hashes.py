"""Slow hashes of answers: with pepper and salt, the same work for nobody, and a bounded queue."""

import asyncio
from typing import Any

import pytest

from shared.adapters import argon2_hasher
from shared.adapters.argon2_hasher import ANSWERS_WAITING, Argon2Hasher, Cost
from shared.adapters.keyring import VersionedKeys
from shared.domain.errors import TryAgain
from shared.ports.keyring import Unreadable
from tests.fakes.hasher import CHEAP, CountingHasher
from tests.fakes.keys import a_key

SEED, OTHER = bytes(32), bytes(range(32))


def a_hasher(*versions: int, label: str = "pepper") -> Argon2Hasher:
    return Argon2Hasher(VersionedKeys({version: a_key(f"{label} {version}") for version in versions}), CHEAP)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"part": "another"}, id="another answer"),
        pytest.param({"seed": OTHER}, id="another salt"),
        pytest.param({"by": a_hasher(1, label="another")}, id="another pepper"),
        pytest.param({"cost": "m=19456,t=3,p=1"}, id="other parameters"),
    ],
)
async def test_a_hash_depends_on_answer_salt_pepper_and_parameters(change: dict[str, Any]) -> None:
    """Each of them alone changes it. The newest pepper is used for new salts, and a salt names its own."""
    hasher = a_hasher(1)
    salt = hasher.salt(SEED)
    assert salt == "1$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA", "OWASP's least parameters"
    mine = await hasher.hashed(salt, ["mine"], turn="v")
    assert await a_hasher(1, 2).hashed(salt, ["mine", "mine"], turn="v") == mine * 2
    assert [len(text) for text in mine] == [22]
    other = hasher.salt(change.get("seed", SEED)).replace("m=19456,t=2,p=1", change.get("cost", "m=19456,t=2,p=1"))
    assert await change.get("by", hasher).hashed(other, [change.get("part", "mine")], turn="v") != mine


async def test_a_set_whose_pepper_is_gone_is_known_to_be_lost() -> None:
    """The caller then does the work of a set that does not exist."""
    salt = a_hasher(1).salt(SEED)
    assert (a_hasher(1, 2).knows(salt), a_hasher(2).knows(salt)) == (True, False)
    with pytest.raises(Unreadable):
        await a_hasher(2).hashed(salt, ["mine"], turn="v")


async def test_nobodys_answer_costs_the_same_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many, and of the same parameters, as for a set of today. The cost is no setting, so that it stays so."""
    seen: list[Cost] = []
    monkeypatch.setattr(argon2_hasher, "_raw", lambda *given: seen.append(given[2]) or b"")
    hasher = Argon2Hasher(VersionedKeys({1: a_key("pepper")}), Cost(131072, 5, 4))
    for salt in (None, hasher.salt(SEED)):
        await hasher.hashed(salt, ["one", "two", "three"], turn="v")
    assert seen == [Cost(19456, 2, 1)] * 6


async def test_answers_never_take_the_places_of_passwords() -> None:
    """Past their half of the queue answers are told to try again, and a password is still hashed."""
    hasher = CountingHasher()
    many = (hasher.hashed(None, ["an answer"], turn=str(n)) for n in range(ANSWERS_WAITING + 5))
    *told, hashed = await asyncio.gather(*many, hasher.hash("a password"), return_exceptions=True)
    assert sum(isinstance(result, TryAgain) for result in told) == 5
    assert isinstance(hashed, str)
