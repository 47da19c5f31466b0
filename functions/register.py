"""HTTP: view and change the methods of a signed-in person."""

from datetime import datetime
from typing import Annotated, Final

import azure.functions as func
from pydantic import AfterValidator, Field

from functions._contract import (
    ChannelName,
    EmptyRequest,
    MethodName,
    Seconds,
    WantedChannel,
)
from functions._function import endpoint
from functions._http import Call
from functions._needs import Needs
from functions._registration import CredentialId, RegistrationAnswer
from shared.domain.errors import ActivationRequired, Frozen, Limited, ProofRequired, Refused, SignInAgain
from shared.domain.language import Language
from shared.validation.fields import AnswerText, ContactText, TimeZone, Token
from shared.validation.model import Answer, Request
from shared.validation.typed_text import shown_line

bp = func.Blueprint()

METHOD: Final = "v1/me/methods/{method}"
CHANGE_REFUSES: Final = (SignInAgain, ProofRequired, ActivationRequired, Frozen)


Label = Annotated[
    str,
    Field(max_length=40, description="what the person calls it, such as the name of a phone"),
    AfterValidator(shown_line),
]


Proof = Annotated[Token, Field(description="needed once a confirmed method can prove something")]


class BeginRequest(Request):
    """Begin to register a contact or a kept secret. Without a contact, the prefilled one is to be confirmed.

    `label` and `credential` are for kept secrets: its name, and the one that it replaces.
    """

    contact: ContactText | None = None
    channel: WantedChannel | None = None
    label: Label | None = None
    credential: CredentialId | None = None
    proof: Proof | None = None


class BegunAnswer(Answer):
    """A code was sent (`channel`, and `wait` until another one may be asked for), or a secret is shown this once."""

    method: MethodName
    expires_at: datetime
    channel: ChannelName | None
    wait: Seconds | None
    code_expires_in: Seconds | None
    enrolment: dict[str, str] | None = Field(description="by method: what the page shows, such as a key URI")


class ConfirmRequest(Request):
    """The code that came to the new contact, or the first answer by the new secret."""

    answer: AnswerText


class RemoveRequest(Request):
    """Remove a method; `credential` says which of several."""

    credential: CredentialId | None = None
    proof: Proof | None = None


class LanguageRequest(Request):
    """Choose the language of messages. Null: that of the pages on which they are caused."""

    language: Language | None


class TimeZoneRequest(Request):
    """Choose the time zone of times in messages, and of the hours of reminders. Null: that of the organisation."""

    time_zone: TimeZone | None


class ConfirmedAnswer(RegistrationAnswer):
    """The own registration, and the proof that the confirmation of a new method is."""

    proof: str | None


@endpoint(bp, "GET", "v1/me", needs=Needs.REGISTERING)
async def me_view(call: Call) -> RegistrationAnswer:
    """My methods, what is missing, what is due."""
    from shared.usecases.view_registration import ViewRegistration

    return RegistrationAnswer.of(await call.service.use(ViewRegistration)(call.bearer))


@endpoint(bp, "POST", METHOD, needs=Needs.REGISTERING, refuses=(*CHANGE_REFUSES, Limited))
async def me_method_begin(call: Call, method: MethodName, body: BeginRequest) -> BegunAnswer:
    """Begin to register a contact or a kept secret, or to confirm the prefilled contact."""
    from shared.usecases.begin_method import BeginMethod, Wish

    wish = Wish(
        contact=body.contact,
        channel=body.channel,
        label=body.label,
        credential=body.credential,
        proof=body.proof,
    )
    begin = call.service.use(BeginMethod)
    return BegunAnswer.of(await begin(call.bearer, method, wish, call.trail_of_page, client=call.client))


@endpoint(bp, "POST", METHOD + "/confirm", needs=Needs.REGISTERING, refuses=(SignInAgain, Frozen, Refused, Limited))
async def me_method_confirm(call: Call, method: MethodName, body: ConfirmRequest) -> ConfirmedAnswer:
    """Confirm a contact with the code that came to it, or a kept secret with its first answer."""
    from shared.usecases.confirm_method import ConfirmMethod

    confirm = call.service.use(ConfirmMethod)
    view, proof = await confirm(call.bearer, method, body.answer, call.trail_of_page, client=call.client)
    return ConfirmedAnswer(**dict(RegistrationAnswer.of(view)), proof=proof)


@endpoint(bp, "POST", METHOD + "/remove", needs=Needs.SIGNED_IN, refuses=(*CHANGE_REFUSES, Limited))
async def me_method_remove(call: Call, method: MethodName, body: RemoveRequest) -> RegistrationAnswer:
    """Remove a method."""
    from shared.usecases.remove_method import RemoveMethod

    remove, credential = call.service.use(RemoveMethod), body.credential or ""
    return RegistrationAnswer.of(
        await remove(
            call.bearer, method, call.trail_of_page, credential=credential, proof=body.proof, client=call.client
        )
    )


@endpoint(bp, "POST", "v1/me/loss", needs=Needs.SIGNED_IN, refuses=(SignInAgain, ActivationRequired, Frozen, Limited))
async def me_loss(call: Call, body: EmptyRequest) -> RegistrationAnswer:  # noqa: ARG001
    """Report that every method is lost. After a wait, one may be added without a proof."""
    from shared.usecases.report_loss import ReportLoss

    return RegistrationAnswer.of(
        await call.service.use(ReportLoss)(call.bearer, call.trail_of_page, client=call.client)
    )


@endpoint(bp, "POST", "v1/me/loss/withdraw", needs=Needs.SIGNED_IN, refuses=(SignInAgain, Frozen))
async def me_loss_withdraw(call: Call, body: EmptyRequest) -> RegistrationAnswer:  # noqa: ARG001
    """Withdraw that report: the wait ends, and so does the right after it."""
    from shared.usecases.withdraw_loss import WithdrawLoss

    return RegistrationAnswer.of(await call.service.use(WithdrawLoss)(call.bearer, call.trail))


@endpoint(bp, "POST", "v1/me/language", needs=Needs.SIGNED_IN, refuses=(SignInAgain, Frozen))
async def me_language(call: Call, body: LanguageRequest) -> RegistrationAnswer:
    """Choose the language of messages."""
    from shared.usecases.choose import Choose

    return RegistrationAnswer.of(await call.service.use(Choose).language(call.bearer, body.language, call.trail))


@endpoint(bp, "POST", "v1/me/time-zone", needs=Needs.SIGNED_IN, refuses=(SignInAgain, Frozen))
async def me_time_zone(call: Call, body: TimeZoneRequest) -> RegistrationAnswer:
    """Choose the time zone of messages."""
    from shared.usecases.choose import Choose

    return RegistrationAnswer.of(await call.service.use(Choose).time_zone(call.bearer, body.time_zone, call.trail))
