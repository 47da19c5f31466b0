"""HTTP: the steps of a verification, which look the same for every account: start, challenge, answer."""

from datetime import datetime
from typing import assert_never

import azure.functions as func
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from functions._capacity import Load
from functions._contract import ChannelName, MethodName, Seconds, WantedChannel, WantedMethod, omitted
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import BotCheckRequired, Limited, Refused, TryAgain
from shared.domain.gates import Lack
from shared.validation.fields import AnswerText, BotCheckSolution, ContactText, Identifier, Token
from shared.validation.model import Answer, Request, SparseAnswer

bp = func.Blueprint()


class StartRequest(Request):
    """Name the account whose password is forgotten."""

    identifier: Identifier
    bot_check: BotCheckSolution | None = None


class StartAnswer(Answer):
    """The methods are the policy's, the same for everybody."""

    verification_token: str
    methods: tuple[MethodName, ...]
    channels: dict[MethodName, tuple[ChannelName, ...]] = Field(
        description="by method whose code is sent: how it can go, the default first; the same for everybody"
    )
    gates: int = Field(description="how many proofs the policy asks for; some accounts need one more")
    expires_in: Seconds


class ChallengeRequest(Request):
    """Ask for a challenge by one method. A `contact` is only compared with the stored one."""

    verification_token: Token
    method: WantedMethod
    channel: WantedChannel | None = None
    contact: ContactText | None = None


class ChallengeAnswer(SparseAnswer):
    """If the account has that method, a code was sent or it can be answered now; `wait` is until another code."""

    verification_token: str
    wait: Seconds
    expires_in: Seconds
    code_expires_in: Seconds | SkipJsonSchema[None] = omitted(description="how long a code lives that was sent now")
    challenge: dict[str, str] | SkipJsonSchema[None] = omitted(description="by method: what the page needs to answer")


class VerifyRequest(Request):
    """Answer the current challenge."""

    verification_token: Token
    answer: AnswerText


class VerifyAnswer(SparseAnswer):
    """Either one more gate (`verification_token`, `methods`, `hints`), or the right to set a password."""

    verification_token: str | SkipJsonSchema[None] = omitted()
    methods: tuple[MethodName, ...] | SkipJsonSchema[None] = omitted()
    hints: dict[str, str] | SkipJsonSchema[None] = omitted(description="by method: where its code would go, masked")
    lacks: tuple[Lack, ...] | SkipJsonSchema[None] = omitted(description="what the account needs and does not have")
    reset_token: str | SkipJsonSchema[None] = omitted()
    unlock: bool | SkipJsonSchema[None] = omitted(
        description="true: `reset/complete` can also end a lock. What the directory can do, the same for everybody"
    )
    temporary_access_pass: bool | SkipJsonSchema[None] = omitted(
        description="true: the proofs are enough for `reset/complete` to end in a Temporary Access Pass"
    )
    expires_at: datetime | SkipJsonSchema[None] = omitted()
    expires_in: Seconds


@endpoint(bp, "POST", "v1/reset/start", refuses=(BotCheckRequired, Limited, TryAgain), load=Load.BEGINS)
async def reset_start(call: Call, body: StartRequest) -> StartAnswer:
    """Name the account whose password is forgotten."""
    from shared.usecases.start_verification import StartVerification

    token, methods = await call.service.use(StartVerification)(
        body.identifier, call.client, call.trail, solution=body.bot_check or ""
    )
    policy = call.service.adapters.policy
    expires_in = min(policy.verification_idle_seconds, policy.verification_seconds)
    return StartAnswer(
        verification_token=token,
        methods=methods,
        channels=call.service.adapters.channels_by_method,
        gates=policy.gates,
        expires_in=expires_in,
    )


@endpoint(bp, "POST", "v1/reset/challenge", refuses=(Refused, Limited, TryAgain))
async def reset_challenge(call: Call, body: ChallengeRequest) -> ChallengeAnswer:
    """Ask for a challenge: a code that is sent, or what a kept secret needs."""
    from shared.usecases.issue_challenge import IssueChallenge

    issued = await call.service.use(IssueChallenge)(
        body.verification_token,
        body.method,
        call.trail,
        channel=body.channel,
        contact=body.contact,
        client=call.client,
        language=call.language,
    )
    return ChallengeAnswer(
        verification_token=issued.verification_token,
        wait=issued.wait,
        expires_in=issued.expires_in,
        code_expires_in=issued.code_expires_in,
        challenge=dict(issued.shown) or None,
    )


@endpoint(bp, "POST", "v1/reset/verify", refuses=(Refused, TryAgain))
async def reset_verify(call: Call, body: VerifyRequest) -> VerifyAnswer:
    """Answer the challenge."""
    from shared.usecases.verify import Granted, NextGate, Verify

    outcome = await call.service.use(Verify)(body.verification_token, body.answer, call.trail, client=call.client)
    match outcome:
        case NextGate():
            return VerifyAnswer(
                verification_token=outcome.verification_token,
                methods=outcome.methods,
                hints=outcome.hints,
                lacks=outcome.lacks or None,
                expires_in=outcome.expires_in,
            )
        case Granted():
            return VerifyAnswer(
                reset_token=outcome.reset_token,
                unlock=outcome.can_unlock or None,
                temporary_access_pass=outcome.may_have_pass or None,
                expires_at=outcome.expires_at,
                expires_in=outcome.expires_in,
            )
        case _:
            assert_never(outcome)
