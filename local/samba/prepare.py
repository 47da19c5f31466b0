"""What a new domain begins with: its policy, the service account and its rights, the decoy and the first people.

Run by the system's Python (`/usr/bin/python3 -m local.samba.prepare CONFIGURATION`), which has Samba's modules. The
passwords come as JSON over standard input.
"""

import json
import sys
from typing import Any

from samba.auth import system_session  # type: ignore[import-not-found]
from samba.dcerpc import security  # type: ignore[import-not-found]
from samba.ndr import ndr_unpack  # type: ignore[import-not-found]
from samba.param import LoadParm  # type: ignore[import-not-found]
from samba.samdb import SamDB  # type: ignore[import-not-found]
from samba.sd_utils import SDUtils  # type: ignore[import-not-found]

from local.samba.domain import (
    ADMINISTRATORS,
    BASE,
    DECOY,
    FAILURES,
    NEVER,
    ON_PEOPLE,
    ON_POLICIES,
    OPEN_TO_ALL,
    PEOPLE,
    POLICIES,
    SECONDS,
    SERVICE,
    SERVICES,
    SUFFIX,
    ticks,
)


def main() -> int:
    """Write everything in one transaction."""
    given = json.load(sys.stdin)
    configuration = LoadParm()
    configuration.load(sys.argv[1])
    database = SamDB(lp=configuration, session_info=system_session())
    database.transaction_start()
    _policy(database)
    for dn in (PEOPLE, SERVICES):
        database.add({"dn": dn, "objectClass": "organizationalUnit"})
    for name, password in (("sesame", given["service"]), ("decoy", given["decoy"])):
        _user(database, f"CN={name},{SERVICES}", name, password)
    _never_lock_the_decoy(database)
    for person in given["people"]:
        _user(database, f"CN={person['name']},{PEOPLE}", person["name"], person["password"], **person["attributes"])
    members = [f"CN={person['name']},{PEOPLE}" for person in given["people"] if person["administrator"]]
    group = {"dn": ADMINISTRATORS, "objectClass": "group", "sAMAccountName": "sesame-administrators"}
    database.add({**group, **({"member": members} if members else {})})
    rights = SDUtils(database)
    sid = str(
        ndr_unpack(security.dom_sid, database.search(base=SERVICE, scope=0, attrs=["objectSid"])[0]["objectSid"][0])
    )
    for dn, entries in ((PEOPLE, ON_PEOPLE), (POLICIES, ON_POLICIES)):
        for entry in entries:
            rights.dacl_add_ace(dn, entry.format(sid=sid))
    database.modify_ldif(f"dn: {OPEN_TO_ALL}\nchangetype: modify\nreplace: member\n")  # nobody
    database.transaction_commit()
    return 0


def _policy(database: Any) -> None:
    values = {
        "minPwdLength": "12", "pwdHistoryLength": "3", "pwdProperties": "0", "minPwdAge": "0", "maxPwdAge": NEVER,
        "lockoutThreshold": str(FAILURES), "lockOutObservationWindow": ticks(SECONDS), "lockoutDuration": NEVER,
    }  # fmt: skip
    lines = "".join(f"replace: {name}\n{name}: {value}\n-\n" for name, value in values.items())
    database.modify_ldif(f"dn: {BASE}\nchangetype: modify\n{lines}")


def _user(database: Any, dn: str, name: str, password: str, **attributes: str) -> None:
    database.add({
        "dn": dn, "objectClass": "user", "sAMAccountName": name, "userPrincipalName": name + SUFFIX,
        "userAccountControl": "512", "clearTextPassword": password.encode("utf-16-le"),
        **{key: value for key, value in attributes.items() if value},
    })  # fmt: skip


def _never_lock_the_decoy(database: Any) -> None:
    """Nobody signs in as the decoy: names that nobody has are checked against it.

    A locked entry is refused without a look at its password, which takes less time; and with no lockout at all failures
    are not counted, which takes less time too. So it has a policy of its own that counts, and never comes to the end.
    """
    database.add({
        "dn": f"CN=decoy,{POLICIES}", "objectClass": "msDS-PasswordSettings", "msDS-PasswordSettingsPrecedence": "1",
        "msDS-PasswordReversibleEncryptionEnabled": "FALSE", "msDS-PasswordHistoryLength": "0",
        "msDS-PasswordComplexityEnabled": "FALSE", "msDS-MinimumPasswordLength": "12",
        "msDS-MinimumPasswordAge": "0", "msDS-MaximumPasswordAge": NEVER, "msDS-LockoutThreshold": "65535",
        "msDS-LockoutObservationWindow": ticks(60), "msDS-LockoutDuration": ticks(60), "msDS-PSOAppliesTo": DECOY,
    })  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
