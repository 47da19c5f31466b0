"""Read HTTP requests and answer them: with the outcome as JSON, or with a problem document.

One table maps errors to statuses, and one function makes every answer, so that no endpoint can omit a header (R-84).
"""

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import azure.functions as func
from pydantic import BaseModel

from functions._contract import TOLD, Problem
from shared.domain.errors import (
    AnswerRefused,
    BodyTooLarge,
    BotCheckRequired,
    Frozen,
    InvalidInput,
    Limited,
    NotAllowed,
    NotFound,
    OriginRefused,
    OutcomeUnknown,
    PasswordChangeRequired,
    PasswordRefused,
    ProofRequired,
    Refused,
    SesameError,
    SignInAgain,
    SignInRequired,
    TryAgain,
    UnderWay,
    UnsupportedContent,
)
from shared.domain.language import Language
from shared.domain.policy import Policy
from shared.domain.trail import Trail
from shared.validation.client_address import client_prefix, device_family, forwarded_by, recorded_address
from shared.validation.json_body import parse_object
from shared.validation.model import Answer, SparseAnswer, into
from shared.wiring import BadSettings, Service, service

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")

STATUS: Final[dict[type[SesameError], int]] = {
    InvalidInput: 400,
    BodyTooLarge: 413,
    UnsupportedContent: 415,
    Refused: 403,
    SignInRequired: 401,
    SignInAgain: 401,
    PasswordChangeRequired: 403,
    ProofRequired: 403,
    Frozen: 403,
    NotAllowed: 403,
    OriginRefused: 403,
    NotFound: 404,
    Limited: 429,
    BotCheckRequired: 403,
    PasswordRefused: 422,
    TryAgain: 503,
    UnderWay: 503,
    OutcomeUnknown: 503,
}
"""The HTTP status of each error. A class that is not listed has the status of its base class."""

PROBLEMS: Final = "v1/problems"
"""Where each code is explained. The `type` of a problem is a relative reference to it (RFC 9457 section 3.1.1), because
the service does not know under which addresses it is reached, and must not believe what a request says about that."""

_LOG: Final = logging.getLogger("sesame.http")


def ordinary_body(policy: Policy) -> int:
    """Return the size of a body in KiB, for all endpoints but those that say otherwise."""
    return policy.body_kib


@dataclass(slots=True, kw_only=True)
class Call:
    """One HTTP request and its trail."""

    request: func.HttpRequest
    trail: Trail
    body_kib: Callable[[Policy], int] = ordinary_body
    """The setting that limits the body."""

    @property
    def service(self) -> Service:
        """The service. Raises BadSettings if the settings are not valid."""
        return service()

    def body(self, model: type[M]) -> M:
        """Return the JSON body as `model`. Raises InvalidInput, BodyTooLarge or UnsupportedContent."""
        if self.request.params:
            # A copy of a field in the query would be logged by proxies, or be preferred to the body.
            raise InvalidInput("query", "not_allowed")
        if self.request.headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedContent("body", "compressed")  # compressed bodies are not read
        limit = 1024 * self.body_kib(self.service.adapters.policy)
        return into(model, parse_object(self.request.get_body(), self.request.headers.get("content-type"), limit=limit))

    def body_read_by(self, reads: Callable[[str], R]) -> R:
        """Return what `reads` makes of a body of ordinary size. Raises InvalidInput for its ValueError."""
        body = self.request.get_body()
        if len(body) > 1024 * self.body_kib(self.service.adapters.policy):
            raise BodyTooLarge("body", "too_long")
        try:
            return reads(body.decode())
        except ValueError:
            raise InvalidInput("body", "malformed") from None  # the cause may have the body

    @property
    def bearer(self) -> str:
        """The session token. Raises SignInRequired if there is none."""
        if not (token := self.bearer_or_none):
            raise SignInRequired
        return token

    @property
    def bearer_or_none(self) -> str:
        """The bearer token, or "" without one."""
        scheme, _, token = str(self.request.headers.get("authorization", "")).partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def client(self) -> str:
        """The prefix of the client's address."""
        return client_prefix(*self._forwarded)

    @property
    def network(self) -> str:
        """The client's address as audit events have it."""
        return recorded_address(self._forwarded, self.service.adapters)

    @property
    def _forwarded(self) -> tuple[str | None, int]:
        of = self.service.settings
        return forwarded_by(self.request.headers, of.trusted_hops, of.client_address_header, of.front_door_id)

    @property
    def device(self) -> str:
        return device_family(self.request.headers.get("user-agent"))

    @contextmanager
    def refusals_noted(self, step: str) -> Iterator[None]:
        """Leave an audit event of a token that is refused within the block, if it is not one of too many."""
        try:
            yield
        except AnswerRefused:
            raise  # the step has counted it
        except (Refused, NotAllowed):
            from shared.usecases.note_refusal import NoteRefusal

            self.service.use(NoteRefusal)(step, self.client, self.trail)
            raise

    @property
    def language(self) -> Language:
        from shared.messages.problems import language_from

        return language_from(self.request.headers.get("accept-language"))

    @property
    def trail_of_page(self) -> Trail:
        """The trail of a request that somebody who is known by now makes: with the language of their page, if named."""
        if self.request.headers.get("accept-language"):
            self.trail.language = self.language
        return self.trail

    def check_origin(self) -> None:
        """Raise OriginRefused if the origin is not on the list. Callers other than browsers send none (R-82)."""
        origin = self.request.headers.get("origin")
        if origin is not None and origin not in self.service.settings.web_origins:
            raise OriginRefused


async def respond(call: Call, work: Callable[[Call], Awaitable[object]]) -> func.HttpResponse:
    """Return the result of `work` as JSON, or the error that it raised as a problem document."""
    try:
        call.check_origin()
        answer = await work(call)
        return answer if isinstance(answer, func.HttpResponse) else _json(200, answer)
    except SesameError as error:
        return _problem(error, call)
    except BadSettings as error:
        _LOG.error("the settings are not valid: %s", error)
        return _problem(SesameError(), call)
    except Exception as error:  # noqa: BLE001  no detail of an unexpected error may leave the service (R-75)
        # The type and the place, not the message: the exception of an SDK quotes the request.
        _LOG.error("unexpected %s", place_of(error))
        return _problem(SesameError(), call)


def status_of(kind: type[SesameError]) -> int:
    """Return the HTTP status of an error. 500 for an unexpected one."""
    return next((STATUS[listed] for listed in kind.__mro__ if listed in STATUS), 500)


def _json(status: int, payload: object, content_type: str = "application/json") -> func.HttpResponse:
    # The security headers are in host.json: the host also adds them to its own answers.
    sparse, ours = isinstance(payload, SparseAnswer), payload if isinstance(payload, Answer) else None
    text = ours.model_dump_json(exclude_none=sparse) if ours else json.dumps(payload, ensure_ascii=False)
    return func.HttpResponse(text, status_code=status, mimetype=content_type, charset="utf-8")


def _problem(error: SesameError, call: Call) -> func.HttpResponse:
    from shared.messages.problems import language_from, problem_text

    status = status_of(type(error))
    if status >= 500:  # an alert counts these lines; the host also answers 500 to what never reaches the app
        _LOG.warning("answered %d %s, reference %s", status, error.code, call.trail.reference)
    language, reason = language_from(call.request.headers.get("accept-language")), getattr(error, "reason", None)
    title, detail = problem_text(error.code, language, reason)
    problem = Problem(
        type=f"/api/{PROBLEMS}/{error.code}",
        title=title,
        status=status,
        detail=detail,
        code=error.code,
        reference=call.trail.reference or None,
        **{name: told for name in TOLD if (told := getattr(error, name, None)) is not None},
    )
    response = _json(status, problem, "application/problem+json")
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def place_of(error: BaseException) -> str:
    """Return the type and the place of an error. Its message may quote a request: the URL of a row, an address."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    where = f"{traceback.tb_frame.f_code.co_qualname} line {traceback.tb_lineno}" if traceback else "nowhere"
    return f"{type(error).__name__} in {where}"
