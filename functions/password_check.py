"""HTTP: the password rules, live."""

import azure.functions as func

from functions._http import Call, respond
from shared.usecases.check_password import CheckPassword
from shared.validation.answers import PasswordCheckAnswer, RuleAnswer
from shared.validation.requests import PasswordCheckRequest

bp = func.Blueprint()


@bp.route("v1/password/check", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def password_check(req: func.HttpRequest) -> func.HttpResponse:
    """Hold a candidate against the rules; it is neither logged nor stored."""

    async def work(call: Call) -> PasswordCheckAnswer:
        results = await call.service.use(CheckPassword)(call.body(PasswordCheckRequest).new_password)
        rules = [RuleAnswer(rule=result.rule, passed=result.passed, limit=result.limit) for result in results]
        return PasswordCheckAnswer(accepted=all(rule.passed for rule in rules), rules=rules)

    return await respond(req, work)
