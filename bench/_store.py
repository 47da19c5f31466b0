"""Starts an Azurite for a measurement on free ports, and returns the settings to use it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.stack.environment import service_environment
from local.stack.keys import fresh_keys
from local.stack.ports import Ports
from tests.processes import AzuriteServer


@contextmanager
def store() -> Iterator[dict[str, str]]:
    """Yield the environment of a service on an empty store. The store stops at the end."""
    with tempfile.TemporaryDirectory(prefix="sesame-bench-", ignore_cleanup_errors=True) as folder:
        server = AzuriteServer(Path(folder))
        try:
            yield service_environment(os.environ, Ports.free(1), fresh_keys(), server.new_account())
        finally:
            server.stop()
