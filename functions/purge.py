"""TIMER: delete what has expired."""

import logging

import azure.functions as func

from shared.usecases.purge import Purge
from shared.wiring import service

bp = func.Blueprint()


@bp.timer_trigger("timer", schedule="%SESAME_PURGE_SCHEDULE%", run_on_startup=False, use_monitor=True)
async def purge(timer: func.TimerRequest) -> None:  # noqa: ARG001
    """A bounded portion a run."""
    logging.getLogger("sesame.purge").info("purged %d rows", await service().use(Purge)())
