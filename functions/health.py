"""HTTP: report whether this instance runs and can do its work."""

import asyncio
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

import azure.functions as func

from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import TryAgain
from shared.validation.model import Answer
from shared.wiring import Service

bp = func.Blueprint()

_READS: Final[WeakKeyDictionary[Service, asyncio.Task[Any]]] = WeakKeyDictionary()


class HealthAnswer(Answer):
    """All is well; anything else is a problem document."""

    status: Literal["ok"]


@endpoint(bp, "GET", "v1/health/live", load=None)
async def health_live(call: Call) -> HealthAnswer:
    """Is the process alive, and are its settings sound?"""
    _ = call.service  # raises BadSettings if the settings are not valid
    return HealthAnswer(status="ok")


@endpoint(bp, "GET", "v1/health/ready", refuses=(TryAgain,), load=None)
async def health_ready(call: Call) -> HealthAnswer:
    """Can it do its work?

    Reads one row that does not exist. The answer says nothing about the store. It needs no place, so that it is
    answered under pressure too: all who ask at the same time share one read, and nobody can flood the store with it.
    """
    read = _READS.get(call.service)
    if read is None or read.done():
        read = _READS[call.service] = asyncio.create_task(call.service.adapters.names.find("health"))
    await asyncio.shield(read)  # whoever hangs up must not end it for the others
    return HealthAnswer(status="ok")
