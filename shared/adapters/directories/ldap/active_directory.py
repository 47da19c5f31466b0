"""Active Directory: passwords in `unicodePwd`, locks in `lockoutTime`, and errors of Windows in the messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from shared.adapters.directories import Parts
from shared.adapters.directories.ldap.ad import answers, entries
from shared.adapters.directories.ldap.ad.domain import HINTS, Domain
from shared.adapters.directories.ldap.ad.options import options_from
from shared.adapters.directories.ldap.dialect import Facts, Read
from shared.adapters.directories.ldap.directory import LdapDirectory
from shared.adapters.directories.ldap.library import escape_filter_chars, ldap3
from shared.adapters.directories.ldap.link import Link, Outcome, Raw
from shared.adapters.directories.ldap.links import Links
from shared.adapters.directories.ldap.policy import Policy
from shared.domain.account import PROTECTED, ObjectId, PasswordState
from shared.domain.errors import InvalidInput
from shared.ports.directory import PasswordNotTaken
from shared.validation.identifier import canonical_identifier

ACCOUNT, PASSWORD, LOCK, SINCE = "sAMAccountName", "unicodePwd", "lockoutTime", "pwdLastSet"
EXPIRES: Final = "msDS-UserPasswordExpiryTimeComputed"
"""By the policy of the entry. 0 for one that must be changed now (MS-ADTS, 3.1.1.4.5.31)."""
NESTED: Final = "1.2.840.113556.1.4.1941"
"""LDAP_MATCHING_RULE_IN_CHAIN (MS-ADTS, 3.1.1.3.4.4.3): membership through groups in groups."""
NOW: Final = b"-1"
"""Written to pwdLastSet it becomes the time of the write (MS-ADTS, 3.1.1.3.1.5.2)."""


def directory(parts: Parts) -> "ActiveDirectory":
    """Made when the wiring needs it. Raises ValueError for unsafe settings."""
    return ActiveDirectory(Links(options_from(parts.directory_options)), parts.clock)


@dataclass(eq=False)
class ActiveDirectory(LdapDirectory):
    """Each write is one modification, which the server carries out as a whole."""

    policies: Domain = field(init=False)

    def __post_init__(self) -> None:
        self.policies = Domain(self.options)

    @property
    def wanted(self) -> tuple[str, ...]:
        return entries.WANTED

    async def findings(self) -> Mapping[str, tuple[bool, str]]:
        """Return what was read of the domain: whether it is as it should be, and what it is. For `operate/`."""
        await self.lockout()
        everybodys, hints = self.policies.everybodys(), self.policies.takes_hints
        return {
            "rules of the domain": (everybodys is not None, str(everybodys or "cannot be read")),
            "history at a reset": (
                hints,
                "applies" if hints else "the server takes no policy hints: a reset may set an old password again",
            ),
        }

    def facts(self, raw: Raw, policy: Policy) -> Facts:
        now = self.clock.now()
        return Facts(
            object_id=entries.id_of(raw),
            enabled=entries.is_enabled(raw, now),
            locked=entries.is_locked(raw, policy, now),
            failures=entries.failures(raw, policy, now),
            changed_at=entries.changed_at(raw),
            stamp=entries.stamp_of(raw),
            expires_at=entries.moment(entries.number(raw, EXPIRES)),
            # The server takes the rights of the service account from whoever administers the domain (AdminSDHolder).
            roles=frozenset({PROTECTED} if (entries.number(raw, "adminCount") or 0) > 0 else ()),
        )

    def names_of(self, raw: Raw) -> tuple[str, ...]:
        """Return the names of the attributes, and after them the account's name behind that of the domain."""
        names, netbios = super().names_of(raw), self.policies.netbios
        if not (netbios and raw.first(ACCOUNT)):
            return names
        try:
            return tuple(dict.fromkeys((*names, canonical_identifier(f"{netbios}\\{raw.first(ACCOUNT)}"))))
        except InvalidInput:
            return names

    def of_name(self, name: str) -> str:
        terms = super().of_name(name)
        domain, backslash, account = name.partition("\\")
        if backslash and account and domain.casefold() == self.policies.netbios.casefold():
            terms += f"({ACCOUNT}={escape_filter_chars(account)})"
        return terms

    def of_id(self, object_id: ObjectId) -> str:
        return entries.id_filter(object_id)

    def roles_by_membership(self, link: Link, dn: str) -> frozenset[str]:
        """Members of what the domain protects have `adminCount` only after up to an hour (AdminSDHolder)."""
        is_protected = self.is_member(link, dn, *self.policies.protected)
        return super().roles_by_membership(link, dn) | ({PROTECTED} if is_protected else set())

    def is_member(self, link: Link, dn: str, *groups: str) -> bool:
        terms = "".join(f"(memberOf:{NESTED}:={escape_filter_chars(group)})" for group in groups)
        return bool(terms and link.search(dn, f"(|{terms})", ["objectGUID"], most=1, alone=True))

    def state_of(self, outcome: Outcome) -> PasswordState | None:
        return answers.state_of(outcome)

    def send_reset(self, link: Link, read: Read, password: str) -> Outcome:
        """Set it, end a lock, and oblige nobody to choose again: the person has chosen."""
        changes = {
            PASSWORD: [(ldap3.MODIFY_REPLACE, [quoted(password)])],
            LOCK: [(ldap3.MODIFY_REPLACE, [b"0"])],
            SINCE: [(ldap3.MODIFY_REPLACE, [NOW])],
        }
        return link.modify(read.raw.dn, changes, [HINTS] if self.policies.takes_hints else [])

    def send_change(self, link: Link, read: Read, current: str, password: str) -> Outcome:
        """Take the old one away and add the new one: the server compares, and history and minimum age apply."""
        changes = {PASSWORD: [(ldap3.MODIFY_DELETE, [quoted(current)]), (ldap3.MODIFY_ADD, [quoted(password)])]}
        return link.modify(read.raw.dn, changes)

    def send_unlock(self, link: Link, read: Read) -> Outcome:
        return link.modify(read.raw.dn, {LOCK: [(ldap3.MODIFY_REPLACE, [b"0"])]})

    def judge(self, outcome: Outcome, read: Read, password: str, *, by_person: bool) -> None:
        remembers = by_person or self.policies.takes_hints
        age = self.clock.now() - read.entry.password_changed_at
        answers.judge(outcome, answers.reasons_of(read.policy, password, remembers=remembers, age=age))


def quoted(password: str) -> bytes:
    """Return the form of unicodePwd: in quotes, in UTF-16 (MS-ADTS, 3.1.1.3.1.5). Quotes inside stay as they are.

    Raises PasswordNotTaken for the character 0: it is set (Samba 4.17), and ends the password at every sign-in.
    """
    if "\0" in password:
        raise PasswordNotTaken((answers.OF_DOMAIN, "quality"))
    return f'"{password}"'.encode("utf-16-le", "surrogatepass")
