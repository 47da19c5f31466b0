"""The rules of the table service that Azurite does not apply.

Azurite itself refuses names that differ only in case, and a filter that makes the head of a request longer than 16 KiB
(431). Microsoft's pages limit only the number of comparisons in a filter.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from local.strict_store import transactions
from local.strict_store.deletions import Deletions
from local.strict_store.errors import INVALID_INPUT, ServiceError
from local.strict_store.pages import MOST_ITEMS, Pages
from local.strict_store.transactions import Operation
from local.strict_store.wire import Answer, Request

COMPARISONS: Final = 15
"""Microsoft Learn, "Querying tables and entities": the most discrete comparisons in a filter."""

_TABLES: Final = re.compile(r"^/([^/]+)/Tables(?:\('(.+)'\))?$")
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_COMPARISON: Final = re.compile(r"\b(?:eq|ne|gt|ge|lt|le)\b")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
NAME_LENGTH: Final = range(3, 64)

NAME_INVALID: Final = ServiceError(
    400,
    "InvalidResourceName",
    "The specifed resource name contains invalid characters.",  # as the service spells it
)
NAME_LENGTH_INVALID: Final = ServiceError(
    400, "OutOfRangeInput", "The specified resource name length is not within the permissible limits."
)
BEING_DELETED: Final = ServiceError(
    409, "TableBeingDeleted", "The specified table is being deleted. Try operation later."
)
NOT_JSON: Final = ServiceError(415, "MediaTypeNotSupported", "None of the provided media types are supported")


@dataclass
class TableRules:
    """Refuses what the service refuses, and cuts pages."""

    pages: Pages = field(default_factory=Pages)
    deletions: Deletions = field(default_factory=Deletions)

    def before(self, request: Request) -> Request | Answer:
        """Return the request to forward, or the refusal."""
        if "comp=" in request.query:
            return request  # the properties of the service and the access policies of a table
        account = request.path.split("/")[1]
        if request.path.endswith("/$batch"):
            refused = transactions.refusal(request.body, lambda table: self._fault_of_table(account, table))
            return refused or request
        fault = self._fault(account, request)
        if fault is not None:
            return fault.as_json()
        return self.pages.cut(request) if request.method == "GET" and "'" not in request.path else request

    def after(self, request: Request, answer: Answer) -> Answer:
        """Return the answer, and remember deletions."""
        if request.method == "DELETE" and answer.status == 204 and (found := _TABLES.match(request.path)):
            self.deletions.begin(found[1], found[2])
        return answer

    def error(self, error: ServiceError) -> Answer:
        """Return the error as OData in JSON."""
        return error.as_json()

    def _fault(self, account: str, request: Request) -> ServiceError | None:
        if request.method == "GET":
            return self._fault_of_query(request)
        # Microsoft Learn, "Payload format for Table service operations": JSON only, since version 2015-12-11
        if request.body and not request.headers.get("content-type", "").startswith("application/json"):
            return NOT_JSON
        if (tables := _TABLES.match(request.path)) is not None:
            name = tables[2] or str(_object(request.body).get("TableName"))
            return self._fault_of_name(name) or self._fault_of_table(account, name)
        operation = Operation(request.target.partition("?")[0], request.body)
        return self._fault_of_table(account, operation.table) or operation.fault()

    def _fault_of_query(self, request: Request) -> ServiceError | None:
        options = parse_qs(request.query)
        # Microsoft Learn, "Query operators supported for the Table service": Take
        if int(options.get("$top", ["1"])[0]) > MOST_ITEMS:
            return INVALID_INPUT
        conditions = _LITERAL.sub("''", options.get("$filter", [""])[0])
        if len(_COMPARISON.findall(conditions)) > COMPARISONS:
            return INVALID_INPUT
        if _TABLES.match(request.path):
            return None
        operation = Operation(request.target.partition("?")[0], b"")
        return self._fault_of_table(request.path.split("/")[1], operation.table) or operation.fault()

    def _fault_of_name(self, name: str) -> ServiceError | None:
        """Microsoft Learn, "Understanding the Table service data model", "Table names"."""
        if not _NAME.fullmatch(name) or name.lower() == "tables":
            return NAME_INVALID
        return None if len(name) in NAME_LENGTH else NAME_LENGTH_INVALID

    def _fault_of_table(self, account: str, table: str) -> ServiceError | None:
        return BEING_DELETED if self.deletions.are_under_way(account, table) else None


def _object(body: bytes) -> dict[str, object]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
