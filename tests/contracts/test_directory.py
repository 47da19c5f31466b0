"""Directory: reads by name or id, writes by id and only if the entry has not changed. Runs on every directory."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from shared.adapters.directories import REGISTERED
from shared.domain.account import DirectoryEntry, ObjectId
from shared.ports.account_register import NameTaken
from shared.ports.directory import (
    AccountChanged,
    Attributes,
    Capability,
    DirectoryUnknown,
    NotSupported,
    PasswordNotTaken,
    WrongPassword,
)
from tests.contracts.directories._side import FIRST, SECOND, THIRD
from tests.fakes.clock import FixedClock
from tests.fakes.people import Fault


def sides(*names: str) -> list[Any]:
    """One parameter for each directory, with the marks of its file."""
    return [pytest.param(side_of(name), marks=getattr(side_of(name), "MARKS", ()), id=name) for name in names]


def side_of(name: str) -> Any:
    return import_module(f"tests.contracts.directories.{name}")


@pytest.fixture(params=sides("memory", *REGISTERED))
async def side(clock: FixedClock, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    async with request.param.side(request, clock) as reached:
        yield reached


async def an_entry(side: Any, name: str = "ada", *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
    """An enabled entry whose password is FIRST, as it is found."""
    created = await side.create(name, FIRST, roles=roles)
    found: DirectoryEntry | None = await side.directory.find(created.object_id)
    assert found is not None
    return found


async def opened(side: Any, name: str, password: str) -> DirectoryEntry | None:
    """The entry, if it has that password: as it signs in, or as the directory itself says where nobody signs in."""
    if Capability.CHECK_PASSWORD in side.directory.capabilities:
        found: DirectoryEntry | None = await side.directory.authenticate(name, password)
        return found
    return await side.directory.resolve(name) if side.holds(name, password) else None


def who_check_passwords() -> list[Any]:
    names = [name for name in ("memory", *REGISTERED) if Capability.CHECK_PASSWORD in side_of(name).CAPABILITIES]
    return sides(*names)


@pytest.mark.parametrize("side", who_check_passwords(), indirect=True)
@pytest.mark.parametrize("name", ["ada", "Ada", " ADA "])
async def test_the_right_password_signs_in_under_every_spelling_of_the_name(side: Any, name: str) -> None:
    """The canonical form of the name decides."""
    account = await an_entry(side)
    assert await side.directory.authenticate(name, FIRST) == account
    assert await side.directory.authenticate(name, SECOND) is None


@pytest.mark.parametrize("side", who_check_passwords(), indirect=True)
@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", SECOND), ("nobody", FIRST), ("disabled", FIRST)],
    ids=["wrong password", "unknown name", "disabled account"],
)
async def test_every_failed_sign_in_costs_the_same(side: Any, name: str, password: str) -> None:
    """None for a wrong password, an unknown name and a disabled entry, at one cost: nothing tells them apart (A-02)."""
    await an_entry(side)
    await an_entry(side, "disabled")
    await side.set_enabled("disabled", enabled=False)
    before = side.cost
    assert await side.directory.authenticate("another.unknown.name", password) is None
    of_an_unknown_name = side.cost - before
    before = side.cost
    assert await side.directory.authenticate(name, password) is None
    assert side.cost - before == of_an_unknown_name > 0


@pytest.mark.parametrize("side", sides("memory", "embedded"), indirect=True)  # which make accounts themselves
async def test_an_account_without_a_password_lets_nobody_in_until_it_gets_its_first(side: Any) -> None:
    """Nor with an empty one, at the cost of a wrong one. What was read before the first one sets no second one."""
    created = await side.create("ada", None)
    entry = await side.directory.find(created.object_id)
    assert entry is not None
    assert not entry.has_password
    await an_entry(side, "bob")
    costs = []
    for name, password in (("bob", SECOND), ("ada", ""), ("ada", "None")):
        before = side.cost
        assert await side.directory.authenticate(name, password) is None
        costs.append(side.cost - before)
    assert len(set(costs)) == 1
    await side.directory.set_password(entry, FIRST)
    found = await side.directory.authenticate("ada", FIRST)
    assert found is not None
    assert found.has_password
    with pytest.raises(AccountChanged):
        await side.directory.set_password(entry, SECOND)


@pytest.mark.parametrize("name", ["", "x" * 400, "\ud800", "a\nb"], ids=["empty", "long", "surrogate", "line break"])
async def test_a_name_that_cannot_be_one_is_nobody(side: Any, name: str) -> None:
    """It is answered like an unknown name, at the same cost."""
    assert await side.directory.resolve(name) is None
    if Capability.CHECK_PASSWORD not in side.directory.capabilities:
        with pytest.raises(NotSupported):
            await side.directory.authenticate("nobody", FIRST)
        return
    before = side.cost
    assert await side.directory.authenticate("nobody", FIRST) is None
    of_an_unknown_name = side.cost - before
    before = side.cost
    assert await side.directory.authenticate(name, FIRST) is None
    assert side.cost - before == of_an_unknown_name


async def test_a_name_resolves_to_its_account_even_if_it_is_disabled(side: Any) -> None:
    """Prefill must find people before their first day. An unknown name is None, and costs no hash."""
    account = await an_entry(side)
    await side.set_enabled("ada", enabled=False)
    hashes = side.cost
    found = await side.directory.resolve("ada")
    assert found is not None
    assert (found.object_id, found.enabled) == (account.object_id, False)
    assert await side.directory.resolve("nobody") is None
    assert side.cost == hashes


async def test_an_account_is_found_by_its_immutable_id(side: Any) -> None:
    """With its names, roles and the time of its password. An unknown id is None."""
    account = await an_entry(side, roles=frozenset({"administrator"}))
    assert account.names[0] == "ada"
    assert account.is_privileged
    assert await side.directory.find(ObjectId("none")) is None


async def test_setting_a_password_replaces_the_old_one(side: Any, clock: FixedClock) -> None:
    """The old one no longer signs in, the new one does, and the time of the change is stored."""
    account = await an_entry(side)
    clock.move(minutes=1)
    await side.a_moment_later()
    await side.directory.set_password(account, SECOND)
    assert await opened(side, "ada", FIRST) is None
    found = await opened(side, "ada", SECOND)
    assert found.password_changed_at - account.password_changed_at >= timedelta(minutes=0)
    assert side.has_its_own_clock or found.password_changed_at == clock.now()


async def test_the_stamp_of_a_password_is_new_with_each_password_and_with_nothing_else(side: Any) -> None:
    """Also with the same password again, and whatever the clock says. Disabling, enabling and signing in keep it."""
    stamps, entry = set(), await an_entry(side)
    passwords = [FIRST, SECOND, THIRD] if side.remembers_at_reset else [FIRST] * 3
    for now, then in itertools.pairwise(passwords):
        stamps.add(entry.password_stamp)
        await side.set_enabled("ada", enabled=False)
        await side.set_enabled("ada", enabled=True)
        entry = await opened(side, "ada", now)
        stamps.add(entry.password_stamp)
        await side.a_moment_later()
        stamp = await side.directory.set_password(entry, then)
        entry = await side.directory.find(entry.object_id)
        assert entry.password_stamp == stamp
        assert 0 < len(stamp) <= 64
    assert len(stamps) == 2
    assert stamp not in stamps


async def test_setting_a_password_on_a_changed_account_is_refused(side: Any) -> None:
    """The account was disabled, or got another password, since it was read. Nothing is written."""
    account = await an_entry(side)
    await side.set_enabled("ada", enabled=False)
    with pytest.raises(AccountChanged):
        await side.directory.set_password(account, SECOND)
    await side.set_enabled("ada", enabled=True)
    assert await opened(side, "ada", FIRST)
    with pytest.raises(AccountChanged):
        await side.directory.set_password(replace(account, object_id=ObjectId("gone")), SECOND)


async def test_of_parallel_password_changes_exactly_one_succeeds(side: Any) -> None:
    """Ten at once after one read: one succeeds, nine are refused, and the successful one signs in."""
    account = await an_entry(side)
    passwords = [f"{SECOND} number {n}" for n in range(10)]
    told = await asyncio.gather(
        *(side.directory.set_password(account, password) for password in passwords), return_exceptions=True
    )
    assert sum(isinstance(result, AccountChanged) for result in told) == 9
    assert await opened(
        side, "ada", next(p for p, result in zip(passwords, told, strict=True) if isinstance(result, str))
    )


async def test_a_person_changes_the_own_password(side: Any) -> None:
    """With the current one. A wrong one, and an entry that has changed, change nothing."""
    account = await an_entry(side)
    if Capability.CHANGE_PASSWORD not in side.directory.capabilities:
        with pytest.raises(NotSupported):
            await side.directory.change_password(account, FIRST, SECOND)
        return
    with pytest.raises(WrongPassword):
        await side.directory.change_password(account, SECOND, THIRD)
    await side.a_moment_later()
    stamp = await side.directory.change_password(account, FIRST, SECOND)
    found = await side.directory.authenticate("ada", SECOND)
    assert found.password_stamp == stamp != account.password_stamp
    with pytest.raises((AccountChanged, WrongPassword)):
        await side.directory.change_password(account, FIRST, THIRD)
    if side.remembers:
        with pytest.raises(PasswordNotTaken):
            await side.directory.change_password(found, SECOND, FIRST)
    assert await side.directory.authenticate("ada", SECOND) == found


@pytest.mark.parametrize("side", sides("memory", "embedded"), indirect=True)  # whose costs are hashes
async def test_a_current_password_that_was_checked_is_not_hashed_again(side: Any) -> None:
    """The entry says so, and a password that was set meanwhile is not overwritten."""
    account = await an_entry(side)
    stale, costs = await side.directory.authenticate("ada", FIRST), []
    for read, current, new in ((side.directory.find, FIRST, SECOND), (None, SECOND, FIRST)):
        entry = await (read(account.object_id) if read else side.directory.authenticate("ada", current))
        before = side.cost
        await side.directory.change_password(entry, current, new)
        costs.append(side.cost - before)
    assert costs[0] - costs[1] == 1
    with pytest.raises((AccountChanged, WrongPassword)):
        await side.directory.change_password(stale, FIRST, THIRD)
    assert await side.directory.authenticate("ada", FIRST)


async def test_a_locked_account_is_unlocked_and_keeps_its_password(side: Any) -> None:
    """The right password is refused until then. An account that has changed since it was read stays locked."""
    account = await an_entry(side)
    if Capability.UNLOCK not in side.directory.capabilities:
        with pytest.raises(NotSupported):
            await side.directory.unlock(account)
        return
    await side.lock("ada")
    assert await side.directory.authenticate("ada", FIRST) is None
    locked = await side.directory.find(account.object_id)
    assert (locked.locked, locked.enabled, locked.password_stamp) == (True, True, account.password_stamp)
    with pytest.raises(AccountChanged):
        await side.directory.unlock(replace(locked, revision="another"))
    await side.directory.unlock(locked)
    found = await side.directory.authenticate("ada", FIRST)
    assert (found.locked, found.password_stamp) == (False, account.password_stamp)
    await side.lock("ada")
    await side.a_moment_later()
    await side.directory.set_password(await side.directory.find(account.object_id), SECOND)
    found = await side.directory.authenticate("ada", SECOND)
    assert found is not None, "the failures before a new password count no more (rule 18)"
    assert not found.locked


async def test_a_temporary_access_pass_is_issued_and_the_password_stays(side: Any) -> None:
    """Another one each time. For an account that has changed since it was read there is none."""
    account = await an_entry(side)
    if Capability.TEMPORARY_ACCESS_PASS not in side.directory.capabilities:
        with pytest.raises(NotSupported):
            await side.directory.issue_temporary_access_pass(account, timedelta(minutes=30))
        return
    issued = {await side.directory.issue_temporary_access_pass(account, timedelta(minutes=30)) for _ in range(2)}
    assert len(issued) == 2
    assert await opened(side, "ada", FIRST) == account
    await side.set_enabled("ada", enabled=False)
    with pytest.raises(AccountChanged):
        await side.directory.issue_temporary_access_pass(account, timedelta(minutes=30))


async def test_what_the_directory_knows_of_a_person_is_read_as_it_stands_there(side: Any) -> None:
    """For prefill. What is absent there is empty."""
    account = await an_entry(side)
    if Capability.ATTRIBUTES not in side.directory.capabilities:
        with pytest.raises(NotSupported):
            await side.directory.attributes(account)
        return
    assert await side.directory.attributes(account) == Attributes()
    await side.describe("ada", mobile="+33639980001", mail="ada@mail.example")
    found = await side.directory.attributes(await side.directory.find(account.object_id))
    assert (found.mobile_phone, found.email) == ("+33639980001", "ada@mail.example")


def test_the_capabilities_of_each_directory_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The matrix of this run, and no directory without the word that the suite asks for."""
    modules = {name: side_of(name) for name in ("memory", *REGISTERED)}
    with capsys.disabled():
        print("\n" + f"{'':<18}" + "".join(f"{capability:<23}" for capability in Capability))
        for name, module in modules.items():
            can = ["yes" if capability in module.CAPABILITIES else "-" for capability in Capability]
            print(f"{name:<18}" + "".join(f"{word:<23}" for word in can))
    assert all(frozenset(Capability) >= module.CAPABILITIES for module in modules.values())


async def test_a_directory_has_the_capabilities_that_its_file_declares(side: Any) -> None:
    """So the matrix is true."""
    assert side.directory.capabilities == side.capabilities


@pytest.mark.parametrize("side", sides("memory", "embedded"), indirect=True)
async def test_creating_a_second_account_with_the_same_name_is_refused(side: Any) -> None:
    """The first account is unchanged."""
    account = await an_entry(side)
    with pytest.raises(NameTaken):
        await side.create("ADA", SECOND)
    assert await side.directory.authenticate("ada", FIRST) == account


@pytest.mark.parametrize("side", sides("embedded"), indirect=True)
class TestTheEmbeddedDirectory:
    """Tests that apply only to the real adapter."""

    @pytest.mark.parametrize("fault", [Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST])
    async def test_a_conflict_with_its_own_applied_password_write_is_a_success(self, side: Any, fault: Fault) -> None:
        """The hash on the row is the one just written, so the write was applied."""
        assert side.transport is not None
        account = await an_entry(side)
        side.transport.faults.append(fault)
        stamp = await side.directory.set_password(account, SECOND)
        assert (await side.directory.authenticate("ada", SECOND)).password_stamp == stamp

    async def test_a_password_write_without_a_response_is_unknown(self, side: Any) -> None:
        """It may still arrive, so it is neither a success nor a failure (rule 11)."""
        assert side.transport is not None
        account = await an_entry(side)
        side.transport.faults.append(Fault.LOST)
        with pytest.raises(DirectoryUnknown):
            await side.directory.set_password(account, SECOND)

    @pytest.mark.parametrize("name", ["", "a/b", "a\\b#?", "a'b or 1 eq 1", "\x00", "x" * 400, "\ud800"])
    async def test_no_text_that_a_person_types_reaches_a_row_key(self, side: Any, name: str) -> None:
        """Slashes, quotes, NUL, a lone surrogate: treated like any unknown name, for one hash."""
        before = side.cost
        assert await side.directory.authenticate(name, FIRST) is None
        assert side.cost - before == 1

    async def test_signing_in_costs_two_reads_for_known_and_unknown_names(self, side: Any) -> None:
        """The number of requests must not tell them apart."""
        assert side.transport is not None
        await an_entry(side)
        costs = []
        for name in ("ada", "nobody"):
            side.transport.requests.clear()
            await side.directory.authenticate(name, SECOND)
            costs.append(dict(side.transport.requests))
        assert costs[0] == costs[1] == {"GET": 2}

    async def test_no_password_is_stored_in_clear(self, side: Any) -> None:
        """Argon2id with a versioned pepper; equal passwords have different hashes, and nobody has one of its own."""
        for name in ("ada", "bob"):
            await an_entry(side, name)
        rows = [row.values async for row in side.directory.table.query("RowKey eq @r", {"r": "account"})]
        hashes = {row["password"] for row in rows}
        assert len(hashes) == 3
        assert all(stored.startswith("1$$argon2id$") for stored in hashes)
        assert FIRST not in str(rows)


@pytest.mark.parametrize("side", sides("memory", "embedded"), indirect=True)
async def test_accounts_that_are_kept_here_are_listed_a_page_at_a_time(side: Any) -> None:
    """In the order of their keys, each once, and never the entry that unknown names read."""
    made = {(await side.create(name, FIRST)).object_id for name in ("ada", "bob", "cyd", "dan", "eve")}
    found, page = [], list[Any]()
    while page := await side.directory.following(page[-1][0] if page else "", 2):
        found += page
        assert len(page) <= 2
    assert [key for key, _ in found] == sorted(key for key, _ in found)
    assert (len(found), {entry.object_id for _, entry in found}) == (len(made), made)
    assert await side.directory.held(found[0][0]) == found[0][1]
    assert await side.directory.held("a" * 52) is None
