"""Entries as they are read: which password, until when, and how often it was guessed."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.adapters.directories.ldap.link import Raw
from shared.adapters.directories.ldap.options import Kind, Options
from shared.adapters.directories.ldap.policy import Policy
from shared.domain.errors import InvalidInput
from shared.ports.directory import Attributes
from shared.validation.identifier import canonical_identifier

DISABLED: Final = "000001010000Z"
"""pwdAccountLockedTime of an account that an administrator has locked for good (draft-behera, 5.3.3)."""
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST_NAMES: Final = 10


def operational(kind: Kind) -> tuple[str, ...]:
    """Return the attributes that are read of every entry."""
    names = (
        kind.object_id, kind.changed, kind.locked, kind.failures, kind.must_change, kind.disabled, kind.policy,
        kind.expires,
    )  # fmt: skip
    return (*filter(None, names), "pwdStartTime", "pwdEndTime", "createTimestamp", "modifyTimestamp", "entryCSN")


def time_of(text: str) -> datetime | None:
    """Read a GeneralizedTime in UTC (RFC 4517, 3.3.13), such as 20261128065542Z or with a fraction of a second."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    if not (text.endswith("Z") and len(whole) == 14 and whole.isascii() and whole.isdigit()):
        return None
    try:
        at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at + timedelta(seconds=float(f"0.{fraction}")) if fraction.isascii() and fraction.isdigit() else at


def names_of(raw: Raw, options: Options) -> tuple[str, ...]:
    """Return the canonical names, in the order of the attributes, each once."""
    names: dict[str, None] = {}
    for text in (text for attribute in options.names for text in raw.all(attribute)):
        try:
            names[canonical_identifier(text)] = None
        except InvalidInput:
            continue
    return tuple(names)[:MOST_NAMES]


def described_by(options: Options) -> list[str]:
    """Return the attributes with what the directory knows of a person beside the password."""
    return ["mobile", "telephoneNumber", "preferredLanguage", "manager", "memberOf", options.email_attribute or "mail"]


def attributes_of(raw: Raw, options: Options) -> Attributes:
    """Return it as it stands there."""
    return Attributes(
        mobile_phone=raw.first("mobile"),
        office_phone=raw.first("telephoneNumber"),
        email=raw.first(options.email_attribute) if options.email_attribute else "",
        language=raw.first("preferredLanguage"),
        manager=raw.first("manager"),
        groups=tuple(raw.all("memberOf")),
    )


def stamp_of(raw: Raw, kind: Kind, *, has_policies: bool) -> str:
    """Return what differs after every new password: the server's time of the change.

    Without one, an entry has had no new password since policies were switched on. Where a server has no policies, every
    change of the entry counts as a new password: that ends sessions too often and never too late. Where it has some,
    that would be wrong, because they count failed sign-ins on the entry, and strangers would end sessions.
    """
    changed = raw.first(kind.changed)
    if changed:
        return changed
    since = "" if has_policies else raw.first("entryCSN") or raw.first("modifyTimestamp")
    return hashlib.sha256(f"{raw.first('createTimestamp')}\n{since}".encode()).hexdigest()[:32]


def changed_at(raw: Raw, kind: Kind) -> datetime:
    return time_of(raw.first(kind.changed)) or time_of(raw.first("createTimestamp")) or BEGINNING


def expires_at(raw: Raw, kind: Kind, policy: Policy) -> datetime | None:
    """Return when the password expires. None if it does not, or nothing says when.

    Without pwdChangedTime it does not (draft-behera, 7.3). A server that writes the time itself writes one of 1970 for
    a password that must be changed now.
    """
    if kind.expires:
        at = time_of(raw.first(kind.expires))
        return at if at and at > BEGINNING + timedelta(days=1) else None
    changed = time_of(raw.first(kind.changed))
    return changed + policy.max_age if changed and policy.max_age else None


def is_enabled(raw: Raw, kind: Kind, now: datetime) -> bool:
    """Return whether it may sign in at all. A time that cannot be read refuses."""
    if raw.first(kind.locked) == DISABLED or (kind.disabled and raw.first(kind.disabled).lower() == "true"):
        return False
    starts, ends = raw.first("pwdStartTime"), raw.first("pwdEndTime")
    begun, over = time_of(starts) if starts else BEGINNING, time_of(ends) if ends else now + timedelta(1)
    return begun is not None and over is not None and begun <= now < over


def is_locked(raw: Raw, kind: Kind, policy: Policy, now: datetime) -> bool:
    """Return whether failed sign-ins have locked it and the lock has not run out."""
    locked = raw.first(kind.locked)
    if not locked or locked == DISABLED:
        return False
    at = time_of(locked)
    if kind.locked == "accountUnlockTime":  # the end of the lock, not its beginning
        return at is None or now < at
    return at is None or policy.lock_lasts is None or now < at + policy.lock_lasts


def failures(raw: Raw, kind: Kind, policy: Policy, now: datetime) -> int:
    """Return how many failed sign-ins the server counts now, wherever they came from."""
    values = raw.all(kind.failures)
    if kind.failures == "passwordRetryCount":
        return int(values[0]) if values and values[0].isdigit() else 0
    if policy.counts_for_ever or policy.lockout is None:
        return len(values)
    return sum(1 for text in values if (at := time_of(text)) is None or now - at < policy.lockout.period)
