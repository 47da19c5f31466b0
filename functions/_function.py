"""Make the functions of the app: one decorated function for an endpoint, a queue or a timer.

    @endpoint(bp, "POST", "v1/reset/verify", refuses=(Refused, Limited, TryAgain))
    async def reset_verify(call: Call, body: VerifyRequest) -> VerifyAnswer:
        '...'

The decorator registers the function and adds it to the OpenAPI document. The function's name is the operation's name,
and the first line of its docstring is the summary. An endpoint with a body has a parameter `body`; every other
parameter is a part of the path. `refuses` names the errors of this endpoint. Errors of the origin, the session, the
body and the path are added here.

The worker compares a function's signature and annotations with the bindings. Handlers do not depend on the platform, so
this module makes the signature that the worker reads, with the names of the bindings.
"""

import inspect
import secrets
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import update_wrapper
from typing import Any, Final, get_type_hints

import azure.functions as func

from functions._capacity import Load, capacity_of
from functions._http import Call, ordinary_body, place_of, respond
from functions._needs import Needs, errors_of
from functions._shapes import AS_USUAL, Shape
from shared.domain.errors import (
    BodyTooLarge,
    InvalidInput,
    NotAllowed,
    NotFound,
    OriginRefused,
    SesameError,
    TryAgain,
    UnsupportedContent,
)
from shared.domain.policy import Policy
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail, reference_from
from shared.wiring import service

STORAGE: Final = "AzureWebJobsStorage"
"""The name of the setting with the connection of every queue."""

ALWAYS: Final = (OriginRefused, SesameError, TryAgain)
WITH_A_BODY: Final = (InvalidInput, BodyTooLarge, UnsupportedContent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The description of an endpoint for the OpenAPI document."""

    name: str
    verb: str
    route: str
    summary: str
    takes: Any
    """The model of the body, or None."""
    reads: Any = None
    """The type of a body that the handler reads itself, after it has found out who calls; None otherwise."""
    shape: Shape = AS_USUAL
    answers: Any
    path: dict[str, Any]
    """The parameters in the path, by name, each with its type."""
    needs: Needs | Right | None
    """None: it is for everybody."""
    refuses: tuple[type[SesameError], ...]
    """Every error that it may answer with, most general first."""


ENDPOINTS: Final[list[Endpoint]] = []
"""Every endpoint whose module was imported, in the order of the imports."""


def endpoint(
    bp: func.Blueprint,
    verb: str,
    route: str,
    *,
    needs: Needs | Right | None = None,
    refuses: tuple[type[SesameError], ...] = (),
    body_kib: Callable[[Policy], int] = ordinary_body,
    reads: Any = None,
    shape: Shape = AS_USUAL,
    load: Load | None = Load.STEP,
) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """Register a handler as an HTTP function. It needs no function key, because callers are checked here (D3)."""

    def decorate(handler: Callable[..., Awaitable[Any]]) -> Any:
        made = replace(_described(handler, verb, route, needs, refuses), reads=reads, shape=shape)
        ENDPOINTS.append(made)

        async def work(call: Call) -> Any:
            if load is not None:  # the others leave no event, and answer without settings too
                call.trail.network, call.trail.device = call.network, call.device
            with call.refusals_noted(made.name):
                if made.needs is not None:
                    # Before the body is read: the body of a caller without the role is never parsed.
                    _admit(call, made.needs)
                given = {name: call.request.route_params[name] for name in made.path}
                if made.takes is not None:
                    given["body"] = call.body(made.takes)
                # Without a load it costs next to nothing, and must be answered under pressure too.
                with nullcontext() if load is None else capacity_of(call.service).place(load):
                    return await handler(call, **given)

        async def run(request: func.HttpRequest, trail: Trail) -> func.HttpResponse:
            return await respond(Call(request=request, trail=trail, body_kib=body_kib), work)

        function = function_of(handler, ("req", func.HttpRequest), run, func.HttpResponse)
        return bp.route(route, methods=[verb], auth_level=func.AuthLevel.ANONYMOUS)(function)

    return decorate


def _admit(call: Call, needs: Needs | Right) -> None:
    """Raise SignInRequired without a valid sign-in or activation, and NotAllowed without a role that permits it.

    The roles are those at sign-in: whether somebody has one now, the use-case asks the directory (rule 24).
    """
    session = call.service.session(call.bearer, needs)
    if isinstance(needs, Right) and not session.may(needs):
        from shared.usecases.note_refusal import NoteRefusal

        call.service.use(NoteRefusal).of_a_session(session, call.trail)
        raise NotAllowed


def _described(
    handler: Callable[..., Any],
    verb: str,
    route: str,
    needs: Needs | Right | None,
    refuses: tuple[type[SesameError], ...],
) -> Endpoint:
    hints = get_type_hints(handler, include_extras=True)
    takes = hints.get("body")
    path = {name: hints[name] for name in list(inspect.signature(handler).parameters)[1:] if name != "body"}
    return Endpoint(
        name=handler.__name__,
        verb=verb,
        route=route,
        summary=(inspect.getdoc(handler) or "").splitlines()[0],
        takes=takes,
        answers=hints["return"],
        path=path,
        needs=needs,
        refuses=(
            *ALWAYS,
            *errors_of(needs),
            *(WITH_A_BODY if takes else ()),
            *((NotFound,) if path else ()),
            *refuses,
        ),
    )


# -- queues and timers: after an error the host repeats a message, and after five it goes to the poison queue --


def queue_function(
    bp: func.Blueprint, queue: str, reads: Callable[[str], Any]
) -> Callable[[Callable[[Any, Trail], Awaitable[None]]], Any]:
    """Register a handler for the messages of `queue`. It gets what `reads` makes of their text.

    A message that cannot be read is recorded, without its text, and is then gone: it would fail each time (rule 33).
    `reads` raises ValueError for it.
    """

    def decorate(handler: Callable[[Any, Trail], Awaitable[None]]) -> Any:
        async def run(message: func.QueueMessage, trail: Trail) -> None:
            try:
                read = reads(message.get_body().decode())
            except (ValueError, RecursionError):
                trail.record(Tag.MESSAGE_DISCARDED, service().adapters.clock.now(), cause=queue)
            else:
                await handler(read, trail)

        function: Any = function_of(handler, ("msg", func.QueueMessage), run)
        return bp.queue_trigger("msg", queue_name=queue, connection=STORAGE)(function)

    return decorate


def timer_function(bp: func.Blueprint, setting: str) -> Callable[[Callable[[Trail], Awaitable[None]]], Any]:
    """Register a handler that runs on the schedule in `setting`, in one instance at a time and not at start-up."""

    def decorate(handler: Callable[[Trail], Awaitable[None]]) -> Any:
        async def run(_timer: func.TimerRequest, trail: Trail) -> None:
            await handler(trail)

        function: Any = function_of(handler, ("timer", func.TimerRequest), run)
        return bp.timer_trigger("timer", schedule=f"%{setting}%", run_on_startup=False, use_monitor=True)(function)

    return decorate


# -- the function that the worker registers --


class FunctionFailed(Exception):
    """What the host learns of a failure, and logs twice with all its causes: those of the SDKs quote URLs of rows."""


REFERENCE_BYTES: Final = 6
"""Of the reference that a refusal tells and the events of the request have."""


def function_of(
    handler: Callable[..., Any],
    trigger: tuple[str, type],
    run: Callable[[Any, Trail], Awaitable[Any]],
    returns: type | None = None,
) -> Callable[..., Awaitable[Any]]:
    """Return a function with the handler's name that takes the trigger.

    It calls `run` with the trigger's value and an empty trail. Then it leaves the events to the audit log: also where
    `run` failed, and without a say in the answer (rule 31). No function has an output binding, because the host writes
    it after the handler and answers an empty 500 if it cannot.
    """
    arrives, kind = trigger
    parameter = inspect.Parameter(arrives, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind)
    signature = inspect.Signature([parameter], return_annotation=returns)

    async def function(*values: Any, **named: Any) -> Any:
        trail = Trail(reference=reference_from(secrets.token_hex(REFERENCE_BYTES)))
        try:
            return await run(signature.bind(*values, **named).arguments[arrives], trail)
        except Exception as error:  # noqa: BLE001  of a queue or a timer; an endpoint answers whatever happens
            raise FunctionFailed(place_of(error)) from None
        finally:
            if trail.events:
                await service().adapters.audit_outbox.leave(trail.events)

    made: Any = update_wrapper(function, handler)
    made.__signature__ = signature
    made.__annotations__ = {arrives: kind, "return": returns}
    return function
