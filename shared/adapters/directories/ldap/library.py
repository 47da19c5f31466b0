"""The library, imported in one place."""

import warnings

__all__ = ["LDAPException", "escape_filter_chars", "ldap3"]

with warnings.catch_warnings():
    # ldap3 2.9.1 imports two names that pyasn1 has renamed (ldap3, issue 1159).
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPException
    from ldap3.utils.conv import escape_filter_chars
