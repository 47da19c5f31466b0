"""QUEUE: work off the imports of administrators."""

import azure.functions as func

from functions._function import queue_function
from shared.domain.trail import Trail
from shared.validation.import_orders import decode_import
from shared.wiring import IMPORTS, service

bp = func.Blueprint()


@queue_function(bp, IMPORTS, decode_import)
async def work_import(import_id: str, trail: Trail) -> None:
    """Work on one import for a while. A message that comes twice finds what is left to do."""
    from shared.usecases.work_import import WorkImport

    await service().use(WorkImport)(import_id, trail)
