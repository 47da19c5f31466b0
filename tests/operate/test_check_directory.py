"""`./sesame check-directory` on a real slapd: what works, and what to grant where it does not."""

from pathlib import Path

import pytest

from local.slapd import server as of_slapd
from local.slapd.certificates import certificates
from local.slapd.entries import person
from local.slapd.server import Slapd
from operate.check_directory import FAILS, NOTE, WORKS, checked, table
from shared.adapters.system import SystemClock
from tests.slapd import Hand, a_directory, a_server, running

pytestmark = pytest.mark.integration

FIRST = "lantern orbit cobalt thicket"


async def verdicts(slapd: Slapd, name: str = "test.account", **changes: str) -> dict[str, tuple[str, str]]:
    lines = await checked(a_directory(slapd, SystemClock(), **changes), name, SystemClock())
    assert FIRST not in table(lines)
    return {line.what.split(":")[0]: (line.verdict, line.says) for line in lines}


async def test_everything_works_with_the_rights_of_the_documentation(slapd: Slapd, hand: Hand) -> None:
    """Each right is tried. The account has another password afterwards, and nothing else."""
    hand.add("test.account", FIRST, mobile="+33639980001")
    before = hand.read("test.account")
    found = await verdicts(slapd)
    assert {verdict for verdict, _ in found.values()} == {WORKS}
    assert {"setting a password", "changing as the person", "ending a lock", "clock", "signing in"} <= found.keys()
    after = hand.read("test.account")
    kept = {"uid", "cn", "sn", "mobile", "objectClass", "entryUUID", "creatorsName"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


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
