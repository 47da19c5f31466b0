"""TIMER: delete what has expired."""

import logging

import azure.functions as func

from functions._function import timer_function
from shared.domain.trail import Trail
from shared.wiring import service

bp = func.Blueprint()


@timer_function(bp, "SESAME_PURGE_SCHEDULE")
async def purge(_trail: Trail) -> None:
    """Delete what has expired: whole periods, and what is due in single rows."""
    from shared.usecases.purge import Purge

    logging.getLogger("sesame.purge").info("purged %d periods and rows", await service().use(Purge)())
