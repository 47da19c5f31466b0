"""CONTRACTS: one suite per port, run on the fake and on the real adapter, so that either may stand for the other.

What only a real adapter can get wrong (its own retries, its wire format) stands at the end of each file.
"""
