"""Active Directory on a real domain controller of Samba: what its answers mean, and who may do what."""

import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.samba.domain import (
    ADMINISTRATORS,
    BASE,
    DECOY,
    EVERYBODY,
    FAILURES,
    OPEN_TO_ALL,
    PEOPLE,
    SECONDS,
    SERVICE,
    SERVICES,
    ticks,
)
from local.samba.server import Samba
from shared.adapters.directories.ldap.active_directory import ActiveDirectory
from shared.adapters.directories.ldap.ad import domain
from shared.adapters.directories.ldap.link import Link
from shared.adapters.system import SystemClock
from shared.domain.account import PROTECTED, PasswordState
from shared.domain.roles import Role
from shared.ports.directory import AccountChanged, DirectoryLost, PasswordNotTaken, WrongPassword
from tests.samba import DISABLED, DomainHand, ada, found, running_domain
from tests.slapd import binds, reached, written

pytestmark = pytest.mark.integration

FIRST, SECOND, THIRD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra", "copper meadow signal walnut"
NO_HOURS = bytes(21)


@pytest.fixture
def directory(in_domain: ActiveDirectory) -> ActiveDirectory:
    return in_domain


@pytest.fixture
def hand(domain_hand: DomainHand) -> DomainHand:
    return domain_hand


# -- what a password is good for --


@pytest.mark.parametrize(
    ("account", "state"),
    [
        ({}, PasswordState.FINE),
        ({"pwdLastSet": "0"}, PasswordState.MUST_CHANGE),
        ({}, PasswordState.EXPIRED),
        ({"userAccountControl": DISABLED}, None),
        ({"accountExpires": "132000000000000000"}, None),
        ({"logonHours": NO_HOURS}, None),
    ],
    ids=["fine", "must change 773", "expired 532", "disabled 533", "account expired 701", "hours 530"],
)
async def test_what_a_password_is_good_for_is_told_for_the_right_one_alone(
    directory: ActiveDirectory, hand: DomainHand, account: dict[str, Any], state: PasswordState | None
) -> None:
    """One that must be changed or has expired can be changed, with the current one and within the rules."""
    await ada(directory, hand)
    hand.put("ada", **account)
    if state is PasswordState.EXPIRED:
        hand.expire("ada")
    assert await directory.authenticate("ada", SECOND) is None
    signed_in = await directory.authenticate("ada", FIRST)
    assert (signed_in and signed_in.password_state) == state
    entry = await found(directory)
    assert entry.enabled == (state is not None or "logonHours" in account)
    if signed_in is None:
        with pytest.raises(WrongPassword):
            await directory.change_password(entry, FIRST, SECOND)
        return
    with pytest.raises(WrongPassword):
        await directory.change_password(signed_in, SECOND, THIRD)
    with pytest.raises(PasswordNotTaken):
        await directory.change_password(signed_in, FIRST, FIRST)
    assert await directory.change_password(signed_in, FIRST, SECOND)
    changed = await directory.authenticate("ada", SECOND)
    assert changed is not None
    assert changed.password_state is PasswordState.FINE


@pytest.mark.parametrize(
    ("by", "policy", "password", "reasons"),
    [
        ("reset", {}, "too short", ("domain_rules", "length")),
        ("reset", {"pwdProperties": "1"}, THIRD, ("domain_rules", "quality")),
        ("change", {}, "too short", ("domain_rules", "length", "in_history")),
        ("change", {}, FIRST, ("domain_rules", "in_history")),
        ("change", {"minPwdAge": ticks(3600)}, THIRD, ("domain_rules", "in_history", "too_young")),
    ],
)
async def test_a_refusal_comes_with_the_rules_as_they_were_read(
    samba: Samba, hand: DomainHand, by: str, policy: dict[str, str], password: str, reasons: tuple[str, ...]
) -> None:
    """The server has one error for all of them. Nothing is written, and a lock stays."""
    hand.add("ada", FIRST)
    hand.set_password("ada", SECOND)
    hand.policy(**policy)
    async with reached(samba) as directory:
        with pytest.raises(PasswordNotTaken) as refused:
            await written(directory, by, await found(directory), password, current=SECOND)
        assert refused.value.reasons == reasons
        assert binds(directory, SECOND) == 0
        for _ in range(FAILURES):
            binds(directory, "wrong")
        if by == "reset":
            with pytest.raises(PasswordNotTaken):
                await directory.set_password(await found(directory), password)
        assert (await found(directory)).locked


async def test_a_reset_is_one_step_after_which_the_person_signs_in(
    directory: ActiveDirectory, hand: DomainHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends a lock and the obligation to choose again. History applies where the server takes policy hints alone."""
    entry = await ada(directory, hand)
    hand.put("ada", pwdLastSet="0")
    for _ in range(FAILURES):
        binds(directory, "wrong")
    sent: list[tuple[Any, ...]] = []
    modify = Link.modify
    monkeypatch.setattr(Link, "modify", lambda link, *given: sent.append(given) or modify(link, *given))
    await directory.set_password(entry, SECOND)
    assert [len(changes) for _, changes, _ in sent] == [3]
    assert sent[0][2] == []
    signed_in = await directory.authenticate("ada", SECOND)
    assert signed_in is not None
    assert (signed_in.password_state, signed_in.locked) == (PasswordState.FINE, False)
    assert await directory.set_password(signed_in, FIRST)  # used before
    directory.policies.takes_hints = True
    with pytest.raises(DirectoryLost):  # Samba does not know the control, and it is critical
        await directory.set_password(await found(directory), THIRD)
    assert sent[-1][2] == [("1.2.840.113556.1.4.2239", True, bytes.fromhex("3003020101"))]
    assert binds(directory, FIRST) == 0


async def test_the_stamp_moves_with_the_password_and_not_with_its_date(
    directory: ActiveDirectory, hand: DomainHand
) -> None:
    """An obligation to choose again keeps it. Two passwords with that obligation have two, though the date stays 0."""
    stamps = [(await ada(directory, hand)).password_stamp]
    for change in ({"pwdLastSet": "0"}, {"pwdLastSet": "-1"}, {"mobile": "+33639980001"}):
        hand.put("ada", **change)
        assert (await found(directory)).password_stamp == stamps[0]
    for _ in range(3):
        hand.set_password("ada", SECOND, pwdLastSet="0")
        entry = await found(directory)
        stamps.append(entry.password_stamp)
        assert abs((SystemClock().now() - entry.password_changed_at).total_seconds()) < 120
    assert len(set(stamps)) == 4


async def test_what_is_replaced_may_still_sign_in_for_a_while_and_changes_nothing(hand: DomainHand) -> None:
    """Domains let the password before sign in for an hour at some doors. It is not the one that a change asks for."""
    del hand
    with tempfile.TemporaryDirectory() as folder, running_domain(Path(folder), old_password_minutes=60) as samba:
        by_hand = DomainHand(samba)
        async with reached(samba) as directory:
            entry = await ada(directory, by_hand)
            await directory.set_password(entry, SECOND)
            assert binds(directory, FIRST) == 0
            with pytest.raises(WrongPassword):
                await directory.change_password(await found(directory), FIRST, THIRD)
            assert await directory.change_password(await found(directory), SECOND, THIRD)
        by_hand.connection.unbind()


async def test_the_day_on_which_a_password_expires_is_the_directorys_own(
    directory: ActiveDirectory, hand: DomainHand
) -> None:
    """By the policy of the domain, or a fine-grained one. None where it does not, or must be changed at once."""
    assert (await ada(directory, hand)).password_expires_at is None
    hand.policy(maxPwdAge=ticks(30 * 86400))
    entry = await found(directory)
    assert entry.password_expires_at == entry.password_changed_at + timedelta(days=30)
    hand.fine_policy("ada", MaximumPasswordAge=ticks(60 * 86400))
    assert (await found(directory)).password_expires_at == entry.password_changed_at + timedelta(days=60)
    hand.must_change("ada")
    assert (await found(directory)).password_expires_at is None


# -- locks --


async def test_no_account_is_locked_by_sign_ins_here(directory: ActiveDirectory, hand: DomainHand) -> None:
    """Also where some failures come from elsewhere: two are left for the person."""
    await ada(directory, hand)
    assert binds(directory, "wrong") == 49
    for _ in range(2 * FAILURES):
        assert await directory.authenticate("ada", "wrong") is None
    assert hand.read("ada")["badPwdCount"] == [str(FAILURES - 2).encode()]
    assert await directory.authenticate("ada", FIRST) is None  # as at a wrong one, until a reset or a success elsewhere
    assert binds(directory, FIRST) == 0
    assert await directory.authenticate("ada", FIRST)


async def test_the_lockout_is_that_of_the_strictest_policy_and_fine_grained_ones_are_read(
    samba: Samba, hand: DomainHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rules hold for whom it is applied to. Where nothing can be read, a strict one is taken."""
    async with reached(samba) as directory:
        assert await rate_of(directory) == (FAILURES, SECONDS)
    hand.add("ada", FIRST)
    strict = {"MinimumPasswordLength": "40", "LockoutThreshold": "4", "LockoutObservationWindow": ticks(7200)}
    hand.fine_policy("ada", **strict, LockoutDuration=ticks(7200))
    async with reached(samba) as directory:
        assert await rate_of(directory) == (4, 7200)
        with pytest.raises(PasswordNotTaken) as refused:
            await directory.set_password(await found(directory), SECOND)
        assert refused.value.reasons == ("domain_rules", "length")
    async with reached(samba, lockout="3/60") as directory:
        assert await rate_of(directory) == (3, 60)
    monkeypatch.setattr(domain, "ROOT", ())
    async with reached(samba) as directory:
        assert await rate_of(directory) == (5, 86400)
        assert not directory.policies_are_readable


async def rate_of(directory: ActiveDirectory) -> tuple[int, float]:
    rate = await directory.lockout()
    assert rate is not None
    return rate.limit, rate.period.total_seconds()


# -- rights --


async def test_rights_come_from_nested_groups_and_from_what_the_domain_protects(
    directory: ActiveDirectory, hand: DomainHand
) -> None:
    """Both are privileged. A protected account may do nothing here that others may not."""
    entry = await ada(directory, hand)
    inner = f"CN=inner,{SERVICES}"
    hand.connection.add(inner, ["group"], {"sAMAccountName": "inner", "member": hand.dn_of("ada")})
    try:
        assert (await found(directory)).roles == frozenset()
        hand.change(ADMINISTRATORS, member=inner)
        assert (await found(directory)).roles == {Role.ADMINISTRATOR}
        # Samba never marks a new member with `adminCount`, and Windows only within the hour.
        hand.change(f"CN=Backup Operators,CN=Builtin,{BASE}", member=inner)
        assert (await found(directory)).roles == {Role.ADMINISTRATOR, PROTECTED}
    finally:
        hand.connection.delete(inner)
    hand.put("ada", adminCount="1")
    protected = await found(directory)
    assert (protected.roles, protected.is_privileged) == ({PROTECTED}, True)
    with pytest.raises(AccountChanged):
        await directory.set_password(entry, SECOND)


@pytest.mark.parametrize(
    ("name", "is_open", "refused"),
    [("ada", True, DirectoryLost), ("administrator", True, DirectoryLost), ("ada", False, AccountChanged)],
    ids=["outside", "protected", "unreadable"],
)
async def test_an_account_that_was_not_delegated_is_refused_and_nothing_is_written(
    samba: Samba, hand: DomainHand, name: str, is_open: bool, refused: type[Exception]
) -> None:
    """Another subtree, or an account that the domain protects. Where it cannot even be read, it counts as disabled."""
    hand.change(OPEN_TO_ALL, member=EVERYBODY if is_open else "")
    async with reached(samba, base_dn=BASE) as directory:
        entry = await ada(directory, hand)
        hand.connection.modify_dn(hand.dn_of("ada"), "CN=ada", new_superior=SERVICES)
        try:
            assert await directory.find(entry.object_id)  # it was moved, and is the same account
            asked = await found(directory, name)
            assert asked.enabled == is_open
            assert asked.is_privileged == (name == "administrator")
            before = hand.dump()
            with pytest.raises(DirectoryLost):
                await directory.set_password(asked, SECOND)
            with pytest.raises(refused):
                await directory.unlock(asked)
            assert hand.dump() == before
        finally:
            hand.connection.delete(f"CN=ada,{SERVICES}")
            hand.change(OPEN_TO_ALL, member="")


async def test_the_service_account_writes_passwords_dates_and_locks_alone(
    directory: ActiveDirectory, hand: DomainHand
) -> None:
    """It reads no hash, disables nobody and sets no other password; the dump shows what it wrote."""
    entry = await ada(directory, hand, mail="ada@example.org")
    before = hand.dump()
    await directory.set_password(entry, SECOND)
    for _ in range(FAILURES):
        binds(directory, "wrong")
    await directory.unlock(await found(directory))
    after = hand.dump()
    changed = {
        (dn, name) for dn in after for name in {*before[dn], *after[dn]} if before[dn].get(name) != after[dn].get(name)
    }
    assert {dn for dn, _ in changed} == {hand.dn_of("ada")}
    of_the_server = {"badPasswordTime", "badPwdCount", "whenChanged", "uSNChanged"}
    assert {name for _, name in changed} <= {"pwdLastSet", "lockoutTime", *of_the_server}
    options = directory.options
    with closing(Link(options.servers[0], options.authority)) as link:
        link.bind(SERVICE, options.bind_password)
        for attribute in ("mail", "userAccountControl"):
            assert link.remove(hand.dn_of("ada"), attribute).code == 50
        replace = {"unicodePwd": [("MODIFY_REPLACE", ['"another long one"'.encode("utf-16-le")])]}
        assert link.modify(DECOY, replace).code == 50
        secrets = ["unicodePwd", "ntPwdHistory", "supplementalCredentials"]
        raw = link.search(PEOPLE, "(sAMAccountName=ada)", secrets, most=1)[0]
        assert not any(map(raw.octets, secrets))
