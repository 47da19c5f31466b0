"""Fixtures and rules for every test; the local stack's fixtures are in `tests/stack.py`."""

import os

import pytest

from local.stack.ports import Ports

pytest_plugins = ("tests.stack", "tests.slapd", "tests.samba")
Ports.use_segment(int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Under CI nothing is skipped: a test that cannot run there is a failure that says what is missing."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {call.excinfo.value if call.excinfo else report.longrepr}"
    return report
