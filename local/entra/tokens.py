"""Signed tokens as the Microsoft identity platform issues them (version 2.0), and the keys to check them."""

import time
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

GRAPH: Final = "https://graph.microsoft.com"
SECONDS: Final = 3600


class Signer:
    """A key pair of the tenant."""

    def __init__(self, kid: str = "standin-1") -> None:
        self.kid = kid
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def keys(self) -> dict[str, Any]:
        """Return the JSON Web Key Set (RFC 7517)."""
        key = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def token(self, claims: dict[str, Any]) -> str:
        """Return a token with these claims, valid from now for an hour."""
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + SECONDS}
        return jwt.encode({**times, **claims}, self.key, algorithm="RS256", headers={"kid": self.kid})

    def of_the_service(self, tenant: str, permissions: frozenset[str]) -> str:
        """Return the app-only token of the managed identity for Graph. Its `roles` are its permissions."""
        return self.token(
            {"aud": GRAPH, "iss": f"https://sts.windows.net/{tenant}/", "tid": tenant, "idtyp": "app",
             "roles": sorted(permissions)}
        )  # fmt: skip

    def claims_of_the_service(self, token: str, tenant: str) -> dict[str, Any] | None:
        """Return the claims of a token for Graph, or None if Graph would not accept it."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self.key.public_key(), algorithms=["RS256"], audience=GRAPH,
                options={"require": ["exp", "nbf", "aud", "roles", "idtyp"]},
            )  # fmt: skip
        except jwt.PyJWTError:
            return None
        return claims if claims.get("tid") == tenant else None
