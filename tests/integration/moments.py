"""Functions that recognise a request, so that a proxy can hold a given step."""

import json
from collections.abc import Callable
from typing import Any

from local.strict_store.wire import Request
from tests.integration.inside import Known


def row_written(request: Request, known: Known) -> dict[str, Any] | None:
    """Return the person's row as this request writes it; None for any other request."""
    if not (request.is_write and request.is_to("People") and known.account in request.path + request.body.decode()):
        return None
    row: dict[str, Any] = json.loads(json.loads(request.body)["body"])
    return row


def confirms(known: Known) -> Callable[[Request], bool]:
    """The write that confirms a method."""

    def wanted(request: Request) -> bool:
        row = row_written(request, known)
        return row is not None and any(method["state"] == "confirmed" for method in row["methods"])

    return wanted


def passes_gate(known: Known) -> Callable[[Request], bool]:
    """The write that records a right answer."""

    def wanted(request: Request) -> bool:
        row = row_written(request, known)
        return row is not None and any(attempt["passed"] for attempt in row["attempts"])

    return wanted


def counts_try(known: Known) -> Callable[[Request], bool]:
    """The write that records a wrong answer."""

    def wanted(request: Request) -> bool:
        row = row_written(request, known)
        return row is not None and any(attempt["tries"] for attempt in row["attempts"])

    return wanted


def reserves(known: Known) -> Callable[[Request], bool]:
    """The write that reserves a completion, before the directory is called; it invalidates all tokens."""

    def wanted(request: Request) -> bool:
        row = row_written(request, known)
        return row is not None and bool(row["completion"])

    return wanted


def finishes(known: Known) -> Callable[[Request], bool]:
    """The write that clears the mark of a completion."""

    def wanted(request: Request) -> bool:
        row = row_written(request, known)
        return row is not None and not row["completion"] and bool(row["known_clients"])

    return wanted


def sets_password(known: Known) -> Callable[[Request], bool]:
    """The write to the embedded directory."""
    return lambda request: request.is_write and request.is_to("Accounts") and known.account in request.path


def sends_to(address: str) -> Callable[[Request], bool]:
    """The call to the provider for one address."""
    return lambda request: request.method == "POST" and address.encode() in request.body
