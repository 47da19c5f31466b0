"""TIMER: empty the poison queues, and promise the notices that no queue could take."""

import azure.functions as func

from functions._function import timer_function
from shared.domain.trail import Trail
from shared.wiring import service

bp = func.Blueprint()


@timer_function(bp, "SESAME_SWEEP_SCHEDULE")
async def sweep(trail: Trail) -> None:
    """Take over what the host gave up. No function has a poison queue as its trigger (docs/decisions/0016)."""
    from shared.usecases.sweep import Sweep

    await service().use(Sweep)(trail)
