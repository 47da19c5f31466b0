"""One table: reads of one row, inserts and conditional writes. Converts the SDK's errors to those of the store port.

The SDK's defaults are unsafe here: `update_entity` overwrites unconditionally (R-92), a POST is repeated after a 503,
and every timeout is 300 s. Reads are retried up to twice. A conditional write is never retried, because the repetition
would report a conflict with the first attempt (rule 4).
"""

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
)
from azure.data.tables import TableErrorCode, TransactionOperation, UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

from shared.ports.store import Conflict, StoreLost

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpTransport

READ_RETRIES: Final = {"retry_total": 2, "retry_backoff_factor": 0.2}
NO_RETRY: Final = {"retry_total": 0}

NO_TABLE: Final = (TableErrorCode.TABLE_NOT_FOUND.value, TableErrorCode.TABLE_BEING_DELETED.value)
"""For 40 s and more after its deletion, Azure says that a table is being deleted (Microsoft Learn, "Delete Table")."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
"""Allowed characters of a key. Keys contain no user text, and Azurite accepts characters that Azure refuses (R-90)."""

LARGEST_PAGE: Final = 1000
"""Rows of one answer (Microsoft Learn, "Query timeout and pagination")."""

PROPERTY_LIMIT: Final = 32_768
"""Maximum length of a string property, in UTF-16 code units: 64 KiB (Microsoft Learn, "Understanding the Table service
data model").
"""


class TableMissing(StoreLost):
    """The table does not exist."""


def table_service(
    connection: str | None,
    url: str,
    credential: "Callable[[], AsyncTokenCredential]",
    transport: "AsyncHttpTransport[Any, Any]",
) -> TableServiceClient:
    """Return the client of all tables: with a connection string locally, otherwise with the managed identity."""
    options: dict[str, Any] = {**READ_RETRIES, "transport": transport}
    if connection:
        return TableServiceClient.from_connection_string(connection, **options)
    return TableServiceClient(url, credential=credential(), **options)


@dataclass(frozen=True, slots=True)
class Row:
    """An entity and the ETag it was read with."""

    values: Mapping[str, Any]
    etag: str


Change = tuple[str, Mapping[str, Any] | None, str | None]
"""Row key, values (None: delete the row), and the ETag that it was read with (None: insert it)."""


@dataclass(frozen=True, slots=True)
class Table:
    client: TableClient

    async def read(self, partition: str, row: str) -> Row | None:
        """Return the row or None.

        Uses a query by key, because a get reports a missing row as a 404 exception (rule 16).
        """
        with store_errors():
            found = self.client.query_entities(
                "PartitionKey eq @partition and RowKey eq @row",
                parameters={"partition": _checked(partition), "row": _checked(row)},
            )
            async for entity in found:
                if (entity.get("PartitionKey"), entity.get("RowKey")) != (partition, row):
                    raise StoreLost  # for example, a late response to an earlier request
                return Row(entity, str(entity.metadata["etag"]))
        return None

    async def insert(self, partition: str, row: str, values: Mapping[str, Any]) -> str:
        """Insert a row and return its ETag. Raises Conflict if the row exists."""
        with store_errors():
            answer = await self.client.create_entity(_entity(partition, row, values), **NO_RETRY)
        return str(answer["etag"])

    async def insert_together(self, partition: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Insert at most 100 rows of one partition in one call: all of them, or none. Raises Conflict if one exists."""
        inserts = [(TransactionOperation.CREATE, _entity(partition, row, values)) for row, values in rows]
        with store_errors():
            await self.client.submit_transaction(inserts, **NO_RETRY)

    async def change_together(self, partition: str, changes: Sequence[Change]) -> None:
        """Make at most 100 changes in one partition in one call: all of them, or none.

        Raises Conflict if a row that is to be inserted exists, or another one has changed since it was read.
        """
        operations: list[Any] = []
        for row, values, etag in changes:
            entity = _entity(partition, row, values or {})
            unchanged = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
            if etag is None:
                operations.append((TransactionOperation.CREATE, entity))
            elif values is None:
                operations.append((TransactionOperation.DELETE, entity, unchanged))
            else:
                operations.append((TransactionOperation.UPDATE, entity, {"mode": UpdateMode.REPLACE, **unchanged}))
        with store_errors():
            await self.client.submit_transaction(operations, **NO_RETRY)

    async def replace(self, partition: str, row: str, values: Mapping[str, Any], etag: str) -> str:
        """Replace the row and return the new ETag. Raises Conflict if the row has changed since it was read."""
        with store_errors():
            answer = await self.client.update_entity(
                _entity(partition, row, values),
                mode=UpdateMode.REPLACE,
                etag=etag,
                match_condition=MatchConditions.IfNotModified,
                **NO_RETRY,
            )
        return str(answer["etag"])

    async def merge(self, partition: str, row: str, values: Mapping[str, Any]) -> None:
        """Set these properties of a row, whatever else it has. Raises Conflict if there is no such row."""
        with store_errors():
            entity = _entity(partition, row, values)
            await self.client.update_entity(entity, mode=UpdateMode.MERGE, etag=None, match_condition=None, **NO_RETRY)

    async def delete(self, partition: str, row: str, etag: str | None = None) -> None:
        """Delete the row if it has not changed since it was read (without an ETag: always).

        A missing row is not an error.
        """
        with store_errors():
            if etag is None:
                await self.client.delete_entity(_checked(partition), _checked(row))
            else:
                await self.client.delete_entity(
                    _checked(partition),
                    _checked(row),
                    etag=etag,
                    match_condition=MatchConditions.IfNotModified,
                    **NO_RETRY,
                )

    async def query(
        self, condition: str, parameters: Mapping[str, Any], *, page: int = LARGEST_PAGE
    ) -> AsyncIterator[Row]:
        """Yield the rows that match, in the order of their keys; `page` of them are asked for at a time.

        Values are passed in `parameters` only, never in the condition's text: injection (R-91).
        """
        with store_errors():
            async for entity in self.client.query_entities(
                condition, parameters=dict(parameters), results_per_page=page
            ):
                yield Row(entity, str(entity.metadata["etag"]))


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """Convert the SDK's exceptions to Conflict and StoreLost."""
    try:
        yield
    except (ResourceModifiedError, ResourceExistsError) as conflict:
        raise Conflict from conflict
    except HttpResponseError as error:
        # In the text of the answer: after an insert the SDK does not read the code.
        if any(code in str(error) for code in NO_TABLE):
            raise TableMissing from error
        # 404: the row was deleted since it was read.
        if error.status_code in {404, 409, 412}:
            raise Conflict from error
        raise StoreLost from error
    except (AzureError, TimeoutError) as error:
        raise StoreLost from error


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        msg = "a key outside the alphabet of keys"
        raise ValueError(msg)
    return key


def _entity(partition: str, row: str, values: Mapping[str, Any]) -> dict[str, Any]:
    for value in values.values():
        if isinstance(value, str) and len(value.encode("utf-16-le")) // 2 > PROPERTY_LIMIT:
            msg = "a property longer than a property may be"
            raise ValueError(msg)
    return {"PartitionKey": _checked(partition), "RowKey": _checked(row), **values}
