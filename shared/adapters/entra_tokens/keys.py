"""Keep the keys that sign the tokens of a tenant, and fetch them again when they change."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from azure.core import AsyncPipelineClient
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import HttpRequest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError

from shared.ports.clock import Clock
from shared.ports.sign_in_tokens import KeysLost

COOL_DOWN: Final = timedelta(seconds=30)
"""Between two fetches. Anybody can send tokens with key ids that nobody has, and must not make a fetch of each."""
COOL_DOWN_WITHOUT_KEYS: Final = timedelta(seconds=3)
"""The same where no key was ever read, because nobody can sign in then."""
KEPT: Final = timedelta(days=1)
"""A withdrawn key is forgotten after it (Microsoft, "Access tokens": check for keys every 24 hours)."""
SECONDS: Final = 3
SMALLEST_KEY: Final = 2048
MOST_KEYS: Final = 50

_LOG: Final = logging.getLogger("sesame.sign_in")

Fetch = Callable[[], Awaitable[Any]]


def fetch_from(address: str, transport: AsyncHttpTransport[Any, Any]) -> Fetch:
    """Return how to read the JSON Web Key Set at that address. It raises AzureError, ValueError or TimeoutError."""
    client: AsyncPipelineClient[Any, Any] = AsyncPipelineClient(base_url=address, policies=[], transport=transport)

    async def fetch() -> Any:
        async with asyncio.timeout(SECONDS):
            response = await client.send_request(HttpRequest("GET", address))
            if response.status_code != 200:  # a redirect too: keys come from the configured address alone
                raise ValueError(response.status_code)
            return response.json()

    return fetch


class SigningKeys:
    """The keys by their id. A fetch that fails leaves those that were read before."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._read_at = self._asked_at = datetime.min.replace(tzinfo=clock.now().tzinfo)
        self._asking = asyncio.Lock()

    async def named(self, name: str) -> RSAPublicKey | None:
        """Return the key with that id, or None. Raises KeysLost if no key was ever read."""
        if self._must_ask(name):
            async with self._asking:  # one at a time; who waited finds what the first one read, or the cool-down
                if self._must_ask(name):
                    await self._ask()
        if not self._keys:
            raise KeysLost
        return self._keys.get(name)

    def _must_ask(self, name: str) -> bool:
        now = self._clock.now()
        has_all = name in self._keys and now < self._read_at + KEPT
        return not has_all and now >= self._asked_at + (COOL_DOWN if self._keys else COOL_DOWN_WITHOUT_KEYS)

    async def _ask(self) -> None:
        self._asked_at = self._clock.now()
        try:
            keys = keys_of(await self._fetch())
        except (AzureError, ValueError, TimeoutError) as fault:
            keys = {}
            _LOG.warning("the keys of the sign-in service could not be read (%s)", type(fault).__name__)
        if keys:
            self._keys, self._read_at = keys, self._asked_at


def keys_of(found: Any) -> dict[str, RSAPublicKey]:
    """Return the RSA keys of a JSON Web Key Set (RFC 7517). Others, and weak ones, are left out."""
    entries = found.get("keys") if isinstance(found, dict) else None
    keys = {}
    for entry in entries[:MOST_KEYS] if isinstance(entries, list) else ():
        try:
            name, key = str(entry["kid"]), PyJWK.from_dict(entry, "RS256").key
        except (PyJWTError, ValueError, KeyError, TypeError):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY and entry.get("use", "sig") == "sig":
            keys[name] = key
    return keys
