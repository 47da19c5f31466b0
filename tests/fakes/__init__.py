"""Fakes in memory, one for each port, short enough to check by reading.

tests/contracts/ runs one suite per port on the fake and on the real adapter, so that both behave alike. The
keyring and the tokens are the real ones with fixed keys: they are pure computation.
"""
