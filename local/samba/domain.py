"""The names in the domain, and the rights of the service account. It imports nothing: `prepare.py` needs it too."""

REALM = "AD.EXAMPLE.ORG"
NETBIOS = "EXAMPLE"
SUFFIX = "@example.org"
"""Of every userPrincipalName. Domains often have another one than their own name."""
BASE = "DC=ad,DC=example,DC=org"
PEOPLE = f"OU=People,{BASE}"
SERVICES = f"OU=Services,{BASE}"
SERVICE = f"CN=sesame,{SERVICES}"
DECOY = f"CN=decoy,{SERVICES}"
ADMINISTRATORS = f"CN=sesame-administrators,{SERVICES}"
POLICIES = f"CN=Password Settings Container,CN=System,{BASE}"
ADMINISTRATOR = f"CN=Administrator,CN=Users,{BASE}"

FAILURES, SECONDS = 6, 900
"""At this many failures in this time the domain locks an account."""

USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
RIGHTS = {
    # Reset Password, and what ends a lock and dates a password
    "CR": ("00299570-246d-11d0-a768-00aa006e0529",),
    "RPWP": ("28630ebf-41d5-11d1-a9c1-0000f80367c1", "bf967a0a-0de6-11d0-a285-00aa003049e2"),
    # what not everybody may read of a person: the property sets Account Restrictions, Logon Information and Group
    # Membership, then adminCount, badPasswordTime, msDS-ResultantPSO, replPropertyMetaData and preferredLanguage
    "RP": (
        "4c164200-20c0-11d0-a768-00aa006e0529",
        "5f202010-79a5-11d0-9020-00c04fc2d4cf",
        "bc0ac240-79a9-11d0-9020-00c04fc2d4cf",
        "bf967918-0de6-11d0-a285-00aa003049e2",
        "bf96792d-0de6-11d0-a285-00aa003049e2",
        "b77ea093-88d0-4780-9a98-911f8e8b1dca",
        "281416c0-1968-11d0-a28f-00aa003049e2",
        "856be0d0-18e7-46e1-8f5f-7ee4d9020e0d",
    ),
}
"""What operate/active_directory/delegate.ps1 grants on all users of the subtree of people, by the words of SDDL."""
ON_PEOPLE = tuple(f"(OA;CIIO;{right};{guid};{USER};{{sid}})" for right, guids in RIGHTS.items() for guid in guids)
ON_POLICIES = ("(A;CI;RPLCRC;;;{sid})",)
"""Reading fine-grained policies. Only administrators of the domain may, unless it is granted."""
OPEN_TO_ALL = f"CN=Pre-Windows 2000 Compatible Access,CN=Builtin,{BASE}"
EVERYBODY = f"CN=S-1-5-11,CN=ForeignSecurityPrincipals,{BASE}"
"""Authenticated Users. In a domain that was made safer they are not in that group: then rights must be granted."""


def ticks(seconds: float) -> str:
    """Return a duration as the directory keeps it: negative, in units of 100 nanoseconds (MS-ADTS, 3.1.1.2.2.2.6)."""
    return str(-int(seconds * 10_000_000))


NEVER = str(-(2**63))
"""A duration without an end."""
