"""The password policies of the directory, read again after a while."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shared.adapters.directories.ldap.link import Link, Raw, SearchRefused
from shared.adapters.directories.ldap.options import Options
from shared.adapters.directories.ldap.policy import UNKNOWN_LOCKOUT, Policy, policy_of, strictest
from shared.domain.limits import Rate

KEPT_SECONDS: Final = 300.0
WANTED: Final = ("pwdLockout", "pwdMaxFailure", "pwdFailureCountInterval", "pwdLockoutDuration", "pwdMaxAge")


@dataclass
class Policies:
    """Nobody's name costs as much as anybody's: they are read for every name, or for none."""

    options: Options
    _found: dict[str, Policy] = field(default_factory=dict, init=False)
    _until: float = field(default=0.0, init=False)

    @property
    def are_known(self) -> bool:
        return time.monotonic() < self._until

    @property
    def found(self) -> bool:
        """Whether the server has policies, as far as the service account can see."""
        return bool(self._found)

    def read(self, link: Link) -> None:
        """Read them, unless that was a short time ago. Without the right, `UNKNOWN_LOCKOUT` holds.

        Raises Broken for a connection that does not work, so that another one is asked: a policy that locks earlier
        than the assumed one must not be forgotten because a server was restarted.
        """
        if not self.are_known:
            self._found = self._read(link)
            self._until = time.monotonic() + KEPT_SECONDS

    def _read(self, link: Link) -> dict[str, Policy]:
        """Return the policies that are readable now, by their names in small letters."""
        found = quietly(link, self.options.policies_dn, "(objectClass=pwdPolicy)", WANTED)
        return {raw.dn.lower(): _policy(raw) for raw in found}

    def strictest(self) -> Rate | None:
        """Return the strictest lockout: as the settings say, as the policies say, or a cautious one."""
        if self.options.never_locks or self.options.lockout:
            return self.options.lockout
        return strictest(list(self._found.values())) if self._found else UNKNOWN_LOCKOUT

    def of(self, raw: Raw) -> Policy:
        """Return the policy of the entry. Where it names none, the default one, and else the strictest of each value.

        The default one is not readable in the server: the settings say it. When a password expires is said only where
        all policies agree, because people are told of that day.
        """
        named = self._found.get(self._name_of(raw))
        if named is not None:
            return replace(named, lockout=None) if self.options.never_locks else named
        locking = [policy for policy in self._found.values() if policy.lockout]
        lasts = [policy.lock_lasts for policy in locking if policy.lock_lasts]
        ages = {policy.max_age for policy in self._found.values()}
        return Policy(
            lockout=self.strictest(),
            lock_lasts=max(lasts, default=None) if len(lasts) == len(locking) else None,
            counts_for_ever=any(policy.counts_for_ever for policy in locking),
            max_age=ages.pop() if len(ages) == 1 else None,
        )

    def _name_of(self, raw: Raw) -> str:
        return (raw.first(self.options.kind.policy) or self.options.default_policy_dn).lower()


def quietly(link: Link, base: str, wanted: str, attributes: Sequence[str], *, alone: bool = False) -> list[Raw]:
    """Return what is found, which is nothing where the right to look is missing. Raises Broken."""
    try:
        return link.search(base, wanted, attributes, most=100, alone=alone)
    except SearchRefused:
        return []


def _policy(raw: Raw) -> Policy:
    failures, interval, duration, age = (
        int(text) if (text := raw.first(name)).isdigit() and len(text) < 10 else 0 for name in WANTED[1:]
    )
    locks = raw.first("pwdLockout").upper() == "TRUE"
    return policy_of(locks=locks, failures=failures, interval=interval, duration=duration, max_age=age)
