"""What the domain controller offers, and the policies of the domain: its own, and fine-grained ones."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from shared.adapters.directories.ldap.ad.entries import duration, number, octets_filter
from shared.adapters.directories.ldap.library import escape_filter_chars
from shared.adapters.directories.ldap.link import Link, Raw
from shared.adapters.directories.ldap.policies import Policies, quietly
from shared.adapters.directories.ldap.policy import DAY, Policy
from shared.domain.limits import Rate

POLICY_HINTS: Final = "1.2.840.113556.1.4.2239"
"""LDAP_SERVER_POLICY_HINTS_OID (MS-ADTS, 3.1.1.3.4.1.27): history and minimum age apply to a reset too."""
HINTS: Final = (POLICY_HINTS, True, b"\x30\x03\x02\x01\x01")
"""Critical, with the value SEQUENCE { INTEGER 1 } (BER)."""

COMPLEX: Final = 0x1
"""DOMAIN_PASSWORD_COMPLEX of pwdProperties (MS-SAMR, 2.2.3.19)."""
OF_DOMAIN: Final = (
    "lockoutThreshold", "lockOutObservationWindow", "lockoutDuration", "minPwdLength", "pwdHistoryLength", "minPwdAge",
    "pwdProperties",
)  # fmt: skip
FINE_GRAINED: Final = (
    "msDS-LockoutThreshold", "msDS-LockoutObservationWindow", "msDS-LockoutDuration", "msDS-MinimumPasswordLength",
    "msDS-PasswordHistoryLength", "msDS-MinimumPasswordAge", "msDS-PasswordComplexityEnabled",
)  # fmt: skip
"""The same, as a fine-grained policy names them."""
ANY: Final = "(objectClass=*)"
BUILTIN: Final = bytes.fromhex("010100000000000520000000")
"""S-1-5-32, the domain of the groups that every server has (MS-DTYP, 2.4.2.2 and 2.4.2.4)."""
PROTECTED: Final = {"builtin": (544, 548, 549, 550, 551, 552), "domain": (512, 518, 519, 526, 527)}
"""The groups that every domain has and protects, by the last number of their ids, which are the same in every language:
Administrators, Account, Server, Print and Backup Operators, Replicator; Domain, Schema, Enterprise, Key and Enterprise
Key Admins (Microsoft Learn, "Protected accounts and groups in Active Directory")."""
ROOT: Final = ("defaultNamingContext", "configurationNamingContext", "supportedControl")
EVERYBODY: Final = ""
"""The name of the policy of whoever has no fine-grained one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainPolicy(Policy):
    """What a policy says about passwords, beside locks."""

    length: int
    history: int
    """How many passwords are remembered."""
    young: timedelta
    """How long a new password stays."""
    complex: bool
    """Whether three kinds of characters are asked for, and no part of the name."""

    def __str__(self) -> str:
        parts = [f"at least {self.length} characters", f"none of the last {self.history}" * bool(self.history)]
        parts += [f"not again within {self.young}" * bool(self.young), "complex" * self.complex]
        return ", ".join(filter(None, parts))


@dataclass
class Domain(Policies):
    """Read again after a while, like the policies of other directories."""

    netbios: str = field(default="", init=False)
    """The short name of the domain, which stands before the backslash in `EXAMPLE\\ada`."""
    takes_hints: bool = field(default=False, init=False)
    protected: tuple[str, ...] = field(default=(), init=False)
    """Groups whose members administer the domain, by their names."""

    def _read(self, link: Link) -> dict[str, Policy]:
        root = quietly(link, "", ANY, ROOT, alone=True)
        base = root[0].first("defaultNamingContext") if root else ""
        if not base:
            return {}
        self.takes_hints = POLICY_HINTS in root[0].all("supportedControl")
        partitions = f"CN=Partitions,{root[0].first('configurationNamingContext')}"
        mine = f"(&(nCName={escape_filter_chars(base)})(nETBIOSName=*))"
        names = quietly(link, partitions, mine, ["nETBIOSName"])
        self.netbios = names[0].first("nETBIOSName") if names else ""
        container = f"CN=Password Settings Container,CN=System,{base}"
        fine = quietly(link, container, "(objectClass=msDS-PasswordSettings)", FINE_GRAINED)
        head = quietly(link, base, ANY, [*OF_DOMAIN, "objectSid"], alone=True)
        groups = _protected(head[0].octets("objectSid") if head else b"")
        self.protected = tuple(raw.dn for raw in quietly(link, base, groups, ["objectSid"]))
        found = [(EVERYBODY, raw, OF_DOMAIN) for raw in head]
        found += [(raw.dn.lower(), raw, FINE_GRAINED) for raw in fine]
        # What is not readable is not taken for a policy that locks nobody.
        return {name: _policy(raw, words) for name, raw, words in found if number(raw, words[0]) is not None}

    def _name_of(self, raw: Raw) -> str:
        return raw.first("msDS-ResultantPSO").lower()

    def everybodys(self) -> Policy | None:
        """Return the policy of the domain. For `operate/`."""
        return self._found.get(EVERYBODY)


def _protected(domain: bytes) -> str:
    """Return the filter for the groups that are protected. The attribute is indexed, however large the domain is."""
    ids = [(BUILTIN, last) for last in PROTECTED["builtin"]]
    ids += [(domain, last) for last in PROTECTED["domain"] if len(domain) > len(BUILTIN)]
    sids = (bytes((1, of[1] + 1)) + of[2:] + last.to_bytes(4, "little") for of, last in ids)
    return f"(|{''.join(octets_filter('objectSid', sid) for sid in sids)})"


def _policy(raw: Raw, names: tuple[str, ...]) -> DomainPolicy:
    threshold, window, lasts, length, history, young, complexity = names
    locks_at, counts = number(raw, threshold) or 0, duration(number(raw, window))
    return DomainPolicy(
        lockout=Rate(locks_at, counts or DAY) if locks_at else None,
        lock_lasts=duration(number(raw, lasts)),
        counts_for_ever=counts is None,
        length=number(raw, length) or 0,
        history=number(raw, history) or 0,
        young=duration(number(raw, young)) or timedelta(0),
        complex=raw.first(complexity) == "TRUE" or bool((number(raw, complexity) or 0) & COMPLEX),
    )
