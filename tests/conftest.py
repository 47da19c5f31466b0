"""Fixtures for every test; the local stack's are in `tests/stack.py`."""

pytest_plugins = ("tests.stack",)
