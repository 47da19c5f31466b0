"""The local stack: replacements for Azure on one machine. Never deployed.

setup/        what `./sesame` does before `.venv` exists; its commands
run/          `./sesame run`: the supervisor
stack/        the parts, their ports, keys and settings
host/         the Functions host
standin/      the stand-in for Azure Communication Services, with the inbox
slapd/, samba/  servers of OpenLDAP and Active Directory
spa/          the server of the built web app
azurite/      the lock file of the store
strict_store/ the store of tests and benchmarks: Azurite, as strict as Azure
checks.py     `./sesame test` and `./sesame check`
seed.py       creates tables, queues and demo people
"""
