"""Under pressure what exceeds the instance is refused at once, and steps under way come before new starts."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import azure.functions as func
import pytest

from functions import _function, _http, health, openapi, reset, session, verify
from shared.usecases import _turns
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world

STARTS, PLACES, HASHES = 6, 8, 4


def post(body: object) -> func.HttpRequest:
    return func.HttpRequest(
        "POST", "http://localhost/", headers={"content-type": "application/json"}, params={}, route_params={},
        body=json.dumps(body).encode(),
    )  # fmt: skip


def get() -> func.HttpRequest:
    return func.HttpRequest("GET", "http://localhost/", headers={}, params={}, route_params={}, body=b"")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = a_world(gates=1, requests_at_once=PLACES, hashes_at_once=HASHES, starts_per_client_minute=1000)
    for module in (_http, _function):
        monkeypatch.setattr(module, "service", lambda: world.service)
    return world


def held(world: World, monkeypatch: pytest.MonkeyPatch, name: str, method: str) -> asyncio.Event:
    """Make every call of this adapter's method wait until the event is set."""
    free, adapter = asyncio.Event(), getattr(world.adapters, name)
    real: Callable[..., Awaitable[Any]] = getattr(adapter, method)

    async def slow(*values: Any, **named: Any) -> Any:
        await free.wait()
        return await real(*values, **named)

    monkeypatch.setattr(adapter, method, slow)
    return free


async def statuses(tasks: list[asyncio.Task[func.HttpResponse]]) -> list[int]:
    return sorted(answer.status_code for answer in await asyncio.gather(*tasks))


async def test_starts_over_the_capacity_are_refused_without_a_store_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 503 and a wait. A step under way still has a place, and afterwards all is served."""
    await world.account("ada", email=EMAIL)
    token = await world.challenge(await world.start())
    free = held(world, monkeypatch, "names", "find")
    bodies = [post({"identifier": f"name{n}"}) for n in range(STARTS)]
    under_way = [asyncio.create_task(verify.reset_start(body)) for body in bodies]
    await asyncio.sleep(0.01)
    before = world.adapters.limiter.hits.total()

    refused = await verify.reset_start(post({"identifier": "one.more"}))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert world.adapters.limiter.hits.total() == before

    passed = await verify.reset_verify(post({"verification_token": token, "answer": world.code()}))
    assert passed.status_code == 200
    free.set()
    assert await statuses(under_way) == [200] * STARTS
    assert (await verify.reset_start(post({"identifier": "one.more"}))).status_code == 200


async def test_sign_ins_over_the_number_of_hashes_are_refused_without_a_hash(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without a store call. A reset under way has the last place, and steps without a hash are served meanwhile."""
    monkeypatch.setattr(_turns, "AT_ONCE", HASHES)
    await world.account("ada", email=EMAIL, mobile_phone=PHONE)
    granted = await world.prove("ada", "email")
    sign_in = {"identifier": "ada", "password": PASSWORD}
    free, free_too = held(world, monkeypatch, "directory", "authenticate"), held(world, monkeypatch, "people", "read")
    under_way = [asyncio.create_task(session.session_start(post(sign_in))) for _ in range(HASHES - 1)]
    await asyncio.sleep(0.01)
    before = world.adapters.limiter.hits.total(), world.directory.hashes
    assert (await session.session_start(post(sign_in))).status_code == 503
    completes = [{"reset_token": granted, "new_password": NEW_PASSWORD}, {"reset_token": "x", "new_password": PASSWORD}]
    under_way.append(asyncio.create_task(reset.reset_complete(post(completes[0]))))
    await asyncio.sleep(0.01)
    assert (await reset.reset_complete(post(completes[1]))).status_code == 503
    assert (world.adapters.limiter.hits.total(), world.directory.hashes) == before
    assert (await verify.reset_start(post({"identifier": "ada"}))).status_code == 200
    free.set()
    free_too.set()
    assert (await asyncio.gather(*under_way))[-1].status_code == 200


async def test_what_needs_no_place_costs_no_more_when_many_ask(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can ask. Fifty requests share one read of the store, and the document is made once."""
    finds, free = Counter[str](), held(world, monkeypatch, "names", "find")
    find = world.adapters.names.find

    async def counted(name: str) -> object:
        finds[name] += 1
        return await find(name)

    monkeypatch.setattr(world.adapters.names, "find", counted)
    asked = [asyncio.create_task(health.health_ready(get())) for _ in range(50)]
    await asyncio.sleep(0.01)
    asked[0].cancel()
    free.set()
    assert await statuses(asked[1:]) == [200] * 49
    assert finds == {"health": 1}
    assert (await health.health_ready(get())).status_code == 200
    assert finds == {"health": 2}
    made = [openapi._document() for _ in range(2)]
    assert made[0] is made[1]
    assert json.loads((await openapi.openapi_document(get())).get_body()) == made[0]
