"""Reports about calls, as Call Automation sends them: CloudEvents with a signed token, one in a request."""

import asyncio
import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CONFIGURATION: Final = "/calling/.well-known/acsopenidconfiguration"
KEYS: Final = "/calling/keys"
LIFE: Final = dt.timedelta(minutes=5)
TRIES, PAUSE = 20, 0.25
"""Of a report that is not taken, in seconds: a host that was killed is started again."""


class Signer:
    """The keys of the provider, and the addresses at which it publishes them."""

    def __init__(self, resource: str) -> None:
        self.resource = resource

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, authority: str) -> str:
        """Return a token for one report."""
        now = dt.datetime.now(dt.UTC)
        claims = {"iss": authority, "aud": self.resource, "iat": now, "nbf": now, "exp": now + LIFE}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "standin"})

    def routes(self) -> list[Route]:
        """Return the endpoints, which need no signature."""
        return [
            Route(CONFIGURATION, self._configuration, methods=["GET"]),
            Route(KEYS, self._keys, methods=["GET"]),
            Route("/signature", self._signature, methods=["GET"]),
        ]

    async def _configuration(self, request: Request) -> Response:
        authority = str(request.base_url).rstrip("/")
        return JSONResponse(
            {"issuer": authority, "jwks_uri": authority + KEYS, "id_token_signing_alg_values_supported": ["RS256"]}
        )

    async def _signature(self, request: Request) -> Response:
        """Give a test what the provider would sign: a report of its own is then as good as the provider's."""
        return JSONResponse({"token": self.token(str(request.base_url).rstrip("/"))})

    async def _keys(self, _: Request) -> Response:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return JSONResponse({"keys": [{**public, "kid": "standin", "use": "sig", "alg": "RS256"}]})


@dataclass
class Reporter:
    """Sends the reports of one call, one after the other, until each is taken."""

    signer: Signer
    authority: str
    address: str
    call: str
    times: int = 1
    """How often each report is sent."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    server_call: str = field(default_factory=lambda: str(uuid.uuid4()))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def report(self, kind: str, data: dict[str, Any]) -> None:
        """Send one report."""
        source = f"calling/callConnections/{self.call}"
        event = {
            "id": str(uuid.uuid4()),
            "source": source,
            "type": f"Microsoft.Communication.{kind}",
            "data": {
                "version": "2026-03-12",
                "callConnectionId": self.call,
                "serverCallId": self.server_call,
                "correlationId": self.call,
                "publicEventType": f"Microsoft.Communication.{kind}",
                **data,
            },
            "time": dt.datetime.now(dt.UTC).isoformat(),
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "subject": source,
        }
        async with self._turn:
            for _ in range(self.times):
                self.sent.append(event)
                await self._post(json.dumps([event]))

    async def _post(self, body: str) -> None:
        for _ in range(TRIES):
            headers = {
                "Authorization": f"Bearer {self.signer.token(self.authority)}",
                "Content-Type": "application/cloudevents-batch+json; charset=utf-8",
            }
            try:
                async with (
                    aiohttp.ClientSession() as session,
                    session.post(self.address, data=body.encode(), headers=headers) as answer,
                ):
                    self.statuses.append(answer.status)
                    if answer.status < 500:
                        return
            except aiohttp.ClientError:
                self.statuses.append(0)
            await asyncio.sleep(PAUSE)
