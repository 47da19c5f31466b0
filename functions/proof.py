"""HTTP: prove who wants to change the methods of a signed-in person (rule 20)."""

from datetime import datetime
from typing import Final

import azure.functions as func
from pydantic.json_schema import SkipJsonSchema

from functions._contract import Seconds, WantedChannel, WantedMethod, omitted
from functions._function import endpoint
from functions._http import Call
from functions._needs import Needs
from shared.domain.errors import Frozen, Limited, Refused, SignInAgain
from shared.validation.fields import AnswerText, Token
from shared.validation.model import Answer, Request, SparseAnswer

bp = func.Blueprint()

REFUSES: Final = (SignInAgain, Frozen, Refused, Limited)


class ProofChallengeRequest(Request):
    """Ask for a challenge by a confirmed method; with `proof`, for another one of the same proof."""

    method: WantedMethod
    channel: WantedChannel | None = None
    proof: Token | None = None


class ProofChallengeAnswer(SparseAnswer):
    """A code was sent, or the method can be answered now. Answer with `proof`; `wait` is until another code."""

    proof: str
    wait: Seconds
    expires_in: Seconds
    code_expires_in: Seconds | SkipJsonSchema[None] = omitted(description="how long a code lives that was sent now")
    challenge: dict[str, str] | SkipJsonSchema[None] = omitted(description="by method: what the page needs to answer")


class ProofRequest(Request):
    """Answer the challenge."""

    proof: Token
    answer: AnswerText


class ProofAnswer(Answer):
    """The proof to change methods with, until it expires."""

    proof: str
    expires_at: datetime


@endpoint(bp, "POST", "v1/me/proof/challenge", needs=Needs.SIGNED_IN, refuses=REFUSES)
async def me_proof_challenge(call: Call, body: ProofChallengeRequest) -> ProofChallengeAnswer:
    """Ask for a challenge that proves who wants to change the methods."""
    from shared.usecases.ask_proof import AskProof

    asked = await call.service.use(AskProof)(
        call.bearer,
        body.method,
        call.trail,
        proof=body.proof,
        channel=body.channel,
        client=call.client,
        language=call.language,
    )
    return ProofChallengeAnswer(
        proof=asked.proof,
        wait=asked.wait,
        expires_in=asked.expires_in,
        code_expires_in=asked.code_expires_in,
        challenge=dict(asked.shown) or None,
    )


@endpoint(bp, "POST", "v1/me/proof", needs=Needs.SIGNED_IN, refuses=REFUSES)
async def me_proof(call: Call, body: ProofRequest) -> ProofAnswer:
    """Answer the challenge, for a proof to change the methods with."""
    from shared.usecases.give_proof import GiveProof

    give = call.service.use(GiveProof)
    proof, expires_at = await give(call.bearer, body.proof, body.answer, call.trail, client=call.client)
    return ProofAnswer(proof=proof, expires_at=expires_at)
