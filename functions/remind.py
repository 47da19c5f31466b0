"""TIMER: remind the people whose registration is due for reconfirmation."""

from typing import List  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func

from shared.domain.trail import Trail
from shared.usecases.remind import Remind
from shared.wiring import service

bp = func.Blueprint()


@bp.timer_trigger("timer", schedule="%SESAME_REMIND_SCHEDULE%", run_on_startup=False, use_monitor=True)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
async def remind(timer: func.TimerRequest, outbox: func.Out[List[str]]) -> None:  # noqa: ARG001, UP006
    """Work off what is due now; a missed run is made up for by the next, and a repeated one repeats nothing."""
    trail = Trail()
    await service().use(Remind)(trail)
    if trail.orders:
        from shared.validation.orders import encode_order  # cold start: most runs find nothing

        outbox.set([encode_order(order) for order in trail.orders])
