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
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"  # noqa: S105  a right
LOCKOUT_TIME = "28630ebf-41d5-11d1-a9c1-0000f80367c1"
PWD_LAST_SET = "bf967a0a-0de6-11d0-a285-00aa003049e2"  # noqa: S105  an attribute

ON_PEOPLE = (
    f"(OA;CIIO;CR;{RESET_PASSWORD};{USER};{{sid}})",
    f"(OA;CIIO;RPWP;{LOCKOUT_TIME};{USER};{{sid}})",
    f"(OA;CIIO;RPWP;{PWD_LAST_SET};{USER};{{sid}})",
)
"""What operate/active_directory/delegate.ps1 grants, on all users of the subtree of people (MS-DTYP, 2.5.1.1: SDDL)."""
ON_POLICIES = ("(A;CI;RPLCRC;;;{sid})",)
"""Reading fine-grained policies. Only administrators of the domain may, unless it is granted."""


def ticks(seconds: float) -> str:
    """Return a duration as the directory keeps it: negative, in units of 100 nanoseconds (MS-ADTS, 3.1.1.2.2.2.6)."""
    return str(-int(seconds * 10_000_000))


NEVER = str(-(2**63))
"""A duration without an end."""
