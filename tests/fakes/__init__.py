"""FAKES: one for each port, in memory, simple enough to be right by looking at them.

tests/contracts/ runs one suite per port on the fake and on the real adapter, so what holds here holds there. The
keyring and the tokens are the real ones with fixed keys: they are pure computation.
"""
