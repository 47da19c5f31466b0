"""Connect each port to its adapter. No other file does.

Each adapter is built on first use and kept, because all requests of an instance share its connections. The packages of
vendors are imported where they are first needed, so that a cold start loads only what its first request uses.

A use-case is built from the names of its fields: each field gets the adapter or the setting of the same name. A field
whose type is in `shared/usecases/_*.py` is built in the same way.
"""

import os
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast

from shared.domain.session import Session
from shared.ports.tokens import TokenPurpose
from shared.settings import BadSettings as BadSettings  # exported for the callers of `service`
from shared.settings import settings_from
from shared.wiring.adapters import Adapters as Adapters
from shared.wiring.stores import ALL_QUEUES as ALL_QUEUES
from shared.wiring.stores import AUDIT as AUDIT
from shared.wiring.stores import DELIVERY_REPORTS as DELIVERY_REPORTS
from shared.wiring.stores import IMPORTS as IMPORTS
from shared.wiring.stores import OUTBOX as OUTBOX

T = TypeVar("T")


class Service:
    """Builds use-cases: `await service().use(Verify)(token, ...)`."""

    def __init__(self, adapters: Adapters) -> None:
        self.adapters, self.settings = adapters, adapters.settings
        self._built: dict[type[Any], Any] = {}

    def use(self, kind: type[T]) -> T:
        """Return the use-case of that class, built once. Raises AttributeError for a field without an adapter."""
        if kind not in self._built:
            parts = {f.name: self._part(f.name, f.type) for f in fields(cast("Any", kind)) if f.init}
            self._built[kind] = kind(**parts)
        return cast("T", self._built[kind])

    def session(self, token: str, role: str) -> Session:
        """Return the session of a bearer token. Raises SignInRequired if it has expired or is not for that role."""
        activated, registering = [TokenPurpose.ACTIVATION], [TokenPurpose.SESSION, TokenPurpose.ACTIVATION]
        wanted = {"activated": activated, "registering": registering}.get(role, [TokenPurpose.SESSION])
        return self.adapters.tokens.open_one_of(wanted, token, Session).still_valid(self.adapters.clock.now())

    def _part(self, name: str, kind: Any) -> Any:
        if is_dataclass(kind) and isinstance(kind, type) and kind.__module__.startswith("shared.usecases."):
            return self.use(kind)
        return getattr(self.adapters, name)


@cache
def service() -> Service:
    """Return the service of this process. Raises BadSettings with every fault of the environment."""
    return Service(Adapters(settings_from(os.environ)))  # noqa: TID251  the only place where the environment is read
