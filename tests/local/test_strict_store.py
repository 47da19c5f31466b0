"""The strict store refuses what Azure refuses, cuts pages as Azure may, and answers as Azure does under stress.

Requests go through the real SDKs. Some rows are refused by Azurite itself; all others fail without our refusal.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.data.tables import EdmType, TableClient, TableServiceClient
from azure.storage.queue import QueueClient, QueueServiceClient

from local.strict_store.errors import OPERATION_TIMED_OUT, SERVER_BUSY, ServiceError
from local.strict_store.store import StrictStore
from tests.processes import AzuriteServer

pytestmark = pytest.mark.integration

WEEK = 7 * 24 * 3600


@dataclass
class Clients:
    """The SDK's clients of one account, with a table and a queue, and without retries."""

    tables: TableServiceClient
    table: TableClient
    queues: QueueServiceClient
    queue: QueueClient

    def insert(self, partition: str = "p", row: str = "r", *, kind: str = "application/json", **values: Any) -> object:
        return self.table.create_entity({"PartitionKey": partition, "RowKey": row, **values}, content_type=kind)

    def upsert(self, partition: str = "p", row: str = "u", **values: Any) -> object:
        return self.table.upsert_entity({"PartitionKey": partition, "RowKey": row, **values})

    def together(self, *rows: dict[str, Any], verb: str = "upsert") -> object:
        return self.table.submit_transaction([(verb, {"PartitionKey": "p", **row}) for row in rows])

    def pages(self, condition: str = "PartitionKey ge ''", size: int | None = None) -> list[int]:
        found = self.table.query_entities(condition, results_per_page=size).by_page()
        return [len(list(page)) for page in found]


class Unlike(tuple[str, EdmType]):
    """A partition key that the SDK takes for equal to any other."""

    __slots__ = ()

    def __ne__(self, other: object) -> bool:
        return False


@contextmanager
def clients_of(store: StrictStore) -> Iterator[Clients]:
    with (
        TableServiceClient.from_connection_string(store.connection, retry_total=0) as tables,
        QueueServiceClient.from_connection_string(store.connection, retry_total=0) as queues,
    ):
        yield Clients(tables, tables.create_table("Known"), queues, queues.create_queue("known"))


@pytest.fixture(scope="module")
def clients(azurite: AzuriteServer) -> Iterator[Clients]:
    """For tests that leave nothing behind."""
    with azurite.new_store() as store, clients_of(store) as known:
        yield known


@pytest.fixture
def fresh(strict: StrictStore) -> Iterator[Clients]:
    with clients_of(strict) as known:
        yield known


def properties(count: int, value: object = 1) -> dict[str, Any]:
    return {f"p{number}": value for number in range(count)}


def conditions(count: int) -> str:
    return " or ".join(["PartitionKey eq ' eq '"] * count)


def day(year: int) -> dt.datetime:
    return dt.datetime(year, 1, 1, tzinfo=dt.UTC)


def large(count: int, size: int = 32_000) -> dict[str, Any]:
    return properties(count, "x" * size)


MEBIBYTE = 16  # properties of 64,000 bytes
EMOJI = "\N{GRINNING FACE}"  # two code units in UTF-16, four bytes in UTF-8

Send = Callable[[Clients], object]

REFUSED: dict[str, tuple[Send, int, str]] = {
    "page of 1,001": (lambda c: c.pages(size=1001), 400, "InvalidInput"),
    "tables, page of 1,001": (lambda c: list(c.tables.list_tables(results_per_page=1001)), 400, "InvalidInput"),
    "16 comparisons": (lambda c: c.pages(conditions(16)), 400, "InvalidInput"),
    **{
        f"{verb} key {name}": (send, 400, code)
        for name, key, in_url in (
            ("slash", "a/b", "InvalidInput"),
            ("backslash", "a\\b", "InvalidInput"),
            ("hash", "a#b", "OutOfRangeInput"),
            ("question mark", "a?b", "OutOfRangeInput"),
            ("U+001F", "a\x1f", "OutOfRangeInput"),
            ("U+007F", "a\x7f", "OutOfRangeInput"),
            ("U+009F", "a\x9f", "OutOfRangeInput"),
        )
        for verb, send, code in (
            ("insert", lambda c, key=key: c.insert(key), "OutOfRangeInput"),
            ("upsert", lambda c, key=key: c.upsert(row=key), in_url),
            ("get", lambda c, key=key: c.table.get_entity("p", key), in_url),
            ("transaction", lambda c, key=key: c.together({"RowKey": key}), in_url),
        )
    },
    "insert key over 1 KiB": (lambda c: c.insert(row="k" * 513), 400, "PropertyValueTooLarge"),
    "upsert key over 1 KiB": (lambda c: c.upsert("k" * 513), 400, "PropertyValueTooLarge"),
    "get key over 1 KiB": (lambda c: c.table.get_entity("p", "k" * 513), 400, "PropertyValueTooLarge"),
    "key over 1 KiB in UTF-16": (lambda c: c.insert(EMOJI * 257), 400, "PropertyValueTooLarge"),
    "string over 64 KiB": (lambda c: c.insert(v="x" * 32_769), 400, "PropertyValueTooLarge"),
    "string over 64 KiB in UTF-16": (lambda c: c.upsert(v=EMOJI * 16_385), 400, "PropertyValueTooLarge"),
    "bytes over 64 KiB": (lambda c: c.insert(v=b"x" * 65_537), 400, "PropertyValueTooLarge"),
    "entity over 1 MiB": (lambda c: c.insert(**large(MEBIBYTE + 1)), 400, "EntityTooLarge"),
    "entity over 1 MiB in a transaction": (
        lambda c: c.together({"RowKey": "r", **large(MEBIBYTE + 1)}),
        400,
        "EntityTooLarge",
    ),
    "253 properties": (lambda c: c.upsert(**properties(253)), 400, "TooManyProperties"),
    "property name of 256": (lambda c: c.insert(**{"n" * 256: 1}), 400, "PropertyNameTooLong"),
    "property name with a dash": (lambda c: c.insert(**{"a-b": 1}), 400, "PropertyNameInvalid"),
    "property name with a digit first": (lambda c: c.insert(**{"1a": 1}), 400, "PropertyNameInvalid"),
    "date before 1601": (lambda c: c.insert(v=day(1600)), 400, "OutOfRangeInput"),
    "unknown type": (lambda c: c.insert(**{"v": "1", "v@odata.type": "Edm.Time"}), 400, "InvalidInput"),
    "Atom": (lambda c: c.insert(kind="application/atom+xml"), 415, "MediaTypeNotSupported"),
    "101 operations": (lambda c: c.together(*({"RowKey": f"{n}"} for n in range(101))), 400, "InvalidInput"),
    "transaction over 4 MiB": (
        lambda c: c.together(*({"RowKey": f"{n}", **large(4)} for n in range(34))),
        413,
        "RequestBodyTooLarge",
    ),
    "two partitions": (
        lambda c: c.together(
            {"RowKey": "r"}, {"RowKey": "s", "PartitionKey": Unlike(("q", EdmType.STRING))}, verb="create"
        ),
        400,
        "CommandsInBatchActOnDifferentPartitions",
    ),
    "the same entity twice": (lambda c: c.together({"RowKey": "r"}, {"RowKey": "r"}), 400, "InvalidDuplicateRow"),
    "a property in a transaction": (
        lambda c: c.together({"RowKey": "r", "v": "x" * 32_769}),
        400,
        "PropertyValueTooLarge",
    ),
    "reserved table name": (lambda c: c.tables.create_table("Tables"), 400, "InvalidResourceName"),
    "table name in other case": (lambda c: c.tables.create_table("KNOWN"), 409, "TableAlreadyExists"),
    "message that XML cannot have": (lambda c: c.queue.send_message("a\x01"), 400, "InvalidXmlDocument"),
    "message over 64 KiB": (lambda c: c.queue.send_message("x" * 65_537), 413, "RequestBodyTooLarge"),
    "visible after 7 days": (
        lambda c: c.queue.send_message("x", visibility_timeout=WEEK + 1, time_to_live=-1),
        400,
        "OutOfRangeQueryParameterValue",
    ),
    "visible after its life": (
        lambda c: c.queue.send_message("x", visibility_timeout=60, time_to_live=60),
        400,
        "InvalidQueryParameterValue",
    ),
    **{
        f"a life of {life}": (
            lambda c, life=life: c.queue.send_message("x", time_to_live=life),
            400,
            "InvalidQueryParameterValue",
        )
        for life in (0, -2)
    },
    "33 messages": (
        lambda c: list(c.queue.receive_messages(messages_per_page=33)),
        400,
        "OutOfRangeQueryParameterValue",
    ),
    **{
        f"queue name {name[:8]}": (lambda c, name=name: c.queues.create_queue(name), 400, code)
        for name, code in {
            "ab": "OutOfRangeInput",
            "q" * 64: "OutOfRangeInput",
            "Queue": "InvalidResourceName",
            "a--b": "InvalidResourceName",
            "a_b": "InvalidResourceName",
            "-ab": "InvalidResourceName",
        }.items()
    },
}


ACCEPTED: dict[str, Send] = {
    "page of 1,000": lambda c: c.pages(size=1000),
    "15 comparisons": lambda c: c.pages(conditions(15)),
    "key of 1 KiB": lambda c: (c.insert(row="k" * 512), c.upsert("k" * 512)),
    "string of 64 KiB": lambda c: c.upsert(v="x" * 32_768),
    "string of 64 KiB in UTF-16": lambda c: c.upsert(v=EMOJI * 16_384),
    "bytes of 64 KiB": lambda c: c.upsert(v=b"x" * 65_536),
    "entity below 1 MiB": lambda c: c.upsert(**large(MEBIBYTE)),
    "252 properties": lambda c: c.upsert(row="many", **properties(252)),
    "property name of 255": lambda c: c.upsert(**{"é" * 255: 1}),
    "date in 1601": lambda c: c.upsert(v=day(1601)),
    "100 operations": lambda c: c.together(*({"RowKey": f"{n}"} for n in range(100))),
    "message of 64 KiB": lambda c: c.queue.send_message("x" * 65_536),
    "message without expiry": lambda c: c.queue.send_message("x", time_to_live=-1, visibility_timeout=WEEK),
    "32 messages": lambda c: list(c.queue.receive_messages(messages_per_page=32)),
    "queue name of 63": lambda c: c.queues.create_queue("a-1" * 21),
}


@pytest.mark.parametrize(("send", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_what_azure_refuses_is_refused(clients: Clients, send: Send, status: int, code: str) -> None:
    """With the status and the error code of the service (local/strict_store names Microsoft's pages)."""
    with pytest.raises(HttpResponseError) as refused:
        send(clients)
    assert refused.value.status_code == status
    assert re.search(rf'(ErrorCode:|"code":"){code}\b', str(refused.value)), str(refused.value)


@pytest.mark.parametrize("name", ["ab", "t" * 64, "1st", "a-b"])
def test_a_table_name_that_azure_refuses_is_refused(clients: Clients, name: str) -> None:
    """The SDK explains the rule when it knows the error code."""
    with pytest.raises(ValueError, match="Storage table names must be alphanumeric"):
        clients.tables.create_table(name)


@pytest.mark.parametrize("send", ACCEPTED.values(), ids=ACCEPTED)
def test_the_most_that_azure_accepts_is_accepted(clients: Clients, send: Send) -> None:
    """A limit that is too low would forbid what works in Azure."""
    send(clients)


def test_a_deleted_table_or_queue_cannot_be_used_for_forty_seconds(fresh: Clients, strict: StrictStore) -> None:
    """Neither made again nor written to. It is not listed either."""
    fresh.tables.delete_table("Known")
    fresh.queues.delete_queue("known")
    for send, code in (
        (lambda: fresh.tables.create_table("known"), "TableBeingDeleted"),
        (fresh.insert, "TableBeingDeleted"),
        (lambda: fresh.together({"RowKey": "r"}), "TableBeingDeleted"),
        (fresh.pages, "TableBeingDeleted"),
        (lambda: fresh.queues.create_queue("known"), "QueueBeingDeleted"),
        (lambda: fresh.queue.send_message("x"), "QueueBeingDeleted"),
    ):
        with pytest.raises(HttpResponseError, match=code) as refused:
            send()
        assert refused.value.status_code == 409
    assert list(fresh.tables.list_tables()) == list(fresh.queues.list_queues()) == []
    strict.let_deletions_last(0)
    fresh.tables.create_table("Known")
    fresh.queues.create_queue("known")


@pytest.mark.parametrize(
    ("size", "with_empty", "asked", "pages"),
    [
        (1000, False, None, [5]),
        (2, False, None, [2, 2, 1]),
        (2, False, 3, [2, 2, 1]),
        (2, True, None, [0, 2, 0, 2, 0, 1]),
        (1000, True, 3, [0, 3, 0, 2]),
    ],
)
def test_pages_are_cut_and_lose_nothing(
    fresh: Clients, strict: StrictStore, size: int, with_empty: bool, asked: int | None, pages: list[int]
) -> None:
    """Pages of rows and of table names. An empty page has a continuation."""
    for number in range(5):
        fresh.insert(f"p{number // 2}", f"{number}")
        if number:
            fresh.tables.create_table(f"Known{number}")
    strict.cut_pages(size, with_empty=with_empty)
    assert fresh.pages(size=asked) == pages
    assert [row["RowKey"] for row in fresh.table.list_entities()] == ["0", "1", "2", "3", "4"]
    assert [len(list(page)) for page in fresh.tables.list_tables(results_per_page=asked).by_page()] == pages


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize(("error", "status", "wait"), [(SERVER_BUSY, 503, "1"), (OPERATION_TIMED_OUT, 500, None)])
def test_errors_under_stress_come_before_or_after_the_request_was_carried_out(
    fresh: Clients, strict: StrictStore, error: ServiceError, status: int, wait: str | None, applied: bool
) -> None:
    """From both services. A service that is busy says when to try again."""
    for proxy, send in ((strict.tables, fresh.insert), (strict.queues, lambda: fresh.queue.send_message("x"))):
        with (
            proxy.answering(error, lambda request: request.is_write, applied=applied),
            pytest.raises(HttpResponseError, match=error.code) as refused,
        ):
            send()
        assert (refused.value.status_code, refused.value.response.headers.get("Retry-After")) == (status, wait)
    assert (len(list(fresh.table.list_entities())), len(fresh.queue.peek_messages())) == (applied, applied)


def test_an_interruption_that_meets_no_request_is_an_error(strict: StrictStore) -> None:
    """The test that asked for it would show nothing."""
    for interruption in (strict.tables.losing_answer, lambda wanted: strict.tables.answering(SERVER_BUSY, wanted)):
        with pytest.raises(LookupError), interruption(lambda _request: True):
            pass
