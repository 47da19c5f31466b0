"""A real Active Directory domain controller (Samba) for this machine: `./sesame run --directory samba`, and the tests.

domain.py         the names of the domain, and the rights of the service account
provision.py      makes the domain; needs root
prepare.py        what the domain begins with; runs in the system's Python, which has Samba's modules
server.py         the configuration, start and stop
kept.py           the domain of a folder, with its passwords
settings.py       the settings with which the service uses it
__main__.py       one part of the local stack

It listens on one loopback address, and speaks LDAP alone: no Kerberos, no DNS, no file shares.
"""
