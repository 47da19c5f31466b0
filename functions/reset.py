"""HTTP: reset a forgotten password, in four steps that look the same for everybody."""

from typing import List, assert_never  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func

from functions._http import Call, respond
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.set_password import SetPassword
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import Verify
from shared.validation.answers import ChallengeAnswer, EmptyAnswer, StartAnswer, VerifyAnswer
from shared.validation.identifier import canonical_identifier
from shared.validation.requests import ChallengeRequest, CompleteRequest, StartRequest, VerifyRequest

bp = func.Blueprint()


@bp.route("v1/reset/start", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def reset_start(req: func.HttpRequest, audit: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Name the account; get a verification token."""

    async def work(call: Call) -> StartAnswer:
        body = call.body(StartRequest)
        identifier = canonical_identifier(body.identifier)
        token, methods = await call.service.use(StartVerification)(identifier, call.client, call.trail)
        return StartAnswer(verification_token=token, methods=list(methods))

    return await respond(req, work, audit=audit)


@bp.route("v1/reset/challenge", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def reset_challenge(
    req: func.HttpRequest,
    outbox: func.Out[List[str]],  # noqa: UP006
    audit: func.Out[List[str]],  # noqa: UP006
) -> func.HttpResponse:
    """Ask for a code."""

    async def work(call: Call) -> ChallengeAnswer:
        body = call.body(ChallengeRequest)
        token, wait = await call.service.use(IssueChallenge)(
            body.verification_token,
            body.method,
            call.trail,
            channel=body.channel,
            contact=body.contact,
            client=call.client,
            language=call.language,
        )
        return ChallengeAnswer(verification_token=token, wait=wait)

    return await respond(req, work, outbox=outbox, audit=audit)


@bp.route("v1/reset/verify", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def reset_verify(
    req: func.HttpRequest,
    outbox: func.Out[List[str]],  # noqa: UP006
    audit: func.Out[List[str]],  # noqa: UP006
) -> func.HttpResponse:
    """Answer the challenge."""

    async def work(call: Call) -> VerifyAnswer:
        body = call.body(VerifyRequest)
        from shared.usecases.verify import Granted, NextGate  # cold start: only this step needs them

        outcome = await call.service.use(Verify)(body.verification_token, body.answer, call.trail, client=call.client)
        match outcome:
            case NextGate():
                return VerifyAnswer(
                    verification_token=outcome.verification_token, methods=list(outcome.methods), hints=outcome.hints
                )
            case Granted():
                return VerifyAnswer(reset_token=outcome.reset_token, expires_at=outcome.expires_at)
            case _:
                assert_never(outcome)

    return await respond(req, work, outbox=outbox, audit=audit)


@bp.route("v1/reset/complete", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("outbox", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def reset_complete(
    req: func.HttpRequest,
    outbox: func.Out[List[str]],  # noqa: UP006
    audit: func.Out[List[str]],  # noqa: UP006
) -> func.HttpResponse:
    """Set the new password."""

    async def work(call: Call) -> EmptyAnswer:
        body = call.body(CompleteRequest)
        await call.service.use(SetPassword)(body.reset_token, body.new_password, call.trail, client=call.client)
        return EmptyAnswer()

    return await respond(req, work, outbox=outbox, audit=audit)
