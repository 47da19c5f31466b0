"""Define the models and fields that several endpoints use: names from the registries, and the problem document.

The models of one endpoint are in its own module. Fields for a method or a channel are made here, because
`shared/validation` must not import the registry of methods. The OpenAPI document shows every method of this build; the
use-case refuses those that the policy does not offer.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field
from pydantic.json_schema import SkipJsonSchema

from shared.domain.account import PasswordState
from shared.domain.activation import LONGEST_REASON
from shared.domain.errors import ActRefusal, Opens, RequestReason, SesameError, TextReason
from shared.domain.gates import Lack
from shared.domain.trail import REFERENCE_LENGTH, REFERENCE_LETTERS
from shared.methods import ALL
from shared.validation.model import Answer, Request, SparseAnswer
from shared.validation.typed_text import shown_line

ACTIVATION_PAGE = "/activate"
"""Of the pages, where an activation code is entered."""

REFERENCE = f"^[{REFERENCE_LETTERS}]{{{REFERENCE_LENGTH}}}$"


def omitted(**more: Any) -> Any:
    """Return an optional field of a sparse answer."""
    return Field(default=None, **more)


def kinds() -> list[type[SesameError]]:
    """Return every class of error of the service."""
    found = [SesameError]
    for kind in found:
        found += kind.__subclasses__()
    return found


def codes() -> list[str]:
    """Return their stable codes, sorted."""
    return sorted({kind.code for kind in kinds()})


REASONS = sorted((*get_args(RequestReason), *get_args(TextReason), *get_args(ActRefusal)))
METHODS = {"enum": list(ALL)}
MethodName = Annotated[str, Field(json_schema_extra=METHODS)]
WantedMethod = Annotated[str, Field(min_length=1, max_length=32, json_schema_extra=METHODS)]

CHANNELS = list(dict.fromkeys(channel for method in ALL.values() for channel in getattr(method, "channels", ())))
ChannelName = Annotated[str, Field(json_schema_extra={"enum": CHANNELS})]
# Requests may name any channel: a page may know one, such as voice, before the service offers it. The use-case checks
# whether the method has the channel.
WantedChannel = Annotated[str, Field(min_length=1, max_length=16, description=f"such as {', '.join(CHANNELS)}")]

Seconds = Annotated[int, Field(ge=0)]

SHORTEST_REASON = 3


def shown_reason(text: str) -> str:
    """Return what is seen of the reason, as the audit log takes it. Raises ValueError where nothing is."""
    seen = "".join(character for character in shown_line(text) if character.isprintable())
    if len(seen) < SHORTEST_REASON:
        raise ValueError("no reason")
    return seen


Reason = Annotated[
    str,
    Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON, description="for the audit log; no secret"),
    AfterValidator(shown_reason),
]


class EmptyRequest(Request):
    """An empty object: the address says it all."""


class EmptyAnswer(Answer):
    """Done."""


class SessionAnswer(Answer):
    """A session, to be sent as `Authorization: Bearer`."""

    token: str
    expires_at: datetime
    expires_in: Seconds
    password_change_required: bool = Field(
        default=False, description="the password has expired or must be changed: the session is good for that alone"
    )
    password_change_reason: Literal[PasswordState.EXPIRED, PasswordState.MUST_CHANGE] | None = Field(
        default=None, description="why: it is too old, or somebody else set it"
    )


class Problem(SparseAnswer):
    """An RFC 9457 problem document; `code` is stable, `title` and `detail` are in the caller's language."""

    type: str
    title: str
    status: int
    detail: str
    code: Annotated[str, Field(json_schema_extra={"enum": codes()})]
    retry_after: Seconds | SkipJsonSchema[None] = omitted(description="seconds to wait before the next try")
    opens: tuple[Opens, ...] | SkipJsonSchema[None] = omitted(description="what opens the limit that was reached")
    field: str | SkipJsonSchema[None] = omitted(description="where the fault is, such as `rows[3].email`")
    reason: Annotated[str, Field(json_schema_extra={"enum": REASONS})] | SkipJsonSchema[None] = omitted(
        description="what the fault is, as a stable word"
    )
    reasons: tuple[str, ...] | SkipJsonSchema[None] = omitted(description="the rules that a password breaks")
    verification_token: str | SkipJsonSchema[None] = omitted(description="go on with this one")
    methods: tuple[MethodName, ...] | SkipJsonSchema[None] = omitted(description="those that can prove the change")
    lacks: tuple[Lack, ...] | SkipJsonSchema[None] = omitted(description="what the account needs and was not proved")
    reset_token: str | SkipJsonSchema[None] = omitted(description="keeps the proof for another try")
    bot_check: dict[str, Any] | SkipJsonSchema[None] = omitted(description="the ALTCHA challenge to solve")
    tries_left: Annotated[int, Field(ge=0)] | SkipJsonSchema[None] = omitted()
    reference: (
        Annotated[str, Field(pattern=f"^[{REFERENCE_LETTERS}]{{{REFERENCE_LENGTH}}}$")] | SkipJsonSchema[None]
    ) = omitted(description="for the helpdesk: it leads to the audit events of this request")


TOLD = tuple(name for name, field in Problem.model_fields.items() if not field.is_required())
"""The attributes of an error that the problem document shows. No other attribute leaves the service."""
