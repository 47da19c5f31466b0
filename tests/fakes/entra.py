"""The real check of Microsoft's tokens, with keys that are made here instead of fetched."""

from datetime import datetime
from functools import cache
from typing import Any

import jwt

from local.entra.person_tokens import Apps, Signing, access_claims
from local.entra.tokens import Signer
from shared.adapters.entra_tokens import EntraTokens
from shared.adapters.entra_tokens.keys import SigningKeys
from shared.domain.entra_apps import EntraApps
from shared.ports.clock import Clock

TENANT, API, PAGE, STRANGER = (f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-4000-8000-000000000000" for n in "abcd")


@cache
def signer(kid: str = "standin-1") -> Signer:
    """Return a key pair. One is made for the whole run, because that takes a while."""
    return Signer(kid)


def signed(claims: dict[str, Any], by: Signer | None = None, **header: Any) -> str:
    """Return a token with exactly these claims."""
    by = by or signer()
    return jwt.encode(claims, by.key, algorithm="RS256", headers={"kid": by.kid, **header})


class StandinTokens:
    """Issues tokens at the time of the clock, and counts the fetches of its keys."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.signers, self.fetches = clock, [signer()], 0
        self.answers: list[Any] = []
        """What the next fetches answer, or raise, instead of the keys."""
        self.apps = Apps(api=API, page=PAGE)
        self.registered = EntraApps(authority="https://login.example", tenant=TENANT, api=API, page=PAGE)
        self.checks = EntraTokens(self.registered, SigningKeys(self.fetch, clock), clock)

    async def fetch(self) -> Any:
        self.fetches += 1
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return {"keys": [key for one in self.signers for key in one.keys()["keys"]]}

    def claims(self, person: str, *, signed_in_at: datetime | None = None, **others: Any) -> dict[str, Any]:
        """Return the claims of a token that is right, with these others."""
        now = self.clock.now()
        at = int((signed_in_at or now).timestamp())
        who = Signing(TENANT, self.registered.issuer, person, "ada@example.org", at)
        claims = access_claims(self.apps, who, int(now.timestamp())) | others
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, person: str, **others: Any) -> str:
        return signed(self.claims(person, **others))
