"""Authenticator app: a code of six digits that an app computes from the time (TOTP, RFC 6238).

The parameters are those that every app supports: SHA-1, six digits, steps of 30 seconds (the defaults of the key URI
format; several apps ignore other values). One step before and after the current one is accepted, for clocks that
differ and for slow typing (RFC 6238 5.2).
"""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from shared.domain.code_shape import CodeShape
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy
from shared.methods.family import WRONG, Context, Enrolment, KeptSecretMethod, Verdict
from shared.validation.typed_code import typed_code

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS: Final = 6
STEP_SECONDS: Final = 30
TOLERANCE: Final = 1
"""How many steps before and after the current one are accepted."""
SECRET_BYTES: Final = 20
"""160 bits, as long as the HMAC's output (RFC 4226 4, R6)."""
NEVER: Final = -1
"""The `last_step` of an app that was not used yet."""


class AuthenticatorApp(KeptSecretMethod):
    """Proves that the person has the device on which the app was set up."""

    name = "authenticator_app"
    evidence = EvidenceClass.DEVICE
    most = 3

    def begin_enrolment(
        self, seed: bytes, context: Context, *, account_name: str, others: Sequence[str] = ()
    ) -> Enrolment:
        del others
        secret, issuer = seed[:SECRET_BYTES], context.relying_party.name
        # A colon would end the issuer in the label (key URI format). The library writes a blank as "+", and apps show
        # that "+"; a "+" in the name itself becomes "%2B".
        uri = _totp(secret).get_provisioning_uri(account_name, issuer.replace(":", " ")).replace("+", "%20")
        return Enrolment(shown={"uri": uri, "secret": _text(secret)}, kept=_stored(secret, NEVER))

    def finish_enrolment(self, kept: str, answer: str, context: Context) -> str | None:
        return self.judge(kept, {}, answer, context).kept

    def exact(self, answer: str, policy: Policy) -> str:
        del policy
        return typed_code(answer, CodeShape(DIGITS))

    def judge(self, stored: str | None, challenge: Mapping[str, str], answer: str, context: Context) -> Verdict:
        """Store the answered step, which cannot be used again, nor an earlier one (RFC 6238 5.2).

        The code of every accepted step is computed in every case, so that time tells nothing (rule 9).
        """
        del challenge
        kept = json.loads(_stored(bytes(SECRET_BYTES), NEVER) if stored is None else stored)
        totp = _totp(base64.b32decode(kept["secret"]))
        present = int(context.now.timestamp()) // STEP_SECONDS
        matched = None
        for step in range(present - TOLERANCE, present + TOLERANCE + 1):
            right = hmac.compare_digest(totp.generate(step * STEP_SECONDS), answer.encode())
            if right and step > kept["last_step"]:
                matched = step
        if stored is None or matched is None:
            return WRONG
        return Verdict(kept=_stored(base64.b32decode(kept["secret"]), matched))


def _totp(secret: bytes) -> "TOTP":
    from cryptography.hazmat.primitives.hashes import SHA1  # cold start: most requests do not need it
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  HMAC-SHA-1 is not weakened by collisions


def _text(secret: bytes) -> str:
    """Return the key as people type it into an app. The base32 form of 20 bytes has no padding."""
    return base64.b32encode(secret).decode()


def _stored(secret: bytes, last_step: int) -> str:
    return json.dumps({"secret": _text(secret), "last_step": last_step})
