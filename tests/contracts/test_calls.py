"""Calls: each step is one request, taken or NotSent; and reports are believed only with the provider's signature."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline.transport import AioHttpTransport
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.adapters import azure_transport
from shared.adapters.acs import call_signatures
from shared.adapters.acs.call_signatures import AcsCallSignatures
from shared.adapters.acs.calls import AcsCalls
from shared.adapters.azure_transport import SharedTransport
from shared.domain.calls import Line, Step
from shared.domain.errors import TryAgain
from shared.messages import speech
from shared.ports.channel import NotSent
from tests.fakes.calls import MemoryCalls
from tests.stack import Stack, StartStack

NUMBER, RESOURCE = "+33639980001", "5e5a3e00-0000-4000-8000-000000000acc"
PROMPT = speech.prompt("code", "fr", product="Sésame & fils", key="1")
CODE = speech.spoken_code("fr", "48152342")
FAULTS = {
    "throttled": NotSent("http_429", permanent=False, definite=True),
    "invalid": NotSent("http_400", permanent=False, definite=True),
    "drop": NotSent("no_answer", permanent=False),
    "accept_then_drop": NotSent("no_answer", permanent=False),
    "slow": NotSent("no_answer", permanent=False),
}


@dataclass
class Side:
    """The telephone, and the provider that it calls through."""

    calls: Any
    stack: Stack | None = None
    requests: list[str] | None = None

    def fail(self, fault: str) -> None:
        if self.stack is None:
            self.calls.faults.append(FAULTS[fault])
        else:
            self.stack.fault("voice", fault)

    async def call(self) -> tuple[str, Callable[[], dict[str, Any]]]:
        """Place a call that is answered. Return its id, and a function that tells what it has come to."""
        await self.calls.place(NUMBER, "token")
        if self.stack is None:
            said = {Step.DIAL: "dialled"}
            return "c-1", lambda: {
                "heard": self.calls.said,
                "dialled": "".join(what for step, what in self.calls.steps if said.get(step)),
                "over": self.calls.steps[-1][0] == "hang up",
            }
        stack = self.stack

        def shown() -> dict[str, Any]:
            (found,) = httpx.get(f"{stack.inbox}/calls").json()
            return {**found, "over": found["state"] == "disconnected"}

        for _ in range(200):
            if shown()["state"] == "connected":
                break
            await asyncio.sleep(0.02)
        return shown()["id"], shown


@pytest.fixture(scope="module")
def stand_in(start_stack: StartStack) -> Any:
    stack = start_stack(instances=0, seed=False)
    yield stack
    stack.kill("inbox")  # it would wait for slow responses that no test needs


@pytest.fixture
async def side(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Side]:
    if kind == "memory":
        yield Side(MemoryCalls())
        return
    requests: list[str] = []
    send = AioHttpTransport.send

    async def counted(transport: AioHttpTransport, request: Any, **options: Any) -> Any:
        requests.append(request.url)
        return await send(transport, request, **options)

    monkeypatch.setattr(AioHttpTransport, "send", counted)
    monkeypatch.setattr(azure_transport, "READ_SECONDS", 0.5)
    stack: Stack = request.getfixturevalue("stand_in")
    httpx.post(f"{stack.inbox}/clear").raise_for_status()
    httpx.post(f"{stack.inbox}/phones", json={"to": NUMBER, "does": "silent"}).raise_for_status()
    key, transport = stack.environment["SESAME_ACS_ACCESS_KEY"], SharedTransport()
    line = Line(caller="+18005550199", speech="https://speech.example", callback=f"{stack.web}/api", resource=RESOURCE)
    yield Side(AcsCalls(stack.inbox, lambda: AzureKeyCredential(key), line, transport), stack, requests)
    await transport.shut()


async def test_a_call_asks_speaks_dials_and_ends(side: Side) -> None:
    """What is said is valid SSML with every digit, and the code is spoken although the call waits for a key."""
    connection, shown = await side.call()
    await side.calls.dial(connection, NUMBER, "4711")
    await side.calls.ask_for_key(connection, NUMBER, PROMPT)
    await side.calls.say(connection, CODE, Step.SPEAK)
    heard = " ".join(shown()["heard"])
    assert shown()["dialled"] == "4711"
    assert "Sésame" in heard
    digits = re.sub(r"\D", "", re.sub("<[^>]+>", "", heard))
    assert digits == "11" + 2 * "48152342", "the key, in a prompt that is said twice, and the code twice"
    await side.calls.hang_up(connection)
    assert shown()["over"]


@pytest.mark.parametrize("fault", list(FAULTS))
async def test_a_call_that_is_not_certainly_placed_raises_not_sent(side: Side, fault: str) -> None:
    """Nothing is permanent: a refused caller is the operator's to correct. One request, no retry."""
    side.fail(fault)
    with pytest.raises(NotSent) as failure:
        await side.calls.place(NUMBER, "token")
    assert (failure.value.permanent, failure.value.definite) == (False, FAULTS[fault].definite)
    assert failure.value.__cause__ is None, "the SDK's exception holds the number"
    assert side.requests is None or len(side.requests) == 1


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"], indirect=True)
async def test_a_step_in_a_call_that_is_over_or_has_begun_is_refused_with_its_status(side: Side) -> None:
    """The status tells a step that is under way from a call that is gone."""
    connection, _ = await side.call()
    await side.calls.ask_for_key(connection, NUMBER, PROMPT)
    with pytest.raises(NotSent) as again:
        await side.calls.ask_for_key(connection, NUMBER, PROMPT)
    await side.calls.hang_up(connection)
    with pytest.raises(NotSent) as gone:
        await side.calls.hang_up(connection)
    assert (again.value.status, gone.value.status) == (412, 404)


OURS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NOW = dt.datetime.now(dt.UTC)
SOUND: dict[str, Any] = {"aud": RESOURCE, "exp": NOW + dt.timedelta(minutes=5)}
FORGED: dict[str, Any] = {
    "nothing": lambda _: "",
    "no token": lambda _: "a.b.c",
    "unsigned": lambda authority: jwt.encode({**SOUND, "iss": authority}, None, algorithm="none"),
    "our own key": lambda authority: jwt.encode({**SOUND, "iss": authority}, OURS, "RS256", {"kid": "standin"}),
    "an unknown key": lambda authority: jwt.encode({**SOUND, "iss": authority}, OURS, "RS256", {"kid": "other"}),
    "a shared secret": lambda authority: jwt.encode({**SOUND, "iss": authority}, "standin" * 8, "HS256"),
}


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"], indirect=True)
async def test_only_what_the_provider_signed_for_this_resource_is_valid(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By RS256, with a key that the provider publishes, not expired. Unknown keys cause one request in a minute."""
    assert side.stack is not None
    assert side.requests is not None
    authority, transport = side.stack.inbox, SharedTransport()
    token = str(httpx.get(f"{authority}/signature").json()["token"])
    signatures = AcsCallSignatures(authority, RESOURCE, transport)
    for _ in range(2):
        assert await signatures.is_valid(token)
    for forge in FORGED.values():
        assert not await signatures.is_valid(forge(authority))
    assert len(side.requests) == 2, "the configuration and the keys, once"
    for other in (
        AcsCallSignatures(authority, "5e5a3e00-0000-4000-8000-000000000bad", transport),
        AcsCallSignatures(authority, "", transport),
    ):
        assert not await other.is_valid(token)
    monkeypatch.setattr(call_signatures, "CLOCK_MARGIN", dt.timedelta(minutes=-6))
    assert not await signatures.is_valid(token), "as if it were 6 minutes later"
    with pytest.raises(TryAgain):
        await AcsCallSignatures(side.stack.web, RESOURCE, transport).is_valid(token)
    await transport.shut()
