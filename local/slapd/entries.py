"""The entries that a new folder begins with."""

import base64
import hashlib
import os
from typing import Final

BASE: Final = "dc=example,dc=org"
ROOT: Final = f"cn=root,{BASE}"
SERVICE: Final = f"cn=sesame,ou=services,{BASE}"
PEOPLE: Final = f"ou=people,{BASE}"
DECOY: Final = f"uid=decoy,ou=services,{BASE}"
POLICIES: Final = f"ou=policies,{BASE}"
GROUPS: Final = f"ou=groups,{BASE}"
ADMINISTRATORS, HELPDESK, AUDITORS = (
    f"cn=sesame-{name},{GROUPS}" for name in ("administrators", "helpdesk", "auditors")
)

FAILURES, SECONDS = 6, 900
"""At this many failures in this time the policy locks an account."""


def hashed(password: str) -> str:
    """Return the stored form of a first password ({SSHA}); the server makes ARGON2 of every later one."""
    salt = os.urandom(8)
    digest = hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def person(uid: str, password: str, **attributes: str) -> str:
    """Return a person in LDIF."""
    more = "".join(f"{name}: {value}\n" for name, value in attributes.items() if value)
    name = uid.replace(".", " ").title()
    return (
        f"dn: uid={uid},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {name}\nsn: {name.split()[-1]}\n"
        f"userPassword: {hashed(password)}\n{more}"
    )


def policy(name: str, **values: str) -> str:
    """Return a password policy in LDIF."""
    lines = "".join(f"{attribute}: {value}\n" for attribute, value in values.items())
    return (
        f"dn: cn={name},{POLICIES}\nobjectClass: organizationalRole\nobjectClass: pwdPolicy\ncn: {name}\n"
        f"pwdAttribute: userPassword\n{lines}"
    )


def first_entries(service_password: str, administrators: tuple[str, ...] = ()) -> str:
    """Return the tree, the policies, the service account, the decoy and a group for each role."""
    units = "\n".join(
        f"dn: ou={name},{BASE}\nobjectClass: organizationalUnit\nou: {name}\n"
        for name in ("people", "services", "groups", "policies")
    )
    usual = policy(
        "default", pwdMinLength="12", pwdInHistory="3", pwdCheckQuality="2", pwdLockout="TRUE",
        pwdMaxFailure=str(FAILURES), pwdFailureCountInterval=str(SECONDS), pwdLockoutDuration="0",
        pwdMustChange="TRUE", pwdAllowUserChange="TRUE", pwdSafeModify="FALSE",
    )  # fmt: skip
    # Nobody signs in as the decoy: names that nobody has are checked against it. It must never be locked, because a
    # locked entry is refused before its password is hashed, and that takes less time.
    never = policy("services", pwdLockout="FALSE")
    accounts = "\n".join(
        f"dn: {dn}\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: {uid}\n"
        f"userPassword: {hashed(password)}\npwdPolicySubentry: cn=services,{POLICIES}\n"
        for dn, uid, password in ((DECOY, "decoy", base64.b64encode(os.urandom(24)).decode()),)
    )
    service = (
        f"dn: {SERVICE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: sesame\n"
        f"userPassword: {hashed(service_password)}\npwdPolicySubentry: cn=services,{POLICIES}\n"
    )
    # A group of this class has a member at least.
    members = {ADMINISTRATORS: (SERVICE, *administrators), HELPDESK: (SERVICE,), AUDITORS: (SERVICE,)}
    groups = "\n".join(
        f"dn: {dn}\nobjectClass: groupOfNames\ncn: {dn.partition(',')[0][3:]}\n"
        + "".join(f"member: {member}\n" for member in listed)
        for dn, listed in members.items()
    )
    top = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n"
    parts = (top, units, usual, never, service, accounts, groups)
    return "\n".join(parts)
