"""HTTP: report whether this instance runs and can do its work."""

from typing import Literal

import azure.functions as func

from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import TryAgain
from shared.validation.model import Answer

bp = func.Blueprint()


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

    Reads one row that does not exist. The answer says nothing about the store.
    """
    await call.service.adapters.names.find("health")
    return HealthAnswer(status="ok")
