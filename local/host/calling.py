"""One invocation: the library's converters decode the input and encode the outputs of a handler."""

import asyncio
import logging
import os
import uuid
from collections.abc import Mapping
from typing import Any

import azure.functions as func

from local import logs
from local.host.loading import LoadedFunction
from local.host.queue_clients import QueueClients

logger = logging.getLogger("host")
Datum = func.meta.Datum


class _Out(func.Out[Any]):
    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        self._value = val

    def get(self) -> Any:
        return self._value


class Invoker:
    """Calls functions."""

    def __init__(self, queues: QueueClients, timeout: float) -> None:
        self._queues = queues
        self._timeout = timeout

    async def call(
        self, function: LoadedFunction, trigger_value: Any, trigger_metadata: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one invocation; return the datum of an HTTP function's response, None for any other function.

        Outputs are written after the handler returns and before the caller gets the result. If the handler fails, no
        output is written.
        """
        logs.current_function.set(function.name)
        logs.current_invocation.set(str(uuid.uuid4()))
        trigger = function.trigger
        given = _converter(trigger.kind).decode(trigger_value, trigger_metadata=trigger_metadata)
        outputs = {binding.name: _Out() for binding in function.outputs}
        result = await self._in_time(function, {trigger.name: given, **outputs})
        answer = _converter("http").encode(result, expected_type=None) if trigger.kind == "httpTrigger" else None
        for binding in function.outputs:
            value = outputs[binding.name].get()
            if value is not None:
                await self._queues.send(binding, _converter("queue").encode(value, expected_type=None))
        return answer

    async def _in_time(self, function: LoadedFunction, given: Mapping[str, Any]) -> Any:
        """Run the handler. `functionTimeout` ends the whole process, as Azure ends the worker with all that it runs."""
        over = asyncio.get_running_loop().call_later(self._timeout, _end_the_process, function.name)
        try:
            return await function.handler(**given)
        finally:
            over.cancel()


def _end_the_process(name: str) -> None:
    logger.critical("%s ran longer than functionTimeout: the process ends", name)
    os._exit(1)


def _converter(kind: str) -> Any:
    """Return the library's converter for a kind of binding, which the worker calls too."""
    return func.get_binding_registry().get(kind)
