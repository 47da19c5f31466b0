"""HTTP: an administrator supplies contacts."""

from typing import Final, List  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func
import msgspec

from functions._http import Call, respond
from shared.usecases.prefill import Prefill
from shared.validation.answers import PrefillAnswer, VerdictAnswer
from shared.validation.requests import PrefillRequest, PrefillRowRequest

bp = func.Blueprint()

PREFILL_LIMIT: Final = 4 * 1024 * 1024
"""Bytes: room for the 5,000 rows that one call takes."""

CONTACTS: Final = ("email", "mobile_phone", "office_phone")


@bp.route("v1/admin/prefill", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def admin_prefill(req: func.HttpRequest, audit: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Prefill one person or thousands; a verdict for each row."""

    async def work(call: Call) -> PrefillAnswer:
        from shared.usecases.prefill import PrefillRow  # cold start: nobody else needs it

        def row(given: PrefillRowRequest) -> PrefillRow:
            contacts = {name: text for name in CONTACTS if (text := getattr(given, name)) is not None}
            return PrefillRow(identifier=given.identifier, contacts=contacts, language=given.language)

        # Who may not prefill is told so before four megabytes are parsed.
        call.service.use(Prefill).admit(bearer := call.bearer)
        body = call.body(PrefillRequest)
        rows = [row(given) for given in body.rows]
        verdicts = await call.service.use(Prefill)(bearer, rows, call.trail, dry_run=body.dry_run)
        return PrefillAnswer([msgspec.convert(v, VerdictAnswer, from_attributes=True) for v in verdicts])

    return await respond(req, work, audit=audit, body_limit=PREFILL_LIMIT)
