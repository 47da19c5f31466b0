"""The parts of the local stack and how each is started; `local.run` and the tests both build on it.

ports.py        which port each part listens on
azurite.py      the store: accounts, connection strings
keys.py         the keys of one stack, made once
environment.py  the settings that reach the service
parts.py        the command of every part, and how to tell that it is ready
"""
