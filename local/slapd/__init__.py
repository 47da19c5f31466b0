"""A real OpenLDAP server for this machine: `./sesame run --directory openldap`, and the tests.

certificates.py   an authority of its own, and the server's certificate
server.py         the configuration, the rights of the service account, start and stop
entries.py        the policies, the service account and the people that it begins with
kept.py           the server of a folder, with its passwords
settings.py       the settings with which the service uses it
__main__.py       one part of the local stack

It listens on loopback, keeps everything in one folder, and needs no root.
"""
