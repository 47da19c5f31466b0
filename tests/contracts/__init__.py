"""Contracts: one test suite per port, run with the fake and with the real adapter, so that a fake behaves like it.

Tests that apply only to the real adapter (its retries, its wire format) are at the end of each file.
"""
