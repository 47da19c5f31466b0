"""Ambiguous answers of a real slapd, through the use-cases: never a success, never a second write, always a notice.

The stores are fakes; the directory, its connections and the faults on them are real (rule 11).
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from local.slapd.entries import FAILURES, person
from local.slapd.entries import PEOPLE as SUBTREE
from local.slapd.server import Slapd
from local.stack.ports import Ports
from shared.adapters.directories.ldap import links
from shared.adapters.directories.ldap.options import options_from
from shared.domain.errors import OutcomeUnknown, Overtaken, Refused, SesameError, SignInRequired
from shared.usecases.change_password import ChangePassword
from tests.adapters.test_openldap_connections import Relay, answers_are_lost
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_person, a_world
from tests.fakes.directory import MemoryDirectory
from tests.slapd import Hand, a_server, binds, given, reached, running

pytestmark = pytest.mark.integration

TELL = {"reset": "could not find out whether it was saved", "change": "could not find out whether it was saved",
        "unlock": "could not find out whether it was unlocked"}  # fmt: skip


PEOPLE = tuple(f"ada{n}" for n in range(9))
"""One for each test. Both servers have them under one id, as replication leaves them."""


@dataclass
class Pair:
    """Two servers with the same entries, the first behind a relay, and whose turn it is."""

    first: Slapd
    second: Slapd
    relay: Relay
    uid: str

    def binds(self, password: str, server: Slapd | None = None) -> int:
        return binds(options_from(given(server or self.first)), password, self.uid)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Slapd, Slapd, Iterator[str]]]:
    folder: Path = tmp_path_factory.mktemp("two")
    with ExitStack() as stack:
        first = a_server(folder / "first", people=tuple(person(uid, PASSWORD) for uid in PEOPLE))
        first.prepare()
        shutil.copytree(folder / "first", folder / "second")
        second = replace(first, folder=folder / "second", port=(ports := Ports.free(0)).blob, tls_port=ports.queue)
        for server in (first, second):
            stack.enter_context(running(server))
        yield first, second, iter(PEOPLE)


@pytest.fixture
def pair(servers: tuple[Slapd, Slapd, Iterator[str]]) -> Iterator[Pair]:
    first, second, uids = servers
    with closing(Relay(first.tls_port)) as relay:
        yield Pair(first, second, relay, next(uids))


@pytest.fixture
async def world(pair: Pair) -> AsyncIterator[World]:
    """The service, which asks both servers in this order, and where Ada has confirmed an address and a phone."""
    made = a_world(verification_seconds=1800, reset_token_seconds=600)
    async with reached(pair.first, servers=f"ldaps://localhost:{pair.relay.port},{pair.second.address}") as directory:
        entry = await directory.resolve(pair.uid)
        assert entry is not None
        made.adapters.directory = made.directory = cast("MemoryDirectory", directory)
        made.forget_what_was_built()
        key = made.adapters.keyring.account_key(entry.object_id)
        contacts = {"email": EMAIL, "mobile_phone": PHONE}
        made.people.put(a_person(key, object_id=entry.object_id, password_stamp=entry.password_stamp, **contacts))
        await made.adapters.names.bind(made.adapters.keyring.name_key(pair.uid), key)
        yield made


async def tried(world: World, write: str, token: str) -> None:
    if write == "change":
        await world.service.use(ChangePassword)(token, PASSWORD, NEW_PASSWORD, world.trail, client=CLIENT)
    else:
        await world.complete(token, NEW_PASSWORD if write == "reset" else None)


@pytest.mark.parametrize("fault", ["dropped", "slow"])
@pytest.mark.parametrize("write", ["reset", "change", "unlock"])
async def test_an_answer_that_is_lost_is_told_as_unknown_and_nothing_is_written_twice(
    world: World, pair: Pair, write: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server did it. The person reads "we could not find out", now and in the notice; the other is not asked.

    The same request again, and another one with the same proof, write nothing either.
    """
    token = await (world.sign_in(pair.uid) if write == "change" else world.prove(pair.uid))
    if write == "unlock":
        for _ in range(FAILURES):
            pair.binds("wrong")
    monkeypatch.setattr(links, "DEADLINE_SECONDS", 0.7)
    writes = answers_are_lost(monkeypatch, pair.relay, fault)
    with pytest.raises(OutcomeUnknown):
        await tried(world, write, token)
    for _ in range(2):
        with pytest.raises((OutcomeUnknown, SignInRequired, Refused)):
            await tried(world, write, token)
    assert len(writes) == 1
    monkeypatch.undo()
    assert pair.binds(NEW_PASSWORD if write != "unlock" else PASSWORD) == 0
    assert [pair.binds(word, pair.second) for word in (PASSWORD, NEW_PASSWORD)] == [0, 49]
    sent = len(world.messages())
    for _ in range(2):  # the first one waits, as long as the request may still be under way
        await world.tell()
    assert any(TELL[write] in text for text in world.messages()[sent:])


@pytest.mark.parametrize("disagree", ["another password", "disabled", "gone"])
async def test_a_server_that_disagrees_with_the_one_that_was_read_is_not_written_to(
    world: World, pair: Pair, disagree: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one says what the entry is and is gone before the write; the second one has another state of it.

    So has a replica that is behind. It is refused as overtaken, nothing was written anywhere, and nobody is told that
    it was.
    """
    token = await world.prove(pair.uid)
    hand = Hand(pair.second, options_from(given(pair.second)))
    if disagree == "another password":
        hand.put(pair.uid, userPassword="another password of hers")
    elif disagree == "disabled":
        hand.put(pair.uid, pwdAccountLockedTime="000001010000Z")
    else:
        hand.connection.delete(f"uid={pair.uid},{SUBTREE}")  # type: ignore[no-untyped-call]
    hand.connection.unbind()
    directory = world.adapters.directory
    find = directory.find

    async def and_then_gone(object_id: object) -> object:
        found = await find(object_id)  # type: ignore[arg-type]
        pair.relay.close()
        await asyncio.sleep(0.05)
        return found

    monkeypatch.setattr(directory, "find", and_then_gone)
    with pytest.raises(SesameError) as refused:
        await world.complete(token)
    assert isinstance(refused.value, Overtaken)
    assert pair.binds(PASSWORD) == 0
    assert pair.binds(NEW_PASSWORD, pair.second) != 0
    sent = len(world.messages())
    await world.tell()
    assert world.messages()[sent:] == []
    assert world.row(pair.uid).notices == ()
