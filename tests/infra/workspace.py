"""A Log Analytics workspace for tests: tables with the columns that queries use, and a KQL engine that runs them.

How a line of the service becomes a row was measured on Microsoft's host: its text and its level are kept, the name of
its logger and extra fields are not, and DEBUG is not sent. Each run of a function is a row of AppRequests; one that has
no HTTP status has the code 0.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb_kql

from tests.infra.deployment import Deployment

COLUMNS = {
    "AppTraces": "Message VARCHAR, SeverityLevel INTEGER",
    "AppRequests": "Name VARCHAR, ResultCode VARCHAR, Success BOOLEAN, DurationMs DOUBLE",
    "AppExceptions": "ExceptionType VARCHAR",
    "Usage": "Quantity DOUBLE, IsBillable BOOLEAN, DataType VARCHAR",
    "_LogOperation": "Category VARCHAR, Operation VARCHAR, Detail VARCHAR",
    "AzureDiagnostics": "ResourceProvider VARCHAR, OperationName VARCHAR, ResultType VARCHAR, identity_claim_oid_g VARCHAR",  # noqa: E501
}
SPANS = {
    "PT15M": timedelta(minutes=15),
    "PT1H": timedelta(hours=1),
    "P1D": timedelta(days=1),
    "P2D": timedelta(days=2),
}
"""The windows that the rules use. Azure allows no longer one than two days."""


class Workspace:
    """The tables, empty at first."""

    def __init__(self) -> None:
        self._engine = duckdb_kql.connect()
        self._engine.sql("SET TimeZone = 'UTC'")
        for table, columns in COLUMNS.items():
            self._engine.sql(f"CREATE TABLE {table}_all (TimeGenerated TIMESTAMP, {columns})")
        self._show(timedelta(days=90))

    def add(self, table: str, *values: object, ago: timedelta = timedelta(minutes=1), times: int = 1) -> None:
        """Add a row, or several that are the same."""
        row = (datetime.now(UTC).replace(tzinfo=None) - ago, *values)
        marks = ", ".join("?" for _ in row)
        self._engine.executemany(f"INSERT INTO {table}_all VALUES ({marks})", [row] * times)

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Take what the service logs, as the worker passes it on."""
        handler, root = logging.Handler(logging.INFO), logging.getLogger()
        handler.emit = lambda line: self.add("AppTraces", line.getMessage(), line.levelno // 10 - 1)  # type: ignore[method-assign]
        before = root.level
        root.setLevel(logging.INFO)
        root.addHandler(handler)
        try:
            yield
        finally:
            root.removeHandler(handler)
            root.setLevel(before)

    def rows(self, query: str, window: timedelta = timedelta(days=90)) -> list[Any]:
        """Run a query over what is younger than `window`."""
        self._show(window)
        return duckdb_kql.query(self._engine, query).fetchall()

    def firing(self, deployment: Deployment) -> set[str]:
        """Return the names of the alerts that Azure would raise now."""
        fired = set()
        for rule in deployment.of("Insights/scheduledQueryRules"):
            (criterion,) = rule["properties"]["criteria"]["allOf"]
            assert (criterion["operator"], criterion["timeAggregation"]) == ("GreaterThanOrEqual", "Count")
            found = len(self.rows(criterion["query"], SPANS[rule["properties"]["windowSize"]]))
            if found >= criterion["threshold"]:
                fired.add(rule["name"].removeprefix("sesame-"))
        return fired

    def _show(self, window: timedelta) -> None:
        since = datetime.now(UTC).replace(tzinfo=None) - window
        for table in COLUMNS:
            seen = f"SELECT * FROM {table}_all WHERE TimeGenerated > TIMESTAMP '{since}'"
            self._engine.sql(f"CREATE OR REPLACE VIEW {table} AS {seen}")
