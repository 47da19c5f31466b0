"""The local stack: everything that stands in for Azure on one machine. Never deployed.

setup/       what `./sesame` does before there is a `.venv`; its verbs
run/         `./sesame run`: the supervisor
stack/       the parts, their ports, keys and settings
host/        the Functions host
standin/     Azure Communication Services, with the inbox
spa/         the server of the built web app
azurite/     the store, locked
checks.py    `./sesame test` and `./sesame check`
seed.py      tables, queues, demo people
"""
