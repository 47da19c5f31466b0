"""The settings `SESAME_DIRECTORY_...` for Active Directory. Unsafe ones are refused with ValueError."""

from collections.abc import Mapping
from typing import Final

from shared.adapters.directories.ldap import options
from shared.adapters.directories.ldap.options import Options

PEOPLE: Final = "(sAMAccountType=805306368)"
"""Accounts of people: neither computers nor trusts. The attribute is indexed (Microsoft: SAM-Account-Type)."""


def options_from(given: Mapping[str, str]) -> Options:
    """Read the settings. Raises ValueError for one that is unsafe or unreadable; it never quotes a value."""
    return options.options_from({"people_filter": PEOPLE, **given, "names": "sAMAccountName,userPrincipalName"})
