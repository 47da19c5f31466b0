"""HTTP: a signed-in person's own registration and password."""

from typing import List  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func
import msgspec

from functions._http import Call, respond
from shared.usecases.change_password import ChangePassword
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.register import Register
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.view_registration import ViewRegistration
from shared.validation.answers import BegunAnswer, RegistrationAnswer, SessionAnswer
from shared.validation.requests import BeginRequest, ChangePasswordRequest, ConfirmRequest, EmptyRequest

bp = func.Blueprint()


def _rendered(view: object) -> RegistrationAnswer:
    return msgspec.convert(view, RegistrationAnswer, from_attributes=True)


@bp.route("v1/me", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def me_view(req: func.HttpRequest) -> func.HttpResponse:
    """My methods, what is missing, what is due."""

    async def work(call: Call) -> RegistrationAnswer:
        return _rendered(await call.service.use(ViewRegistration)(call.bearer))

    return await respond(req, work)


@bp.route("v1/me/methods/{method}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def me_method_begin(
    req: func.HttpRequest,
    outbox: func.Out[List[str]],  # noqa: UP006
    audit: func.Out[List[str]],  # noqa: UP006
) -> func.HttpResponse:
    """Begin to register a contact, or to confirm the prefilled one."""

    async def work(call: Call) -> BegunAnswer:
        bearer, body = call.bearer, call.body(BeginRequest)
        begun = await call.service.use(Register).begin(
            bearer,
            req.route_params["method"],
            call.trail,
            contact=body.contact,
            channel=body.channel,
            language=call.language,
        )
        return msgspec.convert(begun, BegunAnswer, from_attributes=True)

    return await respond(req, work, outbox=outbox, audit=audit)


@bp.route("v1/me/methods/{method}/confirm", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def me_method_confirm(
    req: func.HttpRequest,
    outbox: func.Out[List[str]],  # noqa: UP006
    audit: func.Out[List[str]],  # noqa: UP006
) -> func.HttpResponse:
    """Confirm a contact with the code that came to it."""

    async def work(call: Call) -> RegistrationAnswer:
        bearer, body = call.bearer, call.body(ConfirmRequest)
        method = req.route_params["method"]
        return _rendered(
            await call.service.use(Register).confirm(bearer, method, body.answer, call.trail, client=call.client)
        )

    return await respond(req, work, outbox=outbox, audit=audit)


@bp.route("v1/me/methods/{method}/remove", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def me_method_remove(
    req: func.HttpRequest,
    outbox: func.Out[List[str]],  # noqa: UP006
    audit: func.Out[List[str]],  # noqa: UP006
) -> func.HttpResponse:
    """Remove a method."""

    async def work(call: Call) -> RegistrationAnswer:
        bearer = call.bearer
        call.body(EmptyRequest)
        return _rendered(
            await call.service.use(RemoveMethod)(bearer, req.route_params["method"], call.trail, client=call.client)
        )

    return await respond(req, work, outbox=outbox, audit=audit)


@bp.route("v1/me/reconfirm", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def me_reconfirm(req: func.HttpRequest, audit: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Say that everything shown is still right."""

    async def work(call: Call) -> RegistrationAnswer:
        bearer = call.bearer
        call.body(EmptyRequest)
        return _rendered(await call.service.use(Reconfirm)(bearer, call.trail))

    return await respond(req, work, audit=audit)


@bp.route("v1/me/password", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def me_password_change(
    req: func.HttpRequest,
    outbox: func.Out[List[str]],  # noqa: UP006
    audit: func.Out[List[str]],  # noqa: UP006
) -> func.HttpResponse:
    """Change a known password; answers with a session that replaces every earlier one."""

    async def work(call: Call) -> SessionAnswer:
        bearer, body = call.bearer, call.body(ChangePasswordRequest)
        token, expires_at = await call.service.use(ChangePassword)(
            bearer, body.current_password, body.new_password, call.trail, client=call.client
        )
        return SessionAnswer(token=token, expires_at=expires_at)

    return await respond(req, work, outbox=outbox, audit=audit)
