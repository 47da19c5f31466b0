"""HTTP: answer the question whether the methods are still right, or put it off."""

import azure.functions as func

from functions._contract import EmptyRequest, MethodName
from functions._function import endpoint
from functions._http import Call
from functions._needs import Needs
from functions._registration import CredentialId, RegistrationAnswer
from shared.domain.errors import Frozen, SignInAgain
from shared.validation.model import Request

bp = func.Blueprint()


class ReconfirmRequest(Request):
    """Which method is still right. Without one, every one is."""

    method: MethodName | None = None
    credential: CredentialId | None = None


@endpoint(bp, "POST", "v1/me/reconfirm", needs=Needs.SIGNED_IN, refuses=(SignInAgain, Frozen))
async def me_reconfirm(call: Call, body: ReconfirmRequest) -> RegistrationAnswer:
    """Say that a method, or everything shown, is still right. It does not clear a suspicion."""
    from shared.usecases.reconfirm import Reconfirm

    reconfirm, credential = call.service.use(Reconfirm), body.credential or ""
    return RegistrationAnswer.of(await reconfirm(call.bearer, call.trail, method=body.method, credential=credential))


@endpoint(bp, "POST", "v1/me/snooze", needs=Needs.SIGNED_IN, refuses=(SignInAgain, Frozen))
async def me_snooze(call: Call, body: EmptyRequest) -> RegistrationAnswer:  # noqa: ARG001
    """Put that question off for `snooze_days`. Changes nothing where that is 0."""
    from shared.usecases.reconfirm import Reconfirm

    return RegistrationAnswer.of(await call.service.use(Reconfirm).later(call.bearer, call.trail))
