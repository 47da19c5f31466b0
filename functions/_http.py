"""HTTP in, HTTP out: the body through the door, the outcome or the problem out, the trail to the queues.

One table maps our errors to statuses; one function answers, so that no endpoint can forget a header, a limit or the
trail (R-84, R-100).
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, List, Protocol, TypeVar  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func
import msgspec

from shared.domain.audit import Tag
from shared.domain.errors import (
    BodyTooLarge,
    InvalidInput,
    Limited,
    NotAllowed,
    NotFound,
    OriginRefused,
    OutcomeUnknown,
    PasswordRefused,
    Refused,
    SesameError,
    SignInAgain,
    SignInRequired,
    TryAgain,
    UnsupportedContent,
)
from shared.domain.trail import Trail
from shared.validation.answers import Problem
from shared.validation.client_address import client_prefix
from shared.validation.events import encode_event
from shared.validation.json_body import BODY_LIMIT, into, parse_object
from shared.wiring import BadSettings, Service, service

T = TypeVar("T")

Outputs = func.Out[List[str]]  # noqa: UP006  see the import

STATUS: Final[dict[type[SesameError], int]] = {
    InvalidInput: 400,
    BodyTooLarge: 413,
    UnsupportedContent: 415,
    Refused: 403,
    SignInRequired: 401,
    SignInAgain: 401,
    NotAllowed: 403,
    OriginRefused: 403,
    NotFound: 404,
    Limited: 429,
    PasswordRefused: 422,
    TryAgain: 503,
    OutcomeUnknown: 503,
}
"""The most specific class wins; a subclass that is not listed has its parent's status."""

_LOG: Final = logging.getLogger("sesame.http")


class _Sink(Protocol):
    def set(self, val: List[str]) -> None: ...  # noqa: UP006


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, as far as a use-case may know it."""

    request: func.HttpRequest
    service: Service
    trail: Trail = field(default_factory=Trail)
    body_limit: int = BODY_LIMIT

    def body(self, kind: type[T]) -> T:
        """The JSON body as `kind`. Raises InvalidInput and its kin, before anything else was done."""
        if self.request.params:
            # A copy of a field in the query could win over the body in a proxy's log or a careless reader.
            raise InvalidInput("query", "not_allowed")
        if self.request.headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedContent("body", "not_allowed")  # nothing here unpacks a body, so nobody may claim to have
        data = parse_object(self.request.get_body(), self.request.headers.get("content-type"), limit=self.body_limit)
        return into(kind, data)

    @property
    def bearer(self) -> str:
        """The session token. Raises SignInRequired when there is none."""
        scheme, _, token = str(self.request.headers.get("authorization", "")).partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise SignInRequired
        return token.strip()

    @property
    def client(self) -> str:
        return client_prefix(self.request.headers.get("x-forwarded-for"), self.service.settings.trusted_hops)

    @property
    def language(self) -> str:
        from shared.messages.problems import language_from

        return str(language_from(self.request.headers.get("accept-language")))

    def check_origin(self) -> None:
        """A browser's page must be one of ours; a caller that is no browser sends no Origin (R-82)."""
        origin = self.request.headers.get("origin")
        if origin is not None and origin not in self.service.settings.web_origins:
            raise OriginRefused


async def respond(
    request: func.HttpRequest,
    work: Callable[[Call], Awaitable[object]],
    *,
    outbox: _Sink | None = None,
    audit: _Sink | None = None,
    body_limit: int = BODY_LIMIT,
) -> func.HttpResponse:
    """Answer with what `work` returns, or with the problem that it raised; leave its trail either way."""
    trail = Trail()
    try:
        call = Call(request=request, service=service(), trail=trail, body_limit=body_limit)
        call.check_origin()
        answer = _json(200, await work(call))
    except SesameError as error:
        answer = _problem(error, request)
    except BadSettings as error:
        _LOG.error("the settings make no service: %s", error)
        answer = _problem(SesameError(), request)
    except Exception as error:  # noqa: BLE001  the border: nothing of what went wrong may leave (R-75)
        # The type and the place, not the message: an SDK's exception quotes the request it failed on.
        _LOG.error("unexpected %s", _place(error))
        answer = _problem(SesameError(), request)
    if outbox is not None and trail.orders:
        from shared.validation.orders import encode_order  # cold start: the first step of a reset orders nothing

        outbox.set([encode_order(order) for order in trail.orders])
    if audit is not None and trail.events:
        audit.set([encode_event(event) for event in trail.events])
        for event in trail.events:
            if event.tag is Tag.METHOD_SUSPENDED:  # an alert counts these lines (infra/app/alerts.bicep)
                _LOG.warning("audit %s", event.tag)
    return answer


def _json(status: int, payload: object, content_type: str = "application/json") -> func.HttpResponse:
    # The security headers stand in host.json: the host adds them to its own answers as well, and one owner is enough.
    return func.HttpResponse(msgspec.json.encode(payload), status_code=status, mimetype=content_type, charset="utf-8")


def _problem(error: SesameError, request: func.HttpRequest) -> func.HttpResponse:
    from shared.messages.problems import language_from, problem_text

    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    title, detail = problem_text(error.code, language_from(request.headers.get("accept-language")))
    problem = Problem(
        type=f"urn:sesame:problem:{error.code}",
        title=title,
        status=status,
        detail=detail,
        code=error.code,
        retry_after=getattr(error, "retry_after", None),
        field=getattr(error, "field", None),
        reason=getattr(error, "reason", None),
        reasons=list(error.reasons) if isinstance(error, PasswordRefused) else None,
        reset_token=getattr(error, "reset_token", None),
    )
    response = _json(status, problem, "application/problem+json")
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _place(error: BaseException) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    where = f"{traceback.tb_frame.f_code.co_qualname} line {traceback.tb_lineno}" if traceback else "nowhere"
    return f"{type(error).__name__} in {where}"
