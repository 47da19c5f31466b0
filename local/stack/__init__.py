"""The parts of the local stack and how to start each; used by `local.run` and by the tests.

ports.py        the port of each part
azurite.py      the store: accounts, connection strings
keys.py         the keys of one stack, generated once
environment.py  the settings of the service
parts.py        the command of each part, and how to check that it is ready
"""
