"""The signed token that Call Automation sends with each report, checked with the keys that it publishes.

Microsoft Learn, "How to secure webhook endpoints and websocket connections" (Call Automation): a JSON Web Token by
OpenID Connect, five minutes valid, for the id of the resource that placed the call.
"""

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any, Final

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import TryAgain

if TYPE_CHECKING:
    from azure.core.pipeline.transport import AsyncHttpTransport

AUTHORITY: Final = "https://acscallautomation.communication.azure.com"
CONFIGURATION: Final = "/calling/.well-known/acsopenidconfiguration"
ALGORITHMS: Final = ("RS256",)
"""Nothing else: with `none` nobody signs, and with an HMAC the published key would be the secret (RFC 8725 3.1)."""

COOL_DOWN_SECONDS: Final = 60.0
"""Between two requests for the keys, whatever arrives: a token with an unknown key must not cause a request each."""
KEEP_SECONDS: Final = 3600.0
"""After which a key that the provider has withdrawn is no longer used."""
LONGEST_TOKEN: Final = 8192
LONGEST_DOCUMENT: Final = 65_536


class AcsCallSignatures:
    """One set of keys for each process. `authority` is the provider's, or locally that of its stand-in."""

    def __init__(self, authority: str, resource: str, transport: "AsyncHttpTransport[Any, Any]") -> None:
        self._authority = authority
        self._resource = resource
        self._transport = transport
        self._keys: dict[str, Any] = {}
        self._asked_at = float("-inf")
        self._kept_at = float("-inf")
        self._asking = asyncio.Lock()

    async def is_valid(self, token: str) -> bool:
        import jwt

        if not self._resource or len(token) > LONGEST_TOKEN:
            return False
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:  # before the keys: no request for what nobody could have signed
                return False
            key = await self._key(str(header.get("kid")))
            if key is None:
                return False
            jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._resource,
                issuer=self._authority,
                leeway=CLOCK_MARGIN,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError:
            return False
        return True

    async def _key(self, name: str) -> Any:
        """Return the provider's key of that name, or None. Raises TryAgain while it is unknown which ones it has."""
        now = time.monotonic()
        if name not in self._keys or now - self._kept_at > KEEP_SECONDS:
            async with self._asking:
                if now - self._asked_at > COOL_DOWN_SECONDS:
                    self._asked_at = now
                    await self._ask(now)
        if not self._keys:
            raise TryAgain
        return self._keys.get(name)

    async def _ask(self, now: float) -> None:
        """Fetch the keys. Those that are known stay in use if the provider does not answer."""
        import jwt
        from azure.core.exceptions import AzureError

        try:
            configuration = await self._document(f"{self._authority}{CONFIGURATION}")
            # Only from the same host: whoever could change the document could otherwise name any keys.
            address = str(configuration.get("jwks_uri"))
            if not address.startswith(f"{self._authority}/"):
                return
            found = jwt.PyJWKSet.from_dict(await self._document(address)).keys
        except (AzureError, TimeoutError, ValueError, jwt.PyJWTError):
            return
        self._keys, self._kept_at = {key.key_id: key for key in found if key.key_id}, now

    async def _document(self, address: str) -> dict[str, Any]:
        """Raises ValueError for anything but a JSON object of ordinary size."""
        from azure.core.rest import HttpRequest

        response: Any = await self._transport.send(HttpRequest("GET", address))
        text = await response.read()
        document = json.loads(text) if response.status_code == 200 and len(text) <= LONGEST_DOCUMENT else None
        if not isinstance(document, dict):
            raise ValueError("not the provider's keys")  # noqa: TRY004  the answer is wrong, not the program
        return document
