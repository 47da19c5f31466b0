"""Define the shapes of requests and answers that are not JSON with 200: files of CSV, and what is worked on later."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import azure.functions as func
from pydantic import BaseModel

from functions._http import Call
from shared.domain.errors import BodyTooLarge, UnsupportedContent
from shared.validation.model import Answer, into

A = TypeVar("A", bound=Answer)
M = TypeVar("M", bound=BaseModel)

CSV: Final = "text/csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the OpenAPI document says of an endpoint that is not as the others."""

    status: int = 200
    answers: str = "application/json"
    """The content type of the answer."""
    query: Any = None
    """The model of the query beside a body of CSV, where the body may also be one."""


AS_USUAL: Final = Shape()


def is_csv(call: Call) -> bool:
    """Whether the body is CSV, by its content type."""
    return str(call.request.headers.get("content-type", "")).partition(";")[0].strip().lower() == CSV


def csv_of(call: Call, model: type[M], option: Callable[[str, str], object]) -> tuple[M, bytes]:
    """Return what the query says as `model`, with each value read by `option`, and the body as it is.

    A file has no place for options. None of them is about one person, so that a log of the query tells of nobody.
    Raises InvalidInput, BodyTooLarge and UnsupportedContent.
    """
    if call.request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedContent("body", "compressed")
    body = call.request.get_body()
    if len(body) > 1024 * call.body_kib(call.service.adapters.policy):
        raise BodyTooLarge("body", "too_long")
    return into(model, {name: option(name, text) for name, text in call.request.params.items()}), body


def accepted(answer: A) -> A:
    """Return the answer to what will be worked on later. A handler says what it answers, not in which shape."""
    text = answer.model_dump_json()
    return cast("A", func.HttpResponse(text, status_code=202, mimetype="application/json", charset="utf-8"))


def csv_answer(text: str) -> str:
    """Return a file of CSV."""
    return cast("str", func.HttpResponse(text, mimetype=CSV, charset="utf-8"))
