"""An Azurite of its own for a measurement, on free ports, and the settings that lead to it."""

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
    """Environment of a service on an empty store; ends with the store."""
    with tempfile.TemporaryDirectory(prefix="sesame-bench-", ignore_cleanup_errors=True) as folder:
        server = AzuriteServer(Path(folder))
        try:
            yield service_environment(os.environ, Ports.free(1), fresh_keys(), server.new_account())
        finally:
            server.stop()
