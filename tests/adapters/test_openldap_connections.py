"""Connections to slapd and Samba: none that cannot be trusted, none that is waited for too long, and no write twice."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.samba.server import Samba
from local.slapd.certificates import certificates
from local.slapd.server import Slapd
from local.stack.ports import Ports
from shared.adapters.directories.ldap import links
from shared.adapters.directories.ldap.link import Link
from shared.adapters.directories.ldap.openldap import OpenLdapDirectory
from shared.adapters.directories.ldap.options import Server
from shared.domain.account import DirectoryEntry, PasswordState
from shared.domain.limits import Rate
from shared.ports.directory import DirectoryLost, DirectoryUnknown
from tests.samba import running_domain
from tests.slapd import Hand, a_server, binds, reached, running, written

pytestmark = pytest.mark.integration

FIRST, SECOND, THIRD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra", "copper meadow signal walnut"


BOTH = pytest.mark.parametrize(("server", "its_hand"), [("slapd", "hand"), ("samba", "domain_hand")], indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Slapd | Samba:
    """One of both, where a test asks for BOTH."""
    served: Slapd | Samba = request.getfixturevalue(request.param)
    return served


@pytest.fixture
def its_hand(request: pytest.FixtureRequest) -> Hand:
    by_hand: Hand = request.getfixturevalue(request.param)
    return by_hand


@BOTH
async def test_start_tls_works_like_ldaps(server: Slapd | Samba, its_hand: Hand) -> None:
    """The password travels after it only."""
    its_hand.add("ada", FIRST)
    async with reached(server, servers=server.start_tls_address) as directory:
        assert await directory.authenticate("ada", FIRST)


@pytest.mark.parametrize(
    ("server", "its_hand", "fault"),
    [
        *(("slapd", "hand", fault)
          for fault in ("authority", "host", "system_authorities", "service_password", "nobody", "no_starttls")),
        *(("samba", "domain_hand", fault) for fault in ("authority", "host", "service_password")),
    ],
    indirect=["server", "its_hand"],
)  # fmt: skip
async def test_a_server_that_cannot_be_trusted_gets_no_password(
    server: Slapd | Samba, its_hand: Hand, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another authority, another host, no TLS: refused before a bind, also where StartTLS is not offered."""
    its_hand.add("ada", FIRST)
    sent: list[str] = []
    real = Link.bind
    monkeypatch.setattr(Link, "bind", lambda link, dn, word: sent.append(word) or real(link, dn, word))
    changes: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        if fault == "authority":
            changes["authority"] = str(certificates(tmp_path / "another").authority)
        elif fault == "system_authorities":
            changes["authority"] = ""
        elif fault == "host" and isinstance(server, Samba):
            another = stack.enter_context(running_domain(tmp_path, certificate_address="127.1.1.1"))
            changes = {"servers": another.address, "authority": str(another.files.authority)}
        elif fault == "host":
            elsewhere = stack.enter_context(running(_of_another_host(tmp_path)))
            changes = {"servers": elsewhere.address, "authority": str(elsewhere.files.authority)}
        elif fault == "no_starttls":
            plain = stack.enter_context(running(a_server(tmp_path, has_certificate=False)))
            changes["servers"] = plain.start_tls_address
        elif fault == "nobody":
            changes["servers"] = f"ldaps://localhost:{Ports.free(0).blob}"
        else:
            changes["bind_password"] = "not the password of the service"
        async with reached(server, **changes) as directory:
            for asked in (directory.authenticate("ada", FIRST), directory.resolve("ada"), directory.lockout()):
                with pytest.raises(DirectoryLost):
                    await asked
    assert FIRST not in sent
    assert fault == "service_password" or not sent


def _of_another_host(folder: Path) -> Slapd:
    certificates(folder / "tls", host="ldap.example.org")
    return a_server(folder)


class Relay:
    """A server between this service and a directory that forwards bytes, and can be silent or cut off."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.drops = False
        """Cut the connection when the next answer comes, and do not forward that."""
        self.silent = False
        self.connections = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.connections += 1
                server = socket.create_connection(self._server)
                self._open += [client, server]
                for pair in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, to_server: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.silent and not to_server:
                    continue
                if self.drops and not to_server:
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for each in (self._listening, *self._open):  # a thread that waits there would keep it open
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def relay(slapd: Slapd) -> Iterator[Relay]:
    with closing(Relay(slapd.tls_port)) as between:
        yield between


def answers_are_lost(monkeypatch: pytest.MonkeyPatch, relay: Relay, fault: str) -> list[str]:
    """Let the answer to the next write be lost: cut off at once, or never given. Return the writes that are sent."""
    writes: list[str] = []
    for name in ("set_password", "modify"):
        real = getattr(Link, name)

        def lossy(link: Link, *given: Any, _name: str = name, _real: Any = real) -> Any:
            writes.append(_name)
            if fault == "dropped":
                relay.drops = True
            else:
                relay.silent = True
            return _real(link, *given)

        monkeypatch.setattr(Link, name, lossy)
    return writes


@pytest.mark.parametrize(
    ("server", "its_hand", "fault"),
    [("slapd", "hand", "dropped"), ("slapd", "hand", "slow"), ("samba", "domain_hand", "dropped")],
    indirect=["server", "its_hand"],
)
@pytest.mark.parametrize("write", ["reset", "change", "unlock"])
async def test_an_answer_that_is_lost_is_in_doubt_and_no_write_is_repeated(
    server: Slapd | Samba, its_hand: Hand, fault: str, write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server did it, and nobody says so: never a success, and never a second request, on any server."""
    its_hand.add("ada", FIRST)
    with closing(Relay(server.tls_port, server.host)) as relay:
        async with reached(server, servers=f"ldaps://localhost:{relay.port},{server.address}") as directory:
            entry = await directory.resolve("ada")
            assert entry is not None
            if write == "unlock" and isinstance(server, Slapd):
                its_hand.put("ada", pwdAccountLockedTime="20261128000000Z")
            monkeypatch.setattr(links, "DEADLINE_SECONDS", 0.7)
            writes = answers_are_lost(monkeypatch, relay, fault)
            with pytest.raises(DirectoryUnknown):
                await written(directory, write, entry, SECOND, current=FIRST)
            assert len(writes) == 1
            if write != "unlock":
                at = replace(directory.options, servers=(Server(server.host, server.tls_port, True),))
                assert binds(at, SECOND) == 0
            monkeypatch.undo()
            relay.close()
            assert await directory.resolve("ada")  # by the other server


def replace_server(directory: OpenLdapDirectory, slapd: Slapd) -> OpenLdapDirectory:
    """Return the same directory, past the relay."""
    past = object.__new__(OpenLdapDirectory)
    past.links = type(
        "Past", (), {"options": replace(directory.options, servers=(Server("localhost", slapd.tls_port, True),))}
    )()  # type: ignore[assignment]
    return past


async def test_reads_go_to_the_next_server_and_come_back(slapd: Slapd, hand: Hand, relay: Relay) -> None:
    """One that is silent or gone costs its part of the deadline once, and is asked last for a while.

    The lockout is still known then: policies that a broken connection did not tell are not taken for none.
    """
    hand.add("ada", FIRST)
    async with reached(slapd, servers=f"ldaps://localhost:{relay.port},{slapd.address}") as directory:
        assert await directory.resolve("ada")
        lockout, directory.policies._until = await directory.lockout(), 0.0
        relay.close()
        assert await directory.resolve("ada")
        assert (await directory.lockout(), directory.policies.found) == (lockout, True)
        before = relay.connections
        assert await directory.authenticate("ada", FIRST)
        assert relay.connections == before


async def test_a_deadline_holds_for_all_servers_and_nothing_is_sent_after_it(
    slapd: Slapd, hand: Hand, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silent from the first byte on: nothing was written, and nothing will be."""
    hand.add("ada", FIRST)
    async with reached(slapd) as other:
        entry = await other.resolve("ada")
    assert entry is not None
    relay.silent = True
    monkeypatch.setattr(links, "DEADLINE_SECONDS", 0.7)
    async with reached(slapd, servers=f"ldaps://localhost:{relay.port}") as directory:
        with pytest.raises(DirectoryLost):
            await directory.set_password(entry, SECOND)
        relay.silent = False
        await asyncio.sleep(0.2)
        assert binds(replace_server(directory, slapd), FIRST) == 0


async def test_a_flood_of_requests_is_bounded(slapd: Slapd, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few at a time, some wait, and the rest is told to come again."""
    hand.add("ada", FIRST)
    at_once, most, lock, real = 0, 0, threading.Lock(), Link.search

    def counted(link: Link, *given: Any, **more: Any) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        try:
            return real(link, *given, **more)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(Link, "search", counted)
    async with reached(slapd) as directory:
        told = await asyncio.gather(*(directory.resolve("ada") for _ in range(60)), return_exceptions=True)
    assert sum(isinstance(result, DirectoryLost) for result in told) == 60 - 32
    assert sum(isinstance(result, DirectoryEntry) for result in told) >= 1
    assert most <= 8


@pytest.mark.parametrize("kind", ["referral", "read_only"])
async def test_a_server_that_sends_elsewhere_is_not_followed(
    slapd: Slapd, hand: Hand, tmp_path: Path, kind: str
) -> None:
    """A replica answers a write with a referral: it is refused, and known not to be written."""
    del slapd, hand
    options = "readonly on" if kind == "read_only" else "updateref ldaps://localhost:1"
    if kind == "referral":
        provider = 'provider=ldap://127.0.0.1:1 searchbase="dc=example,dc=org" bindmethod=simple retry="3600 +"'
        options = f"syncrepl rid=1 {provider}\n{options}"
    with running(a_server(tmp_path, options=options, people=(_person(),))) as replica:
        async with reached(replica) as directory:
            entry = await directory.resolve("ada")
            assert entry is not None
            with pytest.raises(DirectoryLost):
                await directory.set_password(entry, SECOND)


def _person() -> str:
    from local.slapd.entries import person

    return person("ada", FIRST)


async def test_a_service_account_with_too_many_rights_does_not_oblige_people_to_choose_again(
    tmp_path: Path,
) -> None:
    """With `manage` the server takes it for an administrator of passwords and sets pwdReset, which is removed again."""
    slapd = a_server(tmp_path, people=(_person(),))
    with pytest.MonkeyPatch.context() as patch:
        from local.slapd import server

        patch.setattr(server, "ACCESS", server.ACCESS.replace("=xw", "manage").replace("write", "manage"))
        with running(slapd):
            async with reached(slapd) as directory:
                entry = await directory.resolve("ada")
                assert entry is not None
                await directory.set_password(entry, SECOND)
                found = await directory.authenticate("ada", SECOND)
    assert found is not None
    assert found.password_state is PasswordState.FINE


def test_the_assumed_lockout_is_strict() -> None:
    """Nobody's usual policy locks at fewer failures in a longer time."""
    from shared.adapters.directories.ldap.policy import UNKNOWN_LOCKOUT

    assert isinstance(UNKNOWN_LOCKOUT, Rate)
    assert UNKNOWN_LOCKOUT.limit <= 5
