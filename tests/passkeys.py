"""A software authenticator and the browser before it, written from WebAuthn Level 3 and not from the service's method.

`Device(...)` has one credential for one site. It answers as a browser does: with the JSON of a PublicKeyCredential. A
test names what is wrong with an answer (`origin=`, `rp_id=`, `flags=`...).
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN: Final = "https://reset.sesame.example"
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 1, 4, 8, 16, 64
"""Flags of the authenticator data (WebAuthn Level 3 6.1)."""
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def p256(number: int = 7) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


def cose(key: Key) -> bytes:
    """Return the public key as COSE writes it."""
    public = key.public_key()
    match public:
        case ec.EllipticCurvePublicKey():
            at = public.public_numbers()
            made = {1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32, "big"), -3: at.y.to_bytes(32, "big")}
        case ed25519.Ed25519PublicKey():
            made = {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        case _:
            rsa_numbers = public.public_numbers()
            n = rsa_numbers.n.to_bytes((public.key_size + 7) // 8, "big")
            made = {1: 3, 3: -257, -1: n, -2: rsa_numbers.e.to_bytes(3, "big")}
    return cbor2.dumps(made)


@dataclass
class Device:
    """A device with one credential. `synced`: its keys are copied by a passkey manager, and it does not count."""

    key: Key = field(default_factory=p256)
    identifier: bytes = b"the id of a credential"
    synced: bool = True
    count: int = 0
    user: bytes = b""
    """The user handle that came with the registration."""

    @property
    def flags(self) -> int:
        return PRESENT | VERIFIED | (ELIGIBLE | BACKED_UP if self.synced else 0)

    def register(self, options: str, **wrong: Any) -> str:
        """Answer a registration: attestation `none`."""
        asked = json.loads(options)
        self.user = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        public = wrong.pop("public", None) or cose(self.key)
        credential = bytes(16) + len(self.identifier).to_bytes(2, "big") + self.identifier + public
        data = self._data({"rp_id": asked["rp"]["id"], **wrong}, ATTESTED) + credential
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], wrong)
        return self._json({"clientDataJSON": b64(client), "attestationObject": b64(attested), "transports": ["usb"]})

    def answer(self, options: str, **wrong: Any) -> str:
        """Answer a request; the count goes up by one, where the device counts."""
        asked = json.loads(options)
        self.count += not self.synced
        data = self._data({"rp_id": asked["rpId"], **wrong}, 0)
        client = self._client("webauthn.get", asked["challenge"], wrong)
        signature = self._signed(data + hashlib.sha256(client).digest())
        return self._json(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": b64(wrong.get("user", self.user)),
            }
        )

    def _data(self, given: dict[str, Any], more: int) -> bytes:
        flags, count = given.get("flags", self.flags) | more, given.get("count", self.count)
        return hashlib.sha256(given["rp_id"].encode()).digest() + bytes([flags]) + int(count).to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, given: dict[str, Any]) -> bytes:
        made = {
            "type": given.get("type", kind),
            "challenge": given.get("challenge", challenge),
            "origin": given.get("origin", ORIGIN),
            "crossOrigin": given.get("cross_origin", False),
        }
        return json.dumps(made).encode()

    def _signed(self, data: bytes) -> bytes:
        match self.key:
            case ec.EllipticCurvePrivateKey():
                return self.key.sign(data, ec.ECDSA(SHA256()))
            case ed25519.Ed25519PrivateKey():
                return self.key.sign(data)
            case _:
                return self.key.sign(data, padding.PKCS1v15(), SHA256())

    def _json(self, response: dict[str, Any]) -> str:
        one = b64(self.identifier)
        return json.dumps(
            {"id": one, "rawId": one, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )
