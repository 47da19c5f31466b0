"""TIMER: remind the people whose registration is due for reconfirmation."""

import azure.functions as func

from functions._function import timer_function
from shared.domain.trail import Trail
from shared.wiring import service

bp = func.Blueprint()


@timer_function(bp, "SESAME_REMIND_SCHEDULE")
async def remind(_trail: Trail) -> None:
    """Order the reminders that are due now. The next run includes those of a missed one, and none is sent twice."""
    from shared.usecases.remind import Remind

    await service().use(Remind)()
