"""One table: point reads where absence is a value, inserts and conditional writes, and the SDK's errors as ours.

The SDK's defaults would undo the design: `update_entity` overwrites unless told not to (R-92), a POST is resent after
a 503, and every wait is 300 s. Reads may be retried twice; a conditional write never is, because a resent one reports
a conflict with itself (rule 4).
"""

import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from shared.ports.store import Conflict, StoreLost

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 10
NO_RETRY: Final = {"retry_total": 0}

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
"""No user text stands in a key, and what a key may hold is checked here: Azurite accepts what Azure refuses (R-90)."""

BODY_LIMIT: Final = 32_000
"""Characters of one string property; the service takes 64 KiB of UTF-16, Azurite takes anything."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entity and the ETag it was read with."""

    values: Mapping[str, Any]
    etag: str


@dataclass(frozen=True, slots=True)
class Table:
    client: TableClient

    async def read(self, partition: str, row: str) -> Row | None:
        """A keyed query, not a get: a missing row is an empty list and not a 404 raised as an exception (rule 16)."""
        with store_errors():
            found = self.client.query_entities(
                "PartitionKey eq @partition and RowKey eq @row",
                parameters={"partition": _checked(partition), "row": _checked(row)},
            )
            async for entity in found:
                return Row(entity, str(entity.metadata["etag"]))
        return None

    async def insert(self, partition: str, row: str, values: Mapping[str, Any]) -> str:
        """The new ETag. Raises Conflict when the row exists."""
        with store_errors():
            answer = await self.client.create_entity(_entity(partition, row, values), **NO_RETRY)
        return str(answer["etag"])

    async def replace(self, partition: str, row: str, values: Mapping[str, Any], etag: str) -> str:
        """The new ETag. Raises Conflict when the row is not as it was read."""
        with store_errors():
            answer = await self.client.update_entity(
                _entity(partition, row, values),
                mode=UpdateMode.REPLACE,
                etag=etag,
                match_condition=MatchConditions.IfNotModified,
                **NO_RETRY,
            )
        return str(answer["etag"])

    async def delete(self, partition: str, row: str, etag: str | None = None) -> None:
        """Delete the row if it is still as read (or, without an ETag, whatever it is); a missing one is no fault."""
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

    async def query(self, condition: str, parameters: Mapping[str, Any], *, page: int = 1000) -> AsyncIterator[Row]:
        """Every row that fits; values only ever through `parameters`, never in the condition's text (R-91)."""
        with store_errors():
            async for entity in self.client.query_entities(
                condition, parameters=dict(parameters), results_per_page=page
            ):
                yield Row(entity, str(entity.metadata["etag"]))


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """The SDK's exceptions as the two that our ports know."""
    try:
        yield
    except (ResourceModifiedError, ResourceExistsError) as conflict:
        raise Conflict from conflict
    except ResourceNotFoundError as gone:
        # A row that was deleted since it was read (or a table that does not exist, which a read will then tell).
        raise Conflict from gone
    except HttpResponseError as error:
        if error.status_code in {409, 412}:
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
        if isinstance(value, str) and len(value) > BODY_LIMIT:
            msg = "a property longer than a property may be"
            raise ValueError(msg)
    return {"PartitionKey": _checked(partition), "RowKey": _checked(row), **values}
