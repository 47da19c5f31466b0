"""The OpenAPI document, made from the models that judge the requests. A test holds it against the routes."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shared.validation import answers, requests

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint: what it takes, what it answers, and which refusals it knows beside 400 and 503."""

    method: str
    path: str
    name: str
    summary: str
    answer: type[msgspec.Struct]
    request: type[msgspec.Struct] | None = None
    bearer: bool = False
    problems: tuple[int, ...] = ()


_ME: Final = (401, 403, 404, 429)
_METHOD: Final = "/api/v1/me/methods/{method}"

OPERATIONS: Final = (
    Operation("post", "/api/v1/session", "session_start", "Sign in to register",
              answers.SessionAnswer, requests.SessionRequest, problems=(401, 429)),
    Operation("get", "/api/v1/me", "me_view", "My own registration",
              answers.RegistrationAnswer, bearer=True, problems=(401,)),
    Operation("post", _METHOD, "me_method_begin", "Begin to register a contact, or to confirm the prefilled one",
              answers.BegunAnswer, requests.BeginRequest, bearer=True, problems=_ME),
    Operation("post", _METHOD + "/confirm", "me_method_confirm", "Confirm a contact with the code that came to it",
              answers.RegistrationAnswer, requests.ConfirmRequest, bearer=True, problems=_ME),
    Operation("post", _METHOD + "/remove", "me_method_remove", "Remove a method",
              answers.RegistrationAnswer, requests.EmptyRequest, bearer=True, problems=_ME),
    Operation("post", "/api/v1/me/reconfirm", "me_reconfirm", "Everything shown is still right",
              answers.RegistrationAnswer, requests.EmptyRequest, bearer=True, problems=(401,)),
    Operation("post", "/api/v1/me/password", "me_password_change", "Change a known password",
              answers.SessionAnswer, requests.ChangePasswordRequest, bearer=True, problems=(401, 403, 422, 429)),
    Operation("get", "/api/v1/registration/status", "registration_status", "Must this person register or reconfirm?",
              answers.StatusAnswer, bearer=True, problems=(401,)),
    Operation("post", "/api/v1/reset/start", "reset_start", "Name the account whose password is forgotten",
              answers.StartAnswer, requests.StartRequest, problems=(429,)),
    Operation("post", "/api/v1/reset/challenge", "reset_challenge", "Ask for a code",
              answers.ChallengeAnswer, requests.ChallengeRequest, problems=(403, 429)),
    Operation("post", "/api/v1/reset/verify", "reset_verify", "Answer the challenge",
              answers.VerifyAnswer, requests.VerifyRequest, problems=(403, 429)),
    Operation("post", "/api/v1/reset/complete", "reset_complete", "Set the new password",
              answers.EmptyAnswer, requests.CompleteRequest, problems=(403, 422)),
    Operation("post", "/api/v1/password/check", "password_check", "Hold a candidate against the rules",
              answers.PasswordCheckAnswer, requests.PasswordCheckRequest),
    Operation("post", "/api/v1/admin/prefill", "admin_prefill", "Supply contacts for people to confirm",
              answers.PrefillAnswer, requests.PrefillRequest, bearer=True, problems=(401, 403)),
    Operation("post", "/api/v1/admin/erase", "admin_erase", "Remove everything that is kept about a person",
              answers.EraseAnswer, requests.EraseRequest, bearer=True, problems=(401, 403)),
    Operation("get", "/api/v1/health/live", "health_live", "Is the process alive?", answers.HealthAnswer),
    Operation("get", "/api/v1/health/ready", "health_ready", "Can it do its work?", answers.HealthAnswer),
)  # fmt: skip

UNLISTED: Final = ("openapi_document",)
"""The one HTTP function that the document does not describe: itself."""


def document() -> dict[str, Any]:
    """OpenAPI 3.1, JSON-ready."""
    models = [model for operation in OPERATIONS for model in (operation.answer, operation.request) if model]
    models.append(answers.Problem)
    schemas, components = msgspec.json.schema_components(models, ref_template="#/components/schemas/{name}")
    by_model = dict(zip(models, schemas, strict=True))
    problem = by_model[answers.Problem]
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _rendered(operation, by_model, problem)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sésame", "version": "1", "description": "Self-service password reset that you own."},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}}},
    }


def _rendered(operation: Operation, by_model: dict[Any, Any], problem: dict[str, Any]) -> dict[str, Any]:
    refusals = sorted({400, 413, 415, 503, *operation.problems} if operation.request else {503, *operation.problems})
    rendered: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": {
            "200": {"description": "Done", "content": {JSON: {"schema": by_model[operation.answer]}}},
            **{
                str(status): {"description": "A problem document", "content": {PROBLEM: {"schema": problem}}}
                for status in refusals
            },
        },
    }
    if operation.request:
        rendered["requestBody"] = {"required": True, "content": {JSON: {"schema": by_model[operation.request]}}}
    if operation.bearer:
        rendered["security"] = [{"session": []}]
    if "{method}" in operation.path:
        schema = {"type": "string", "enum": ["email", "mobile_phone", "office_phone"]}
        rendered["parameters"] = [{"name": "method", "in": "path", "required": True, "schema": schema}]
    return rendered
