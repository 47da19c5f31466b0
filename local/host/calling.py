"""One invocation: the library's converters decode the inputs and encode the outputs of a handler."""

import asyncio
import contextvars
import logging
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from local import logs
from local.host.loading import LoadedFunction, converter_of
from local.host.queue_clients import QueueClients

Datum = func.meta.Datum
logger = logging.getLogger("host")


class _Out(func.Out[Any]):
    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        self._value = val

    def get(self) -> Any:
        return self._value


@dataclass(frozen=True)
class _TraceContext:
    """The W3C trace context of the request, with the worker's names."""

    Traceparent: str
    Tracestate: str

    @property
    def trace_parent(self) -> str:
        return self.Traceparent

    @property
    def trace_state(self) -> str:
        return self.Tracestate

    @property
    def attributes(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class _Context:
    """The value of a handler's `context` parameter."""

    function_name: str
    invocation_id: str
    trace_context: _TraceContext
    function_directory: str = ""
    retry_context: None = None
    thread_local_storage: type[threading.local] = threading.local


class Invoker:
    """Calls functions. Each synchronous handler runs in a thread, so that it does not block the others."""

    def __init__(self, queues: QueueClients, *, threads: int | None = None) -> None:
        self._queues = queues
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="function")

    async def call(
        self,
        function: LoadedFunction,
        trigger_value: Any,
        trigger_metadata: Mapping[str, Any] | None = None,
        traceparent: str | None = None,
    ) -> Any:
        """Run one invocation and return the datum of its return value.

        Outputs are written after the handler returns and before the caller gets the result. If the handler fails, no
        output is written.
        """
        invocation = str(uuid.uuid4())
        logs.current_function.set(function.name)
        logs.current_invocation.set(invocation)
        converter = converter_of(function.trigger.kind)
        arguments: dict[str, Any] = {
            function.trigger.name: converter.decode(trigger_value, trigger_metadata=trigger_metadata)
        }
        outputs = {binding.name: _Out() for binding in function.outputs}
        arguments |= outputs
        if function.takes_context:
            trace = _TraceContext(traceparent or _new_traceparent(), "")
            arguments["context"] = _Context(function.name, invocation, trace)
        result = await self._run(function, arguments)
        if result is not None and function.returns is None:
            raise RuntimeError(f"{function.name} has no return binding and must return None")
        answer = None
        if function.returns is not None:
            answer = converter_of(function.returns.kind).encode(result, expected_type=None)
        for binding in function.outputs:
            value = outputs[binding.name].get()
            if value is not None:
                await self._queues.send(binding, converter_of("queue").encode(value, expected_type=None))
        return answer

    async def _run(self, function: LoadedFunction, arguments: dict[str, Any]) -> Any:
        if function.is_async:
            return await function.handler(**arguments)
        context = contextvars.copy_context()
        work = lambda: context.run(lambda: function.handler(**arguments))  # noqa: E731
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Drop the threads. A handler that still runs in one does not delay the exit."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _new_traceparent() -> str:
    return f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-00"
