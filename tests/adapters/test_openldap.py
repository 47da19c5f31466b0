"""OpenLDAP on a real slapd: what its answers mean, and whom a name leads to."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta

import ldap3
import pytest

from local.slapd.entries import AUDITORS, DECOY, FAILURES, HELPDESK, PEOPLE, POLICIES, SERVICE
from local.slapd.server import Slapd
from shared.adapters.directories.ldap.link import Link
from shared.adapters.directories.ldap.openldap import OpenLdapDirectory
from shared.adapters.system import SystemClock
from shared.domain.account import DirectoryEntry, PasswordState
from shared.ports.directory import AccountChanged, DirectoryLost, PasswordNotTaken, WrongPassword
from tests.slapd import DISABLED, Hand, a_directory, a_moment_later, binds, reached, written

pytestmark = pytest.mark.integration

FIRST, SECOND, THIRD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra", "copper meadow signal walnut"
ADA = f"uid=ada,{PEOPLE}"
ELSEWHERE = POLICIES.replace("policies", "groups")


@pytest.fixture
async def directory(slapd: Slapd) -> AsyncIterator[OpenLdapDirectory]:
    made = a_directory(slapd, SystemClock(), names="uid,mail")
    yield made
    await made.close()


async def ada(directory: OpenLdapDirectory, hand: Hand, **attributes: str) -> DirectoryEntry:
    hand.add("ada", FIRST, **attributes)
    entry = await directory.resolve("ada")
    assert entry is not None
    return entry


# -- what the policy says --


@pytest.mark.parametrize(
    ("by", "policy", "password", "reason"),
    [
        ("reset", {}, "too short", "length"),
        ("reset", {}, FIRST, "in_history"),
        ("reset", {"pwdMinAge": "3600"}, THIRD, "too_young"),
        ("reset", {}, "{SSHA}0123456789abcdefghijklmnopqrstuv", "quality"),
        ("change", {}, "too short", "length"),
        ("change", {}, FIRST, "in_history"),
        ("change", {"pwdMinAge": "3600"}, THIRD, "too_young"),
        ("change", {}, "{SSHA}0123456789abcdefghijklmnopqrstuv", "quality"),
        ("change", {"pwdAllowUserChange": "FALSE"}, THIRD, "not_changeable"),
    ],
)
async def test_a_refusal_by_the_policy_has_a_stable_reason(
    directory: OpenLdapDirectory, hand: Hand, by: str, policy: dict[str, str], password: str, reason: str
) -> None:
    """Nothing is written. The policy applies to resets too, because the service account has no right to manage."""
    await directory.set_password(await ada(directory, hand), SECOND)
    hand.policy(**policy)
    entry = await directory.resolve("ada")
    assert entry is not None
    with pytest.raises(PasswordNotTaken) as refused:
        await written(directory, by, entry, password, current=SECOND)
    assert refused.value.reasons == (reason,)
    assert binds(directory, SECOND) == 0


async def test_a_policy_that_asks_for_the_old_password_leaves_only_the_change(
    directory: OpenLdapDirectory, hand: Hand
) -> None:
    """pwdSafeModify: nothing is written by a reset, and that is no fault of the password."""
    entry = await ada(directory, hand)
    hand.policy(pwdSafeModify="TRUE")
    with pytest.raises(DirectoryLost):
        await directory.set_password(entry, SECOND)
    assert await directory.change_password(entry, FIRST, SECOND)


@pytest.mark.parametrize("state", [PasswordState.EXPIRED, PasswordState.MUST_CHANGE])
async def test_what_a_password_is_good_for_is_told_for_the_right_one_alone(
    directory: OpenLdapDirectory, hand: Hand, state: PasswordState
) -> None:
    """And it can be changed then, within the policy."""
    entry = await ada(directory, hand)
    await directory.set_password(entry, SECOND)
    if state is PasswordState.EXPIRED:
        hand.policy(pwdMaxAge="1")
        a_moment_later()
        a_moment_later()
    else:
        hand.put("ada", pwdReset="TRUE")
    assert await directory.authenticate("ada", FIRST) is None
    found = await directory.authenticate("ada", SECOND)
    assert found is not None
    assert found.password_state is state
    with pytest.raises(WrongPassword):
        await directory.change_password(found, FIRST, THIRD)
    with pytest.raises(PasswordNotTaken):
        await directory.change_password(found, SECOND, FIRST)
    await directory.change_password(found, SECOND, THIRD)
    hand.policy(pwdMaxAge="")
    changed = await directory.authenticate("ada", THIRD)
    assert changed is not None
    assert changed.password_state is PasswordState.FINE


async def test_a_reset_is_no_reason_to_choose_again(directory: OpenLdapDirectory, hand: Hand) -> None:
    """The person chose the password. A reset also ends a lock and an obligation to change."""
    entry = await ada(directory, hand)
    hand.put("ada", pwdReset="TRUE")
    for _ in range(FAILURES):
        binds(directory, "wrong")
    assert await directory.set_password(entry, SECOND)
    found = await directory.authenticate("ada", SECOND)
    assert found is not None
    assert (found.password_state, found.locked) == (PasswordState.FINE, False)


@pytest.mark.parametrize(
    ("days", "services", "named", "default_policy_dn", "expires"),
    [
        (30, 0, "", f"cn=default,{POLICIES}", 30),
        (0, 30, "", f"cn=default,{POLICIES}", None),
        (30, 0, "", "", None),  # which policy holds cannot be read
        (30, 30, "", "", 30),  # and need not be
        (30, 60, f"cn=services,{POLICIES}", f"cn=default,{POLICIES}", 60),
        (30, 30, f"cn=gone,{POLICIES}", f"cn=default,{POLICIES}", 30),
    ],
)
async def test_the_day_on_which_a_password_expires_is_that_of_its_policy(
    slapd: Slapd, hand: Hand, days: int, services: int, named: str, default_policy_dn: str, expires: int | None
) -> None:
    """None where it is not certain."""
    hand.policy(pwdMaxAge=str(days * 86400))
    hand.change(f"cn=services,{POLICIES}", pwdMaxAge=str(services * 86400))
    async with reached(slapd, default_policy_dn=default_policy_dn, mail_domains="example.org, b.example") as directory:
        entry = await ada(directory, hand)
        assert entry.mail_domains == {"example.org", "b.example"}
        await directory.set_password(entry, SECOND)
        if named:
            hand.put("ada", pwdPolicySubentry=named)
        found = await directory.find(entry.object_id)
    assert found is not None
    assert found.password_expires_at == (found.password_changed_at + timedelta(days=expires) if expires else None)


# -- locks --


async def test_no_account_is_locked_by_sign_ins_here(directory: OpenLdapDirectory, hand: Hand) -> None:
    """Also where failures count for ever, and where some come from elsewhere: two are left for the person."""
    await ada(directory, hand)
    hand.policy(pwdFailureCountInterval="0")
    assert binds(directory, "wrong") == 49
    for _ in range(2 * FAILURES):
        assert await directory.authenticate("ada", "wrong") is None
    assert len(hand.read("ada")["pwdFailureTime"]) == FAILURES - 2
    assert "pwdAccountLockedTime" not in hand.read("ada")
    assert await directory.authenticate("ada", FIRST) is None  # as at a wrong one, until a reset or a success elsewhere
    assert binds(directory, FIRST) == 0
    assert await directory.authenticate("ada", FIRST)


async def test_the_lockout_is_that_of_the_strictest_policy(slapd: Slapd, hand: Hand) -> None:
    """The settings can say it instead. Where it cannot be read it is taken for a strict one."""
    for changes, expected in (
        ({}, (FAILURES, 900)),
        ({"lockout": "3/60"}, (3, 60)),
        ({"policies_dn": DECOY}, (5, 86400)),
    ):
        async with reached(slapd, **changes) as directory:
            rate = await directory.lockout()
            assert rate is not None
            assert (rate.limit, rate.period.total_seconds()) == expected
    async with reached(slapd, lockout="never") as directory:
        assert await directory.lockout() is None
    hand.policy(pwdLockout="FALSE")
    async with reached(slapd) as directory:
        assert await directory.lockout() is None


@pytest.mark.parametrize(("group", "role"), [(HELPDESK, "helpdesk"), (AUDITORS, "auditor")])
async def test_a_role_and_the_groups_of_a_scope_are_those_of_now(
    directory: OpenLdapDirectory, hand: Hand, group: str, role: str
) -> None:
    """The server keeps `memberOf`. Out of the group, both have ended."""
    entry = await ada(directory, hand)
    for members, wanted in (([SERVICE, ADA], ({role}, [group])), ([SERVICE], (set(), []))):
        hand.connection.modify(group, {"member": [(ldap3.MODIFY_REPLACE, members)]})
        now = await directory.find(entry.object_id)
        assert now is not None
        assert (now.roles, list((await directory.attributes(now)).groups)) == wanted


async def test_an_administrators_lock_is_ended_neither_by_a_reset_nor_by_an_unlock(
    directory: OpenLdapDirectory, hand: Hand
) -> None:
    """The server would take a new password for the end of every lock, so the entry is looked at first."""
    entry = await ada(directory, hand)
    hand.put("ada", pwdAccountLockedTime=DISABLED)
    for write in (directory.set_password(entry, SECOND), directory.unlock(entry)):
        with pytest.raises(AccountChanged):
            await write
    disabled = await directory.find(entry.object_id)
    assert disabled is not None
    assert not disabled.enabled
    with pytest.raises(AccountChanged):
        await directory.unlock(disabled)
    assert hand.read("ada")["pwdAccountLockedTime"] == [DISABLED.encode()]


@pytest.mark.parametrize("when", [{"pwdStartTime": "20990101000000Z"}, {"pwdEndTime": "20200101000000Z"}])
async def test_an_account_has_a_beginning_and_an_end(
    directory: OpenLdapDirectory, hand: Hand, when: dict[str, str]
) -> None:
    """Outside of them it is disabled."""
    await ada(directory, hand)
    hand.put("ada", **when)
    entry = await directory.resolve("ada")
    assert entry is not None
    assert not entry.enabled


# -- names and entries --

HOSTILE = [
    "*",
    "a*",
    "ada)(objectClass=*",
    "\\61da",
    "ada\\00",
    "ada\x00",
    "ada)(|(uid=*",
    "uid=ada",
    "",
    "(",
    "é" * 200,
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_character_of_a_name_is_part_of_a_filter(directory: OpenLdapDirectory, hand: Hand, name: str) -> None:
    """They lead to nobody (R-96)."""
    await ada(directory, hand)
    assert await directory.resolve(name) is None
    assert await directory.authenticate(name, FIRST) is None


async def test_a_name_of_two_entries_leads_to_nobody_and_the_other_names_stay(
    directory: OpenLdapDirectory, hand: Hand
) -> None:
    """Ada and Bob share an address. The name is neither's, and no entry gives it away (rule 8)."""
    entry = await ada(directory, hand, mail="team@example.org")
    assert entry.names == ("ada", "team@example.org")
    assert await directory.authenticate("TEAM@example.org", FIRST)
    hand.add("bob", FIRST, mail="team@example.org")
    assert await directory.resolve("team@example.org") is None
    assert await directory.authenticate("team@example.org", FIRST) is None
    found = await directory.resolve("ada")
    assert found is not None
    assert (found.names, found.shared_names) == (("ada",), ("team@example.org",))


@pytest.mark.parametrize(("uid", "another"), [("straße", "strasse"), ("νικος", "ΝΙΚΟΣ.")])
async def test_a_name_is_found_by_its_canonical_form_although_the_server_folds_less(
    directory: OpenLdapDirectory, hand: Hand, uid: str, another: str
) -> None:
    """A change of a password asks by it. An entry that has the same form makes it nobody's (rule 8)."""
    hand.add(uid, FIRST)
    found = await directory.resolve(uid)
    assert found is not None
    assert found.names[0] != uid
    assert await directory.authenticate(found.names[0], FIRST) == found
    hand.add(another, FIRST)
    assert (await directory.resolve(found.names[0]) is None) == (another == "strasse")


async def test_an_entry_is_followed_by_its_id_and_not_by_its_name(directory: OpenLdapDirectory, hand: Hand) -> None:
    """Renamed, it is the same account. Out of the people's subtree, or made again by the same name, it is not."""
    entry = await ada(directory, hand)
    hand.connection.modify_dn(ADA, "uid=augusta")
    renamed = await directory.find(entry.object_id)
    assert renamed is not None
    assert renamed.names == ("augusta",)
    await directory.set_password(entry, SECOND)
    assert binds(directory, SECOND, "augusta") == 0

    hand.connection.modify_dn(f"uid=augusta,{PEOPLE}", "uid=augusta", new_superior=ELSEWHERE)
    assert await directory.find(entry.object_id) is None
    hand.connection.delete(f"uid=augusta,{ELSEWHERE}")

    again = await ada(directory, hand)
    assert again.object_id != entry.object_id
    with pytest.raises(AccountChanged):
        await directory.set_password(entry, THIRD)
    assert binds(directory, FIRST) == 0


async def test_an_unknown_name_costs_the_same_requests(
    directory: OpenLdapDirectory, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For both methods that take a name (A-02). Requests are counted, and the kinds of them."""
    await ada(directory, hand, mail="ada@example.org")
    made: list[str] = []

    def counted(kind: str) -> None:
        real = getattr(Link, kind)
        monkeypatch.setattr(Link, kind, lambda *given, **more: made.append(kind) or real(*given, **more))

    counted("search")
    counted("bind")
    costs = set()
    for name in ("ada", "ada@example.org", "nobody", "*", "x" * 400):
        made.clear()
        await directory.resolve(name)
        await directory.authenticate(name, "wrong")
        costs.add(tuple(made))
    assert len(costs) == 1


PASSWORDS = ["e\u0301tincelle \u00aa \ufb01n", " blanks at both ends ", 'quo"te\\back\u20ac slash']


@pytest.mark.parametrize("password", PASSWORDS)
async def test_a_password_reaches_the_server_as_it_was_typed(
    directory: OpenLdapDirectory, hand: Hand, password: str
) -> None:
    """No letter is changed, composed or cut (R-44). An empty one is never sent: the server would let it in."""
    await directory.set_password(await ada(directory, hand), password)
    assert binds(directory, password) == 0
    assert await directory.authenticate("ada", password)
    assert await directory.authenticate("ada", "") is None


async def test_the_service_account_writes_passwords_and_locks_alone(directory: OpenLdapDirectory, hand: Hand) -> None:
    """It reads no hash, writes no other attribute and sets no other password; the dump shows what it wrote."""
    entry = await ada(directory, hand, mail="ada@example.org")
    before = hand.dump()
    await directory.set_password(entry, SECOND)
    for _ in range(FAILURES):
        binds(directory, "wrong")
    locked = await directory.find(entry.object_id)
    assert locked is not None
    await directory.unlock(locked)
    after = hand.dump()
    changed = {
        (dn, name) for dn in after for name in {*before[dn], *after[dn]} if before[dn].get(name) != after[dn].get(name)
    }
    assert {dn for dn, _ in changed} == {ADA}
    written_by_the_server = {"pwdHistory", "pwdChangedTime", "modifyTimestamp", "modifiersName", "entryCSN"}
    assert {name for _, name in changed} <= {"userPassword", *written_by_the_server}
    with closing(Link(directory.options.servers[0], directory.options.authority)) as link:
        link.bind(SERVICE, directory.options.bind_password)
        assert link.remove(ADA, "mail").code == 50
        assert link.set_password(DECOY, THIRD).code == 50
        assert link.search(PEOPLE, "(uid=ada)", ["userPassword", "pwdHistory"], most=1)[0].all("userPassword") == []
