"""Verify access tokens of Microsoft Entra ID with PyJWT (R-60; docs/decisions/0030)."""

from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
from pydantic import ValidationError

from shared.adapters.entra_tokens.keys import SigningKeys
from shared.domain.account import ObjectId
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.entra_apps import EntraApps
from shared.domain.roles import Role
from shared.ports.clock import Clock
from shared.ports.sign_in_tokens import SignedInThere, TokenRefused
from shared.validation.entra_claims import EntraClaims

ALGORITHM: Final = "RS256"
"""The only one. A list with HMAC in it would let anybody sign with the public key (CVE-2022-29217)."""

LONGEST: Final = 8192
"""Characters of a token. A longer one is refused before it is decoded."""

EXCHANGED_WITHIN: Final = timedelta(minutes=15)
"""The page exchanges a token as soon as it has it. Microsoft dates tokens some minutes back."""

APP_ROLES: Final = frozenset(Role)
"""Others are dropped: a session has no room for what an organisation may name."""


class EntraTokens:
    """Tokens for `apps.api` that people of `apps.tenant` got at `apps.page`."""

    def __init__(self, apps: EntraApps, keys: SigningKeys, clock: Clock) -> None:
        self._apps, self._keys, self._clock = apps, keys, clock

    async def verified(self, token: str) -> SignedInThere:
        """Look at the form, then the signature, then the claims. Of the header only the name of the key is believed."""
        if not token.isascii() or len(token) > LONGEST:
            raise TokenRefused("malformed")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError):
            raise TokenRefused("malformed") from None
        name = header.get("kid")
        # The key is looked up for this algorithm alone, so that no other token makes the service fetch keys.
        if header.get("alg") != ALGORITHM or not isinstance(name, str):
            raise TokenRefused("algorithm")
        key = await self._keys.named(name)
        if key is None:
            raise TokenRefused("unknown_key")
        try:
            claims = EntraClaims.model_validate(
                jwt.decode(
                    token,
                    key,
                    algorithms=[ALGORITHM],
                    audience=self._apps.api,
                    issuer=self._apps.issuer,
                    # The times are compared below, with the clock and the margin of the service (rule 32).
                    options={"strict_aud": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
                )
            )
        except jwt.InvalidSignatureError:
            raise TokenRefused("signature") from None
        except (jwt.PyJWTError, ValidationError, ValueError):  # their messages quote the token
            raise TokenRefused("claims") from None
        return self._judged(claims)

    def _judged(self, claims: EntraClaims) -> SignedInThere:
        if (claims.tid, claims.azp) != (self._apps.tenant, self._apps.page):
            raise TokenRefused("application")
        now = self._clock.now()
        issued, begins, ends, signed_in = (
            datetime.fromtimestamp(seconds, UTC) for seconds in (claims.iat, claims.nbf, claims.exp, claims.auth_time)
        )
        latest = now + CLOCK_MARGIN
        if ends <= now - CLOCK_MARGIN or max(issued, begins, signed_in) > latest:
            raise TokenRefused("times")
        if issued < now - EXCHANGED_WITHIN - CLOCK_MARGIN:
            raise TokenRefused("too_old")
        return SignedInThere(
            object_id=ObjectId(claims.oid),
            token_id=claims.uti,
            signed_in_at=min(signed_in, now),
            app_roles=tuple(sorted(APP_ROLES & set(claims.roles))),
        )


class NoTokens:
    """For an installation where people sign in with a password here: no token is good for anything."""

    async def verified(self, token: str) -> SignedInThere:
        del token
        raise TokenRefused("not_offered")
