"""TIMER: delete what has expired."""

import logging

import azure.functions as func

from functions._function import timer_function
from shared.domain.trail import Trail
from shared.usecases.purge import Purge
from shared.wiring import service

bp = func.Blueprint()


@timer_function(bp, "SESAME_PURGE_SCHEDULE")
async def purge(_trail: Trail) -> None:
    """Delete a limited number of expired rows per run."""
    logging.getLogger("sesame.purge").info("purged %d rows", await service().use(Purge)())
