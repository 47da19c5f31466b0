"""Passkey: a key pair that answers to this site only, after its device has recognised the person (WebAuthn Level 3).

The request names no credential: a list would tell a stranger who has a passkey (rule 26). So only discoverable
credentials are registered, and the device offers those that it has for this site. The library checks signatures,
origins and formats. Ours is what depends on this protocol: whose credential it is, equal cost for strangers, one use of
each challenge, and what a sign count means.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.domain.errors import InvalidInput
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy
from shared.methods.family import WRONG, Context, Enrolment, KeptSecretMethod, RelyingParty, Verdict
from shared.validation.json_body import parse_object

ID_BYTES: Final = 255
"""Longest id of a credential that is kept. The specification allows 1023; authenticators use 16 to about 200."""
KEY_BYTES: Final = 300
"""Longest public key that is kept: RSA of 2048 bits, as TPMs use. Many removed ones must fit on a row too."""
ALGORITHMS: Final = (-7, -8, -257)
"""ES256, EdDSA and RS256, by their numbers in the IANA registry of COSE algorithms."""
TIMEOUT_MS: Final = 300_000
"""How long the browser waits for the person (WebAuthn Level 3 15.1). The verification has an end of its own."""
LONGEST: Final = {
    "id": 4 * ID_BYTES // 3,
    "clientDataJSON": 1024,
    "authenticatorData": 1024,
    "signature": 700,
    "userHandle": 88,
    "attestationObject": 3000,
}
"""Most characters of each part, in base64url. A user handle has at most 64 bytes."""
BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
KEY_OF_NOBODY: Final = bytes.fromhex(
    "a5010203262001"
    "2158206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "2258204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""A COSE key: the base point of P-256. Signatures are checked against it where there is no credential with that id."""


class Passkey(KeptSecretMethod):
    """Proves that the person has the device or the account of a passkey manager, and unlocked it."""

    name = "passkey"
    evidence = EvidenceClass.DEVICE
    phishing_resistant = True
    most = 5

    def begin_enrolment(
        self, seed: bytes, context: Context, *, account_name: str, others: Sequence[str] = ()
    ) -> Enrolment:
        """Ask for a discoverable credential, on a device that has none of the others."""
        from webauthn import generate_registration_options, options_to_json  # cold start: most requests do not need it
        from webauthn.helpers import structs
        from webauthn.helpers.cose import COSEAlgorithmIdentifier

        ids = [json.loads(other)["id"] for other in others]
        options = generate_registration_options(
            rp_id=context.relying_party.id,
            rp_name=context.relying_party.name,
            user_id=context.handle.encode(),
            user_name=account_name,
            user_display_name=account_name,
            challenge=seed,
            timeout=TIMEOUT_MS,
            attestation=structs.AttestationConveyancePreference.NONE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=_bytes(one)) for one in ids],
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
        )
        kept = {"challenge": _text(seed), "others": [_short(one) for one in ids]}
        return Enrolment(shown={"options": options_to_json(options)}, kept=json.dumps(kept))

    def finish_enrolment(self, kept: str, answer: str, context: Context) -> str | None:
        """Return the credential. A device that ignores which others there are does not register one of them again."""
        from webauthn import verify_registration_response
        from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
        from webauthn.helpers.cose import COSEAlgorithmIdentifier

        begun, given = json.loads(kept), json.loads(answer)
        if "challenge" not in begun:  # it has finished
            return None
        try:
            made = verify_registration_response(
                credential=given,
                expected_challenge=_bytes(begun["challenge"]),
                expected_rp_id=context.relying_party.id,
                expected_origin=list(context.relying_party.origins),
                require_user_verification=True,
                supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
            )
            # Nothing was signed with the key yet. One that cannot be read could never prove anything.
            decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
        except Exception:  # noqa: BLE001  for garbage, the library raises whatever its parsers raise
            return None
        identifier = _text(made.credential_id)
        if (
            identifier != given["id"]
            or len(made.credential_public_key) > KEY_BYTES
            or _short(identifier) in begun["others"]
            or _is_embedded(given)
        ):
            return None
        credential = {
            "id": identifier,
            "key": _text(made.credential_public_key),
            "count": made.sign_count,
            "synced": made.credential_device_type.value == "multi_device",
            "spent": begun["challenge"],
        }
        return json.dumps(credential)

    def challenge(self, seed: bytes, relying_party: RelyingParty) -> Mapping[str, str]:
        """Return the request without a list of credentials."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=relying_party.id,
            challenge=seed,
            timeout=TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return {"options": options_to_json(options)}

    def exact(self, answer: str, policy: Policy) -> str:
        """Return what is needed of the credential that the browser gave as JSON."""
        del policy
        try:
            given = parse_object(answer.encode(), "application/json", limit=len(answer) * 4)
        except (InvalidInput, ValueError):
            raise InvalidInput("answer", "malformed") from None
        response, identifier = given.get("response"), _part(given, "id")
        if given.get("type") != "public-key" or given.get("rawId", identifier) != identifier:
            raise InvalidInput("answer", "malformed")
        registers = isinstance(response, dict) and "attestationObject" in response
        # A discoverable credential always tells its user handle.
        names = ("attestationObject",) if registers else ("authenticatorData", "signature", "userHandle")
        parts = {name: _part(response, name) for name in ("clientDataJSON", *names)}
        return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": parts})

    def judge(self, stored: str | None, challenge: Mapping[str, str], answer: str, context: Context) -> Verdict:
        """Accept an answer to this challenge by this credential, for the account of the token, once.

        A signature is checked in every case. Whoever does not know the id of the credential cannot tell by the time
        whether there is one (rule 9).
        """
        from webauthn import verify_authentication_response

        kept, given = json.loads(stored or '{"id": "", "key": ""}'), json.loads(answer)
        asked = json.loads(challenge["options"])["challenge"]
        is_it = hmac.compare_digest(kept["id"], given["id"])
        # Compared and never used to choose: another account's credential proves nothing here (rule 26).
        belongs = hmac.compare_digest(_bytes(given["response"].get("userHandle", "")), context.handle.encode())
        try:
            verified = verify_authentication_response(
                credential=given,
                expected_challenge=_bytes(asked),
                expected_rp_id=context.relying_party.id,
                expected_origin=list(context.relying_party.origins),
                credential_public_key=_bytes(kept["key"]) if is_it else KEY_OF_NOBODY,
                credential_current_sign_count=0,  # what a falling count means is decided below
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001  for garbage, the library raises whatever its parsers raise
            return WRONG
        if not is_it or not belongs or kept["spent"] == asked or _is_embedded(given):
            return WRONG
        # Many passkey managers always report 0. The copies of a synced credential need not agree, but a key that never
        # leaves its device cannot count backwards. What it was when it was registered holds: a copy could claim more.
        fell = max(kept["count"], verified.new_sign_count) > 0 and verified.new_sign_count <= kept["count"]
        if fell and not kept["synced"]:
            return Verdict(copied=True)
        after = kept | {"count": verified.new_sign_count, "spent": asked}
        return Verdict(kept=json.dumps(after), copied=fell)


def _part(of: Any, name: str) -> str:
    """Return one part in base64url. Raises InvalidInput if it is missing, too long or of another form."""
    text = of.get(name) if isinstance(of, dict) else None
    if not isinstance(text, str) or len(text) > LONGEST[name] or not BASE64URL.fullmatch(text):
        raise InvalidInput("answer", "malformed")
    return text


def _is_embedded(given: Mapping[str, Any]) -> bool:
    """Whether the answer was given in a frame of another site, where its owner cannot see who asks. Ours has none."""
    return bool(json.loads(_bytes(given["response"]["clientDataJSON"])).get("crossOrigin"))


def _bytes(text: str) -> bytes:
    """Decode base64url without padding. A length that cannot be is cut to one that can, so that nothing raises."""
    text = text[: len(text) - (len(text) % 4 == 1)]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _short(identifier: str) -> str:
    """Return a digest that tells the credentials of one person apart."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:32]
