"""Microsoft Entra on the stand-in: whom a name leads to, who manages a password, and what Graph's answers mean."""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from local.entra import tenant as right
from local.entra.faults import Fault
from local.entra.tenant import GLOBAL_ADMINISTRATOR
from shared.adapters.directories.entra.directory import EntraDirectory
from shared.adapters.directories.entra.options import options_from
from shared.domain.account import DirectoryEntry, ManagedBy, ObjectId
from shared.ports.directory import (
    AccountChanged,
    Attributes,
    DirectoryLost,
    DirectoryUnknown,
    PasswordNotTaken,
)
from tests.entra import Hand, reached

FIRST, SECOND = "Lantern orbit cobalt thicket", "Velvet harbour mosaic tundra"
ADA = "ada@sesame.example"
GROUP = "0f0f0f0f-1111-4222-8333-444444444444"
HALF_AN_HOUR = dt.timedelta(minutes=30)
Reached = tuple[EntraDirectory, Hand]


@pytest.fixture
async def entra(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reached]:
    async with reached(monkeypatch, administrators=GROUP) as both:
        yield both


async def ada(entra: Reached, **known: Any) -> DirectoryEntry:
    directory, hand = entra
    hand.add(ADA, FIRST, **known)
    entry = await directory.resolve(ADA)
    assert entry is not None
    return entry


# -- whom a name leads to --


@pytest.mark.parametrize(
    ("typed", "leads"),
    [
        ("ADA@sesame.example", True),
        ("ada.lovelace@sesame.example", True),
        ("o'neil@sesame.example", False),
        ("nobody' or userPrincipalName eq 'ada@sesame.example", False),
        ("x') or startswith(mail,'a", False),
        ("ada@sesame.example/../x", False),
        ("ada@sesame.example&$select=id#", False),
    ],
)
async def test_a_name_is_a_literal_and_leads_to_one_user(entra: Reached, typed: str, leads: bool) -> None:
    """By userPrincipalName or mail. What is typed is never part of the question."""
    account = await ada(entra, mail="Ada.Lovelace@sesame.example")
    found = await entra[0].resolve(typed)
    assert found == (account if leads else None)
    assert account.names == (ADA, "ada.lovelace@sesame.example")
    assert account.mail_domains == {"sesame.example"}


async def test_a_name_of_two_users_is_nobodys_and_other_names_stay(entra: Reached) -> None:
    """Also where it is the name of the one and the address of the other (rule 8). A quote in a name does no harm."""
    directory, hand = entra
    account = await ada(entra)
    other = hand.add("o'neil@sesame.example", FIRST, mail=ADA)
    assert await directory.resolve(ADA) is None
    found = await directory.resolve("O'Neil@sesame.example")
    assert found is not None
    assert (found.object_id, found.names, found.shared_names) == (other.id, ("o'neil@sesame.example",), (ADA,))
    assert await directory.find(account.object_id) is None  # no name is left that leads to it alone


async def test_an_address_with_a_sharp_s_is_not_that_of_another(entra: Reached) -> None:
    """Both have one canonical form, so it is nobody's. Alone, it is found by either spelling (rule 8)."""
    directory, hand = entra
    account = await ada(entra, mail="Straße@sesame.example")
    spellings = ("straße@sesame.example", "strasse@sesame.example")
    assert [await directory.resolve(name) for name in spellings] == [account, account]
    hand.add("eve@sesame.example", FIRST, mail="strasse@sesame.example")
    assert [await directory.resolve(name) for name in spellings] == [None, None]


async def test_an_account_is_known_by_its_id_alone(entra: Reached) -> None:
    """Graph takes a name in the place of an id. A new account with an old name is another one; a renamed one is not."""
    directory, hand = entra
    account = await ada(entra)
    assert await directory.find(ObjectId(ADA)) is None
    hand.tenant.users[0].name = "ada.byron@sesame.example"
    renamed = await directory.find(account.object_id)
    assert renamed is not None
    assert renamed.names == ("ada.byron@sesame.example",)
    hand.tenant.users.clear()
    assert (await ada(entra)).object_id != account.object_id


@pytest.mark.parametrize(
    ("state", "managed_by", "roles"),
    [
        ({}, ManagedBy.THIS_DIRECTORY, set()),
        ({"synced": True}, ManagedBy.ON_PREMISES, set()),
        ({"guest": True}, ManagedBy.ANOTHER_ORGANISATION, set()),
        ({"federated": True}, ManagedBy.ANOTHER_ORGANISATION, set()),
        ({"roles": frozenset({GLOBAL_ADMINISTRATOR})}, ManagedBy.ADMINISTRATORS, {"protected"}),
        ({"groups": (GROUP.upper(),)}, ManagedBy.THIS_DIRECTORY, {"administrator"}),
        ({"groups": tuple(f"group {n}" for n in range(1000))}, ManagedBy.THIS_DIRECTORY, {"protected"}),
    ],
    ids=["ours", "synchronised", "guest", "federated", "role", "our administrator", "more groups than a page"],
)
async def test_who_manages_a_password_is_told_apart_and_only_our_own_are_set(
    entra: Reached, state: dict[str, Any], managed_by: ManagedBy, roles: set[str]
) -> None:
    """Others are not even tried. Whoever has any role in the directory is privileged, and gets no pass either."""
    directory, hand = entra
    account = await ada(entra, **state)
    assert (account.managed_by, account.roles) == (managed_by, roles)
    if managed_by is ManagedBy.THIS_DIRECTORY:
        await directory.set_password(account, SECOND)
        assert hand.tenant.users[0].password == SECOND
    else:
        with pytest.raises(AccountChanged):
            await directory.set_password(account, SECOND)
        assert hand.asked("PATCH") == []
    if roles or managed_by is ManagedBy.ANOTHER_ORGANISATION:
        with pytest.raises(AccountChanged):
            await directory.issue_temporary_access_pass(account, HALF_AN_HOUR)
        assert hand.tenant.users[0].passes == []


# -- what an answer to a write means --


@pytest.mark.parametrize("password", ["Short1!", "x" * 8 + "Y" * 249, "only small letters", "My Sesame is banned 1"])
async def test_what_the_policy_of_the_tenant_refuses_is_a_refused_password(entra: Reached, password: str) -> None:
    """Every 400 is: complexity, length and banned words are not told apart. Nothing is written."""
    directory, hand = entra
    account = await ada(entra)
    with pytest.raises(PasswordNotTaken) as refused:
        await directory.set_password(account, password)
    assert refused.value.reasons == ("directory_policy",)
    assert hand.tenant.users[0].password == FIRST


NO_ANSWER = (Fault.DROP, Fault.APPLIED_THEN_DROP, Fault.UNAVAILABLE, Fault.UNAVAILABLE_FOR, Fault.FAILED, Fault.GARBLED)


@pytest.mark.parametrize("write", ["password", "pass"])
@pytest.mark.parametrize("fault", [*NO_ANSWER, Fault.THROTTLED, Fault.THROTTLED_UNTIL, Fault.THROTTLED_SILENTLY])
async def test_a_write_is_sent_once_whatever_becomes_of_it(entra: Reached, write: str, fault: Fault) -> None:
    """429 was not carried out. Without an answer, and after a failure of the server, it may have been (rule 11)."""
    directory, hand = entra
    account = await ada(entra)
    method, target = ("PATCH", "/users/") if write == "password" else ("POST", "temporaryAccessPassMethods")
    hand.fault(method, target, fault, times=2)
    is_throttled = fault.name.startswith("THROTTLED")
    act = (
        directory.set_password(account, SECOND)
        if write == "password"
        else directory.issue_temporary_access_pass(account, HALF_AN_HOUR)
    )
    with pytest.raises(DirectoryLost if is_throttled else DirectoryUnknown) as told:
        await act
    assert len(hand.asked(method)) == 1
    if is_throttled:
        assert told.value.retry_after == (7 if fault is Fault.THROTTLED else 1)  # type: ignore[attr-defined]
    applied = fault in {Fault.APPLIED_THEN_DROP, Fault.FAILED, Fault.GARBLED}
    user = hand.tenant.users[0]
    assert (user.password == SECOND, bool(user.passes)) == (
        applied and write == "password",
        applied and write == "pass",
    )


async def test_a_write_that_is_slower_than_the_deadline_is_in_doubt(
    entra: Reached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline holds for everything that one call asks. What follows the write is cut, and the write stands."""
    directory, hand = entra
    monkeypatch.setattr("local.entra.graph.SLOW_SECONDS", 1.0)
    monkeypatch.setattr("shared.adapters.directories.entra.graph.DEADLINE_SECONDS", 0.5)
    account = await ada(entra)
    hand.fault("POST", "revokeSignInSessions", Fault.SLOW)
    assert await directory.set_password(account, SECOND) != ""
    assert hand.tenant.users[0].password == SECOND
    changed = await directory.find(account.object_id)
    assert changed is not None
    hand.fault("PATCH", "/users/", Fault.SLOW)
    with pytest.raises(DirectoryUnknown):
        await directory.set_password(changed, FIRST)
    assert hand.tenant.users[0].password == FIRST
    hand.fault("GET", "/users", Fault.SLOW, times=9)
    for read in (directory.resolve(ADA), directory.find(account.object_id)):
        with pytest.raises(DirectoryLost):
            await read


@pytest.mark.parametrize(
    ("missing", "act", "needed"),
    [
        (right.FIND, "resolve", "User.Read.All"),
        (right.FIND, "find", "User.Read.All"),
        (right.SET_PASSWORD, "set_password", "User-PasswordProfile.ReadWrite.All"),
        (right.USER_ADMINISTRATOR, "set_password", "the directory role User Administrator"),
        (right.ISSUE_PASS, "pass", "UserAuthMethod-TAP.ReadWrite.All"),
    ],
)
async def test_a_missing_right_is_named_in_the_log_and_nothing_is_written(
    entra: Reached, caplog: pytest.LogCaptureFixture, missing: str, act: str, needed: str
) -> None:
    """403: the person may try again, and the operator reads what to grant."""
    directory, hand = entra
    account = await ada(entra)
    hand.tenant.permissions -= {missing}
    hand.tenant.roles -= {missing}
    acts = {
        "resolve": lambda: directory.resolve(ADA),
        "find": lambda: directory.find(account.object_id),
        "set_password": lambda: directory.set_password(account, SECOND),
        "pass": lambda: directory.issue_temporary_access_pass(account, HALF_AN_HOUR),
    }
    with pytest.raises(DirectoryLost):
        await acts[act]()
    assert needed in caplog.text
    assert (hand.tenant.users[0].password, hand.tenant.users[0].passes) == (FIRST, [])


async def test_a_user_who_is_removed_between_read_and_write_has_changed(entra: Reached) -> None:
    """404 on the write itself."""
    directory, hand = entra
    account = await ada(entra)
    unchanged = directory._unchanged

    async def removed(*given: Any) -> DirectoryEntry:
        entry = await unchanged(*given)
        hand.tenant.users.clear()
        return entry

    directory._unchanged = removed  # type: ignore[method-assign]
    with pytest.raises(AccountChanged):
        await directory.set_password(account, SECOND)
    assert len(hand.asked("PATCH")) == 1


async def test_a_tenant_that_allows_no_passes_and_an_identity_without_a_token_are_definite(
    entra: Reached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is in doubt then."""
    directory, hand = entra
    account = await ada(entra)
    hand.tenant.passes_allowed = False
    with pytest.raises(DirectoryLost):
        await directory.issue_temporary_access_pass(account, HALF_AN_HOUR)
    async with reached(monkeypatch, header="of another process") as (other, its):
        with pytest.raises(DirectoryLost):
            await other.resolve(ADA)
        assert its.asked() == []


# -- what follows a write --


@pytest.mark.parametrize("fault", [None, Fault.DROP, Fault.THROTTLED, Fault.FAILED, "permission"])
async def test_the_sessions_at_microsoft_end_and_if_not_the_password_is_set_all_the_same(
    entra: Reached, caplog: pytest.LogCaptureFixture, fault: Fault | str | None
) -> None:
    """A failure there is neither a false success nor a failure: it is logged, once, and not repeated."""
    directory, hand = entra
    account = await ada(entra)
    if fault == "permission":
        hand.tenant.permissions -= {right.SIGN_OUT}
    elif fault is not None:
        hand.fault("POST", "revokeSignInSessions", Fault(fault))
    assert await directory.set_password(account, SECOND) != ""
    user = hand.tenant.users[0]
    assert (user.password, user.must_change) == (SECOND, False)
    assert (user.sessions_valid_from is not None) == (fault in {None, Fault.FAILED})
    assert ("could not be ended" in caplog.text) == (fault is not None)
    assert ("User.RevokeSessions.All" in caplog.text) == (fault == "permission")
    assert len(hand.asked("POST")) == 1


@pytest.mark.parametrize("why", ["not visible yet", "another change since", "no answer", "within one second"])
async def test_the_stamp_is_empty_where_graph_does_not_show_that_it_is_of_this_write(entra: Reached, why: str) -> None:
    """Then the person signs in again (rule 12). The password is set in any case."""
    directory, hand = entra
    tenant = hand.tenant
    at = tenant.now().replace(microsecond=0)
    account = await ada(entra, changed_at=at if why == "within one second" else at - dt.timedelta(minutes=1))
    if why == "not visible yet":
        tenant.visible_after = dt.timedelta(seconds=30)
    elif why == "another change since":
        tenant.now = lambda: at + dt.timedelta(minutes=1)
    elif why == "within one second":
        tenant.now = lambda: at
    else:
        hand.fault("GET", f"{account.object_id}?$select=id,user", Fault.UNAVAILABLE_FOR, skip=1)
    assert await directory.set_password(account, SECOND) == ""
    assert tenant.users[0].password == SECOND


@pytest.mark.parametrize(
    "fault", [Fault.THROTTLED_SILENTLY, Fault.THROTTLED_UNTIL, Fault.UNAVAILABLE, Fault.DROP, Fault.GARBLED]
)
async def test_a_read_is_repeated_and_a_long_wait_is_told(entra: Reached, fault: Fault) -> None:
    """After a pause of our own where Graph names none. Where it names one, the caller is told to wait so long."""
    directory, hand = entra
    account = await ada(entra)
    hand.fault("GET", "/users", fault, times=2)
    assert await directory.resolve(ADA) == account
    hand.fault("GET", "/users", Fault.THROTTLED)
    with pytest.raises(DirectoryLost) as busy:
        await directory.resolve(ADA)
    assert busy.value.retry_after == 7


# -- for prefill --


async def test_what_the_person_uses_at_microsoft_is_preferred_and_the_right_to_read_it_may_be_absent(
    entra: Reached,
) -> None:
    """Phones and addresses of methods before those of the profile. `mail` is never one (M4)."""
    directory, hand = entra
    profile = {"mobile_phone": "+33639980001", "business_phones": ("+33199001234",), "mail": "ada@mailbox.example"}
    methods = {
        "phone_methods": (("office", "+33 199001235"), ("mobile", "+33 639980002")),
        "email_methods": ("a@b.example",),
    }
    more = {"language": "fr-FR", "manager": "bea@sesame.example", "groups": ("g1", GROUP)}
    account = await ada(entra, **profile, **methods, **more)
    found = await directory.attributes(account)
    assert found == Attributes(
        mobile_phone="+33 639980002", office_phone="+33 199001235", email="a@b.example", language="fr-FR",
        manager="bea@sesame.example", groups=("g1", GROUP),
    )  # fmt: skip
    hand.tenant.permissions -= {right.READ_PHONES, right.READ_EMAILS}
    without = replace(found, mobile_phone="+33639980001", office_phone="+33199001234", email="")
    assert await directory.attributes(account) == without


# -- what may be seen --


async def test_no_password_stands_in_an_address_a_header_or_a_log(
    entra: Reached, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor the pass. The most talkative level of every logger, and every way in which a write ends."""
    directory, hand = entra
    caplog.set_level(logging.DEBUG)
    account = await ada(entra)
    secrets = [SECOND, "only small letters"]
    told = []
    for fault in (None, *NO_ANSWER, Fault.THROTTLED):
        if fault:
            hand.fault("PATCH", "/users/", fault)
        for password in secrets:
            now = await directory.find(account.object_id) or account
            told += await asyncio.gather(directory.set_password(now, password), return_exceptions=True)
    assert {PasswordNotTaken, DirectoryLost, DirectoryUnknown, str} == {type(one) for one in told}
    now = await directory.find(account.object_id) or account
    secrets.append(await directory.issue_temporary_access_pass(now, HALF_AN_HOUR))
    seen = caplog.text + repr(told) + repr([target for _, target, _ in hand.tenant.requests])
    assert not any(secret in seen for secret in secrets)
    assert "PATCH" in {method for method, _, _ in hand.tenant.requests}


@pytest.mark.parametrize(
    "given",
    [
        {"graph": "http://graph.microsoft.com"},
        {"graph": "https://graph.microsoft.com.evil.example"},
        {"graph": "https://evil@graph.microsoft.com"},
        {"administrators": "the administrators"},
        {"helpdesk": "the helpdesk"},
        {"privileged": ",".join([GROUP] * 21)},
        {"mail_domains": "sesame"},
    ],
)
def test_unsafe_settings_are_refused(given: dict[str, str]) -> None:
    """A token is sent to Microsoft alone; a group is named by its id, because names can be taken by others."""
    with pytest.raises(ValueError, match="SESAME_DIRECTORY_"):
        options_from(given)


def test_each_cloud_gets_a_token_for_itself() -> None:
    """The stand-in on loopback takes that of the public cloud."""
    assert options_from({"graph": "https://graph.microsoft.us/"}).scope == "https://graph.microsoft.us/.default"
    assert options_from({"graph": "http://127.0.0.1:1"}).scope == "https://graph.microsoft.com/.default"
