"""Entries of Active Directory as they are read: times, locks, ids, and which password it is."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.adapters.directories.ldap.entries import BEGINNING, time_of
from shared.adapters.directories.ldap.link import Raw
from shared.adapters.directories.ldap.policy import Policy

WANTED: Final = (
    "objectGUID", "userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires", "adminCount",
    "pwdLastSet", "replPropertyMetaData", "lockoutTime", "badPwdCount", "badPasswordTime", "msDS-ResultantPSO",
    "msDS-UserPasswordExpiryTimeComputed", "whenCreated",
)  # fmt: skip

DISABLED, LOCKED = 0x2, 0x10
"""ADS_UF_ACCOUNT_DISABLE and ADS_UF_LOCKOUT of userAccountControl (MS-ADTS, 2.2.16)."""
EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
NEVER: Final = 2**63 - 1
PASSWORD: Final = 0x0009005A
"""The ATTRTYP of unicodePwd (1.2.840.113556.1.4.90) by the prefix table that every domain has (MS-DRSR, 5.16.4)."""
HEADER, RECORD = 16, 48


def number(raw: Raw, name: str) -> int | None:
    """Return a number; None where the attribute is absent, unreadable or none."""
    text = raw.first(name)
    return int(text) if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() else None


def moment(ticks: int | None) -> datetime | None:
    """Read a time in units of 100 nanoseconds since 1601 in UTC (FILETIME). None for none and for never."""
    if ticks is None or not 0 < ticks < NEVER:
        return None
    try:
        return EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None


def duration(ticks: int | None) -> timedelta | None:
    """Read a duration, which is kept as a negative number. None for none and for never."""
    return timedelta(microseconds=-ticks // 10) if ticks is not None and -NEVER <= ticks < 0 else None


def id_of(raw: Raw) -> str:
    """Return the objectGUID as Microsoft's tools write it. Empty where it is unreadable."""
    octets = raw.octets("objectGUID")
    return str(uuid.UUID(bytes_le=octets)) if len(octets) == 16 else ""


def id_filter(object_id: str) -> str:
    """Return the filter for an objectGUID. It matches nothing where the text is none."""
    try:
        octets = uuid.UUID(object_id).bytes_le
    except ValueError:
        octets = b"none"
    return octets_filter("objectGUID", octets)


def octets_filter(attribute: str, octets: bytes) -> str:
    """Return the filter for a value that is no text."""
    return f"({attribute}=" + "".join(f"\\{octet:02x}" for octet in octets) + ")"


def is_enabled(raw: Raw, now: datetime) -> bool:
    """Return whether it may sign in at all. What cannot be read refuses."""
    control = number(raw, "userAccountControl")
    if control is None or control & DISABLED:
        return False
    expires = number(raw, "accountExpires")
    if expires in {None, 0, NEVER}:
        return True
    ends = moment(expires)
    return ends is not None and now < ends


def is_locked(raw: Raw, policy: Policy, now: datetime) -> bool:
    """Return whether failed sign-ins have locked it and the lock has not run out."""
    computed = number(raw, "msDS-User-Account-Control-Computed")
    if computed is not None:
        return bool(computed & LOCKED)
    since = moment(number(raw, "lockoutTime"))
    return since is not None and (policy.lock_lasts is None or now < since + policy.lock_lasts)


def failures(raw: Raw, policy: Policy, now: datetime) -> int:
    """Return how many failed sign-ins this server counts now, wherever they came from."""
    last = moment(number(raw, "badPasswordTime"))
    after = None if policy.lockout is None or policy.counts_for_ever else policy.lockout.period
    if last is not None and after is not None and now - last >= after:
        return 0
    return number(raw, "badPwdCount") or 0


def stamp_of(raw: Raw) -> str:
    """Return what differs after every new password, and after nothing else.

    That is the version of unicodePwd, which replication counts, with the time and the server of the last write: they
    are the same on every server. Where it is not readable it is pwdLastSet, which also moves when an administrator
    obliges a person to choose another one, and which stays 0 when two passwords come with that obligation.
    """
    written = _metadata(raw.octets("replPropertyMetaData"))
    return written.hex() if written else f"at {raw.first('pwdLastSet')}"


def changed_at(raw: Raw) -> datetime:
    written = _metadata(raw.octets("replPropertyMetaData"))
    by_replication = EPOCH + timedelta(seconds=int.from_bytes(written[4:12], "little")) if written else None
    return moment(number(raw, "pwdLastSet")) or by_replication or time_of(raw.first("whenCreated")) or BEGINNING


def _metadata(octets: bytes) -> bytes:
    """Return version, time and server of the last write of the password. Empty where it is unreadable.

        version 4, reserved 4, count 4, reserved 4, then for each attribute: its type 4, version 4, time in seconds
        since 1601 8, id of the server 16, update sequence numbers 8 and 8; little-endian

    The last two differ from server to server and are left out.
    """
    for at in range(HEADER, len(octets) - RECORD + 1, RECORD):
        if int.from_bytes(octets[at : at + 4], "little") == PASSWORD:
            return octets[at + 4 : at + 32]
    return b""
