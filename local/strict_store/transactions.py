"""What the table service refuses in an entity group transaction, and how it answers.

Source: Microsoft Learn, "Performing entity group transactions". The answer is 202 with one part, the error of the
operation that failed; its message begins with the index of the operation. Nothing of the transaction is carried out.

Azurite itself refuses a transaction over 4 MiB, and one that has the same entity twice.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote
from uuid import uuid4

from local.strict_store.entities import fault_of_entity, fault_of_url_keys
from local.strict_store.errors import JSON, ServiceError
from local.strict_store.wire import Answer

OPERATIONS: Final = 100

_OPERATION: Final = re.compile(
    rb"\r\n(POST|PUT|PATCH|MERGE|DELETE) \S*?://[^/\s]+(\S+) HTTP/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)"
)
_KEYS: Final = re.compile(r"\(PartitionKey='((?:[^']|'')*)',\s*RowKey='((?:[^']|'')*)'\)$")

TOO_MANY: Final = ServiceError(
    400, "InvalidInput", "The batch request operation exceeds the maximum 100 changes per change set."
)
PARTITIONS_DIFFER: Final = ServiceError(
    400,
    "CommandsInBatchActOnDifferentPartitions",
    "All commands in a batch must operate on same entity group.",
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a transaction, or a single request to an entity."""

    path: str
    """Still quoted."""
    body: bytes

    @property
    def table(self) -> str:
        return self.path.split("/")[2].partition("(")[0]

    @property
    def url_keys(self) -> Mapping[str, str]:
        """The keys in the address. Empty for an insert."""
        found = _KEYS.search(unquote(self.path))
        values = (value.replace("''", "'") for value in found.groups()) if found else ()
        return dict(zip(("PartitionKey", "RowKey"), values, strict=False))

    @property
    def entity(self) -> dict[str, Any]:
        """The entity in the body. Empty without one, and if the body is not JSON: the server refuses that."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    def fault(self) -> ServiceError | None:
        """Return why the service refuses this operation."""
        return fault_of_url_keys(self.url_keys) or fault_of_entity(self.entity)


def operations_in(body: bytes) -> Iterator[Operation]:
    """Yield the operations of a transaction."""
    for found in _OPERATION.finditer(body):
        yield Operation(found[2].decode(), found[3])


def refusal(body: bytes, table_fault: Callable[[str], ServiceError | None]) -> Answer | None:
    """Return the answer to a transaction that the service refuses."""
    partition: object = None
    for index, operation in enumerate(operations_in(body)):
        fault = TOO_MANY if index == OPERATIONS else table_fault(operation.table) or operation.fault()
        own = {**operation.entity, **operation.url_keys}.get("PartitionKey")
        if fault is None and index and own != partition:
            fault = PARTITIONS_DIFFER
        if fault is not None:
            return _answer(fault.of_operation(index))
        partition = own
    return None


def _answer(error: ServiceError) -> Answer:
    batch, changes = f"batchresponse_{uuid4()}", f"changesetresponse_{uuid4()}"
    body = (
        f"--{batch}\r\nContent-Type: multipart/mixed; boundary={changes}\r\n\r\n"
        f"--{changes}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"HTTP/1.1 {error.status} Bad Request\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n"
        f"DataServiceVersion: 3.0;\r\nContent-Type: {JSON}\r\n\r\n"
        f"{error.body_as_json().decode()}\r\n--{changes}--\r\n--{batch}--\r\n"
    )
    return Answer.of(202, {"Content-Type": f"multipart/mixed; boundary={batch}"}, body.encode())
