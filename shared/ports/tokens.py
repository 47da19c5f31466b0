"""Tokens: values that the service encrypts and the browser sends back (D4)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")


class TokenPurpose(StrEnum):
    """Purpose of a token. It is bound into the seal, so that a token cannot be used for another purpose (R-29)."""

    VERIFICATION = "verification"
    RESET = "reset"
    SESSION = "session"
    CHANGE = "change"
    ACTIVATION = "activation"
    CALL = "call"
    PLACE = "place"
    """How far a list was read."""
    COVERAGE_PLACE = "coverage_place"
    AUDIT_PLACE = "audit_place"
    """How far a search of the audit log has come."""


class Tokens(Protocol):
    """Authenticated encryption. The length of a sealed value does not depend on its content."""

    def seal(self, purpose: TokenPurpose, value: object) -> str: ...

    def open(self, purpose: TokenPurpose, token: str, kind: type[T]) -> T:
        """Open a token. Raises Refused if it was not sealed here for this purpose. Does not check expiry."""
        ...

    def open_one_of(self, purposes: Sequence[TokenPurpose], token: str, kind: type[T]) -> T:
        """Open a token that was sealed for one of these purposes. Raises what `open` raises for the last of them."""
        ...
