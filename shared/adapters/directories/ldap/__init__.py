"""Directories over LDAP.

options.py       the settings, and what is refused in them
library.py       the library, imported in one place
tls.py           TLS with the organisation's authority and the host's name; nothing travels without it
link.py          one connection: the operations, and the one moment from which a write may have happened
links.py         threads, deadlines, fail-over and connections that are used again
policy.py        password policies, and the reasons that a server gives for a refusal
entries.py       entries as they are read, and their times
dialect.py       what each kind of server does in its own way
directory.py     the operations, which are the same for every kind
openldap.py, answers.py          OpenLDAP and 389 Directory Server, and what their answers mean
active_directory.py, ad/         Active Directory

The library (ldap3) blocks, so each request runs in a thread. It is imported only where this directory is chosen.
"""
