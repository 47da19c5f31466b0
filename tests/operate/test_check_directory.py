"""`./sesame check-directory` on real servers: what works, and what to grant where it does not."""

from datetime import timedelta
from pathlib import Path

import pytest

from local.entra import tenant as right
from local.samba.domain import BASE, EVERYBODY, OPEN_TO_ALL, ticks
from local.samba.server import Samba
from local.slapd import server as of_slapd
from local.slapd.certificates import certificates
from local.slapd.entries import person
from local.slapd.server import Slapd
from operate.check_directory import FAILS, NOT_FOR_TESTS, NOTE, WORKS, checked, granted_to, table
from shared.adapters.system import SystemClock
from tests.entra import reached
from tests.samba import DomainHand
from tests.slapd import Hand, a_directory, a_server, running

pytestmark = pytest.mark.integration

FIRST = "lantern orbit cobalt thicket"


async def verdicts(slapd: Slapd | Samba, name: str = "test.account", **changes: str) -> dict[str, tuple[str, str]]:
    lines = await checked(a_directory(slapd, SystemClock(), **changes), name, SystemClock())
    assert FIRST not in table(lines)
    return {line.what.split(":")[0]: (line.verdict, line.says) for line in lines}


@pytest.mark.parametrize(("server", "its_hand"), [("slapd", "hand"), ("samba", "domain_hand")])
async def test_everything_works_with_the_rights_of_the_documentation(
    request: pytest.FixtureRequest, server: str, its_hand: str
) -> None:
    """Each right is tried. The account has another password afterwards, and nothing else."""
    hand = request.getfixturevalue(its_hand)
    hand.add("test.account", FIRST, mobile="+33639980001")
    before = hand.read("test.account")
    hand.policy(**{"pwdMaxAge": "86400"} if server == "slapd" else {"maxPwdAge": ticks(2 * 86400)})
    found = await verdicts(request.getfixturevalue(server))
    assert found["the day it expires"][1].endswith("UTC")
    history = found.pop("history at a reset", None)  # Samba takes no policy hints
    assert history is None or history[0] == NOTE
    assert {verdict for verdict, _ in found.values()} == {WORKS}
    assert {"setting a password", "changing as the person", "ending a lock", "clock", "signing in"} <= found.keys()
    if server == "samba":
        assert found["rules of the domain"] == (WORKS, "at least 12 characters, none of the last 3")
    after = hand.read("test.account")
    kept = {"uid", "cn", "sn", "mobile", "objectClass", "entryUUID", "creatorsName", "objectGUID", "objectSid"}
    assert {name: after.get(name) for name in kept} == {name: before.get(name) for name in kept}


@pytest.mark.parametrize(
    ("is_open", "what", "says"), [(True, "setting a password", "grant write"), (False, "the account", NOT_FOR_TESTS)]
)
async def test_an_account_of_a_domain_that_was_not_delegated_is_named(
    samba: Samba, domain_hand: DomainHand, is_open: bool, what: str, says: str
) -> None:
    """Also where everybody may read it. A decoy that is not there is named too."""
    domain_hand.change(OPEN_TO_ALL, member=EVERYBODY if is_open else "")
    try:
        found = await verdicts(samba, "decoy", base_dn=BASE, people_filter="(sAMAccountName=decoy)")
    finally:
        domain_hand.change(OPEN_TO_ALL, member="")
    assert found[what][0] == FAILS
    assert says in found[what][1]
    found = await verdicts(samba, decoy_dn=f"CN=nobody,{BASE}")
    assert found["a name that nobody has"][0] == FAILS


@pytest.mark.parametrize(
    ("taken", "what", "grant"),
    [
        ('"{SERVICE}" =xw', "setting a password", "grant write on the password"),
        ('by dn.exact="cn=sesame,ou=services,dc=example,dc=org" write', "ending a lock", "grant write on the lock"),
        ("entryUUID,", "finding the account", "read the id"),
        ("pwdChangedTime,", "the time of a password", "grant read"),
        ("ou=policies,dc=example,dc=org", "reading policies", "Grant read"),
    ],
)
async def test_a_right_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str, what: str, grant: str
) -> None:
    """On a server whose service account lacks that one."""
    taken = taken.replace("{SERVICE}", "cn=sesame,ou=services,dc=example,dc=org")
    assert taken in of_slapd.ACCESS
    left = {"entryUUID,": "", "pwdChangedTime,": "", "ou=policies,dc=example,dc=org": "ou=groups,dc=example,dc=org"}
    instead = left.get(taken, taken.replace("write", "read").replace("=xw", "none"))
    monkeypatch.setattr(of_slapd, "ACCESS", of_slapd.ACCESS.replace(taken, instead))
    with running(a_server(tmp_path, people=(person("test.account", FIRST),))) as slapd:
        verdict, says = (await verdicts(slapd))[what]
    assert verdict == (NOTE if what == "reading policies" else FAILS)
    assert grant in says


@pytest.mark.parametrize("fault", ["authority", "password", "account"])
async def test_what_is_wrong_before_the_rights_is_said_first(
    slapd: Slapd, hand: Hand, tmp_path: Path, fault: str
) -> None:
    """The certificate, the service account, the name of the test account. Nothing is tried after it."""
    hand.add("test.account", FIRST)
    if fault == "authority":
        found = await verdicts(slapd, authority=str(certificates(tmp_path).authority))
        assert "the certificate is not from the authority" in next(iter(found.values()))[1]
    elif fault == "password":
        found = await verdicts(slapd, bind_password="not it")
        assert "not let in: result code 49" in next(iter(found.values()))[1]
    else:
        found = await verdicts(slapd, "nobody")
        assert found["finding the account"][0] == FAILS
    assert "setting a password" not in found


@pytest.mark.parametrize(
    ("missing", "what", "verdict", "grant"),
    [
        ("", "", WORKS, ""),
        (right.FIND, "finding the account", FAILS, "refused"),
        (right.SET_PASSWORD, "setting a password", FAILS, "log"),
        (right.USER_ADMINISTRATOR, "setting a password", FAILS, "log"),
        (right.SIGN_OUT, "ending sessions", FAILS, right.SIGN_OUT),
        (right.READ_PHONES, "reading phones at Microsoft", NOTE, right.READ_PHONES),
        (right.ISSUE_PASS, "issuing a pass", NOTE, right.ISSUE_PASS),
    ],
)
async def test_each_right_in_a_tenant_is_tried_and_named(
    monkeypatch: pytest.MonkeyPatch, missing: str, what: str, verdict: str, grant: str
) -> None:
    """A tenant shows a new password after a while. What an organisation may leave out is a note."""
    monkeypatch.setattr("operate.check_directory.LATE_SECONDS", 0.01)
    async with reached(monkeypatch) as (directory, hand):
        hand.add("test.account", FIRST)
        hand.tenant.permissions -= {missing}
        hand.tenant.roles -= {missing}
        hand.tenant.visible_after = timedelta(seconds=0.02)
        lines = {line.what: line for line in await checked(directory, "test.account", SystemClock())}
    cannot = {"signing in", "changing as the person", "ending a lock"}
    tried = {name: line.verdict for name, line in lines.items() if name not in cannot}
    assert {name for name, said in tried.items() if said != WORKS} == ({what} if what else set())
    if what:
        assert (lines[what].verdict, grant in lines[what].says) == (verdict, True)


@pytest.mark.parametrize("missing", ["", right.SIGN_OUT, right.ISSUE_PASS, right.USER_ADMINISTRATOR])
async def test_what_a_deployment_was_granted_is_read(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """By an operator, because nobody else has the identity of the service."""
    async with reached(monkeypatch) as (directory, hand):
        hand.tenant.permissions -= {missing}
        hand.tenant.roles -= {missing}
        lines = await granted_to(directory, "11111111-2222-4333-8444-555555555555")
    lacking = {line.what: line.verdict for line in lines if line.verdict != WORKS}
    role = {"User Administrator": FAILS} if missing == right.USER_ADMINISTRATOR else {}
    optional = {missing: NOTE if missing == right.ISSUE_PASS else FAILS}
    assert lacking == (role or optional if missing else {})
    assert len(lines) == 7
