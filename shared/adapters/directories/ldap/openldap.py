"""A directory with password policies: OpenLDAP with the overlay ppolicy, or 389 Directory Server by its names."""

import logging
from dataclasses import dataclass, replace
from typing import Final

from shared.adapters.directories import Parts
from shared.adapters.directories.ldap import answers, entries
from shared.adapters.directories.ldap.dialect import Facts, Read
from shared.adapters.directories.ldap.directory import LdapDirectory
from shared.adapters.directories.ldap.link import NO_SUCH_ATTRIBUTE, SUCCESS, Link, Outcome, Raw
from shared.adapters.directories.ldap.links import Links
from shared.adapters.directories.ldap.options import options_from
from shared.adapters.directories.ldap.policies import Policies
from shared.adapters.directories.ldap.policy import Policy
from shared.domain.account import PasswordState

_LOG: Final = logging.getLogger("sesame.directory")


def directory(parts: Parts) -> "OpenLdapDirectory":
    """Made when the wiring needs it. Raises ValueError for unsafe settings."""
    return OpenLdapDirectory(Links(options_from(parts.directory_options)), parts.clock)


@dataclass(eq=False)
class OpenLdapDirectory(LdapDirectory):
    """Passwords are modified by RFC 3062, and ppolicy's control says what became of them."""

    def __post_init__(self) -> None:
        self.policies = Policies(self.options)

    @property
    def wanted(self) -> tuple[str, ...]:
        return entries.operational(self.options.kind)

    def facts(self, raw: Raw, policy: Policy) -> Facts:
        kind, now = self.options.kind, self.clock.now()
        return Facts(
            object_id=raw.first(kind.object_id).lower(),
            enabled=entries.is_enabled(raw, kind, now),
            locked=entries.is_locked(raw, kind, policy, now),
            failures=entries.failures(raw, kind, policy, now),
            changed_at=entries.changed_at(raw, kind),
            stamp=entries.stamp_of(raw, kind, has_policies=self.policies.found),
            expires_at=entries.expires_at(raw, kind, policy),
        )

    def state_of(self, outcome: Outcome) -> PasswordState | None:
        return answers.state_of(outcome)

    def send_reset(self, link: Link, read: Read, password: str) -> Outcome:
        return link.set_password(read.raw.dn, password)

    def send_change(self, link: Link, read: Read, current: str, password: str) -> Outcome:
        return link.set_password(read.raw.dn, password, current)

    def send_unlock(self, link: Link, read: Read) -> Outcome:
        outcome = link.remove(read.raw.dn, self.options.kind.locked)
        return replace(outcome, code=SUCCESS) if outcome.code == NO_SUCH_ATTRIBUTE else outcome

    def judge(self, outcome: Outcome, read: Read, password: str, *, by_person: bool) -> None:
        del read, password, by_person  # the control says everything
        answers.judge(outcome)

    def afterwards(self, link: Link, after: Read) -> None:
        """With more rights than it should have, the service account is taken for an administrator of passwords."""
        if after.raw.first(self.options.kind.must_change).upper() == "TRUE":
            link.remove(after.raw.dn, self.options.kind.must_change)
            _LOG.warning("the service account may manage passwords: history and minimum age do not apply")
