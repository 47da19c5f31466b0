"""What the codes in the messages of Active Directory mean, from any server, and what stands in its attributes."""

import re

import pytest

from local.samba import domain as of_domain
from local.stack.parts import ROOT
from shared.adapters.directories.ldap.ad import answers, domain, entries
from shared.adapters.directories.ldap.ad.options import options_from
from shared.adapters.directories.ldap.link import Outcome, Raw
from shared.adapters.directories.ldap.policy import Said
from shared.domain.account import PasswordState
from shared.ports.directory import AccountChanged, DirectoryLost, DirectoryUnknown, PasswordNotTaken, WrongPassword

SETTINGS = {
    "servers": "ldaps://dc1.example.org", "base_dn": "DC=example", "bind_dn": "CN=s", "bind_password": "p",
    "decoy_dn": "CN=d",
}  # fmt: skip


def outcome(code: int, message: str) -> Outcome:
    return Outcome(code, Said(), message)


@pytest.mark.parametrize(
    ("code", "message", "raised"),
    [
        (0, "", None),
        (19, "0000052D: Constraint violation - check_password_restrictions", PasswordNotTaken),
        (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", PasswordNotTaken),
        (19, "0000052D: AtrErr: DSID-03191083, #1: 0: 0000052D: DSID-03191083, problem 1005", PasswordNotTaken),
        (19, "00000056: AtrErr: DSID-03191083, #1: problem 1005 (CONSTRAINT_ATT_TYPE)", WrongPassword),
        (49, "0000052E: problem", WrongPassword),
        (53, "00000775: locked", WrongPassword),
        (32, "0000208D: NameErr: DSID-0310028B, problem 2001 (NO_OBJECT)", AccountChanged),
        (50, "00002098: SecErr: DSID-031514A0, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", DirectoryLost),
        (53, "0000001F: SvcErr: DSID-031A1236, problem 5003 (WILL_NOT_PERFORM), data 0", DirectoryLost),
        (19, "00002082: AtrErr: something else", DirectoryLost),
        (80, "a name in 0000052D: the middle", DirectoryUnknown),
        (1, "", DirectoryUnknown),
    ],
)
def test_the_error_at_the_start_of_a_message_decides(
    code: int, message: str, raised: type[Exception] | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the result code of LDAP is, which differs from server to server. No message is logged."""
    if raised is None:
        answers.judge(outcome(code, message), ())
    else:
        with pytest.raises(raised):
            answers.judge(outcome(code, message), ("domain_rules",))
    assert "problem" not in caplog.text


@pytest.mark.parametrize(
    ("code", "message", "state"),
    [
        (0, "", PasswordState.FINE),
        (49, "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 773, v2580", "must_change"),
        (49, "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 532, v2580", "expired"),
        (50, "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 532, v2580", None),
        *((49, f"80090308: AcceptSecurityContext error, data {data}, v1", None)
          for data in ("525", "52e", "530", "531", "533", "701", "775", "5320", "0")),
        (49, "", None),
        (8, "00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity", None),
    ],
)  # fmt: skip
def test_the_data_of_a_refused_sign_in_decides(code: int, message: str, state: str | None) -> None:
    """Everything but an expired password and one that must be changed lets nobody in."""
    assert answers.state_of(outcome(code, message)) == state


@pytest.mark.parametrize(
    ("octets", "stamp"),
    [
        (b"", "at 12"),
        (bytes(15), "at 12"),
        (bytes(16), "at 12"),
        (bytes(16) + b"\x5a\x00\x09\x00" + bytes(40), "at 12"),
        (bytes(16) + bytes(48) + b"\x5a\x00\x09\x00" + bytes(range(44)), bytes(range(28)).hex()),
    ],
    ids=["unreadable", "cut", "no attribute", "cut attribute", "second attribute"],
)
def test_without_readable_metadata_the_date_of_a_password_is_its_stamp(octets: bytes, stamp: str) -> None:
    """What differs from server to server is not part of it."""
    raw = Raw("cn=ada", {"replPropertyMetaData": [octets], "pwdLastSet": [b"12"]})
    assert entries.stamp_of(raw) == stamp
    assert len(stamp) <= 64


def test_a_policy_that_cannot_be_read_says_nothing_about_passwords() -> None:
    """The stable word stays, and the lockout is taken for a strict one."""
    policy = domain.Domain(options_from(SETTINGS)).of(Raw("cn=ada", {"msDS-ResultantPSO": [b"CN=hidden"]}))
    assert policy.lockout == domain.Rate(5, domain.DAY)
    refused = answers.reasons_of(policy, "x", remembers=True, age=domain.DAY)
    assert refused == ("domain_rules",)


def test_the_script_for_a_domain_grants_what_was_tried_here() -> None:
    """The same rights by the same numbers, on users alone, and no others."""
    script = (ROOT / "operate" / "active_directory" / "delegate.ps1").read_text("utf-8")
    words = {"ExtendedRight": "CR", "ReadProperty, WriteProperty": "RPWP", "ReadProperty": "RP"}
    granted = [(words[right], guid) for right, guid in re.findall(r"Rights = '([^']+)'; Guid = '([^']+)'", script)]
    assert sorted(granted) == sorted((right, guid) for right, guids in of_domain.RIGHTS.items() for guid in guids)
    assert f"$user = [guid]'{of_domain.USER}'" in script
