"""One decorated function gives the registration, the signature for the worker, and the entry in the document."""

import inspect
import json
import re
import traceback
from typing import Any, get_type_hints

import azure.functions as func
import pytest

from functions import _function, _http
from functions._contract import EmptyAnswer, EmptyRequest
from functions._function import FunctionFailed, endpoint, queue_function
from functions._needs import Needs
from functions.admin_erase import admin_erase
from functions.proof import me_proof
from functions.reconfirm import me_reconfirm
from functions.register import me_view
from functions.reset import reset_complete
from functions.session import session_start
from functions.verify import reset_challenge, reset_verify
from shared.domain.errors import Limited, NotFound, PasswordRefused
from shared.domain.roles import Right
from shared.domain.trail import REFERENCE_LETTERS, AuditEvent, Tag, Trail
from shared.ports.store import StoreLost
from shared.usecases.note_refusal import NoteRefusal
from shared.validation.delivery_reports import delivery_reports
from shared.validation.records import decode_events, decode_order
from tests.builders import NEW_PASSWORD, World, a_policy, a_world


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the endpoints of these tests out of the OpenAPI document."""
    monkeypatch.setattr(_function, "ENDPOINTS", [])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = a_world()
    for module in (_http, _function):
        monkeypatch.setattr(module, "service", lambda: made.service)
    return made


def registered(needs: Needs | Right | None = None) -> tuple[func.Blueprint, Any]:
    """Return an endpoint with a body and a path parameter."""
    bp = func.Blueprint()

    @endpoint(bp, "POST", "v1/things/{method}", needs=needs, refuses=(Limited,))
    async def a_thing(call: _http.Call, method: str, body: EmptyRequest) -> EmptyAnswer:
        """Do a thing.

        And say no more about it.
        """
        call.trail.events.append(AuditEvent(tag=Tag.ERASED, at=call.service.adapters.clock.now(), cause=method))
        return EmptyAnswer()

    return bp, a_thing


def asked(body: bytes = b"{}", **headers: str) -> func.HttpRequest:
    given = {"content-type": "application/json", **headers}
    return func.HttpRequest("POST", "http://x", headers=given, params={}, route_params={"method": "email"}, body=body)


def test_the_worker_sees_the_request() -> None:
    """The worker compares names and annotations with the bindings, and does not load a function if they differ."""
    _, trigger = registered()
    function = trigger.build().get_user_function()
    assert inspect.iscoroutinefunction(function)
    assert list(inspect.signature(function).parameters) == ["req"]
    assert get_type_hints(function) == {"req": func.HttpRequest, "return": func.HttpResponse}
    assert function.__name__ == "a_thing"


def test_the_description_of_an_endpoint_comes_from_its_function() -> None:
    """Nothing is written twice."""
    registered(Right.ERASE)
    [made] = _function.ENDPOINTS
    assert (made.name, made.verb, made.route) == ("a_thing", "POST", "v1/things/{method}")
    assert (made.summary, made.takes, made.answers) == ("Do a thing.", EmptyRequest, EmptyAnswer)
    statuses = {_http.status_of(kind) for kind in made.refuses}
    assert statuses == {400, 401, 403, 404, 413, 415, 429, 500, 503}
    assert NotFound in made.refuses
    assert PasswordRefused not in made.refuses


async def test_events_are_left_to_be_recorded(world: World) -> None:
    """With positional arguments, as in tests, and with names, as the host does."""
    _, trigger = registered()
    assert (await trigger(asked())).status_code == 200
    assert (await trigger(req=asked())).status_code == 200
    assert len(world.adapters.audit_outbox.events) == 2


@pytest.mark.parametrize("garbage", [b"", b"not json", b"\xff", b'{"a": 1}', b"[" * 100_000, b'{"\xed\xa0\x80": 1}'])
@pytest.mark.parametrize("queue", ["outbox", "audit", "delivery-reports"])
async def test_garbage_in_a_queue_is_recorded_and_gone(world: World, queue: str, garbage: bytes) -> None:
    """The function succeeds, so that the host deletes the message. An event names the queue (rule 33)."""
    reads = {"outbox": decode_order, "audit": decode_events, "delivery-reports": delivery_reports}[queue]

    @queue_function(func.Blueprint(), queue, reads)
    async def never(_read: Any, _trail: Trail) -> None:
        raise AssertionError("it was read")

    await never(func.QueueMessage(body=garbage))
    assert [(event.tag, event.cause) for event in world.adapters.audit_outbox.events] == [
        (Tag.MESSAGE_DISCARDED, queue)
    ]


@pytest.mark.parametrize(
    ("needs", "signed_in", "status"),
    [
        (None, False, 400), (Needs.SIGNED_IN, False, 401), (Needs.SIGNED_IN, True, 400), (Right.ERASE, False, 401),
        (Right.ERASE, True, 403),
    ],
)  # fmt: skip
async def test_the_body_of_a_caller_without_the_role_is_not_parsed(
    world: World, needs: Needs | Right | None, signed_in: bool, status: int
) -> None:
    """Session and role are checked before the body is read, so a stranger's large body costs nothing."""
    await world.ada()
    headers = {"authorization": f"Bearer {await world.sign_in()}"} if signed_in else {}
    _, trigger = registered(needs)
    answer = await trigger(asked(b"{not json", **headers))
    assert (answer.status_code, json.loads(answer.get_body())["status"]) == (status, status)


RESETS: dict[Any, dict[str, str]] = {
    reset_challenge: {"verification_token": "", "method": "email"},
    reset_verify: {"verification_token": "", "answer": "11111111"},
    reset_complete: {"reset_token": "", "new_password": NEW_PASSWORD},
}
SESSIONS: dict[Any, dict[str, str]] = {
    me_view: {}, me_reconfirm: {}, me_proof: {"proof": "x", "answer": "11111111"}, admin_erase: {"identifier": "ada"}
}  # fmt: skip


@pytest.mark.parametrize("step", [*RESETS, *SESSIONS], ids=lambda step: step.build().get_function_name())
async def test_tokens_that_are_not_valid_leave_few_events(world: World, step: Any) -> None:
    """Made up, or expired, of a known or an unknown name: the first, tenth and hundredth call of a client (R-100)."""
    await world.ada()
    session, tokens = await world.sign_in(), [await world.start(name) for name in ("ada", "nobody")]
    world.clock.move(hours=2)
    for n in range(120):
        token = ["made up", *tokens][n % 3] if step in RESETS else ["made up", session][n % 2]
        body = {field: text or token for field, text in {**RESETS, **SESSIONS}[step].items()}
        request = asked(json.dumps(body).encode(), authorization=f"Bearer {token}")
        answer = await step(request)
        assert answer.status_code == (403 if step in RESETS else 401)
    of = step.build().get_function_name()
    assert [(event.tag, event.cause, event.account) for event in world.adapters.audit_outbox.events] == [
        (Tag.TOKEN_REFUSED, f"{of}{count}", "") for count in ("", " 10", " 100")
    ]


def test_refused_tokens_of_many_clients_leave_few_events_too(world: World) -> None:
    """A thousand addresses: a hundred events, and the thousandth."""
    trail, refused = Trail(), list[AuditEvent]()
    for n in range(1000):
        trail.events = []
        world.service.use(NoteRefusal)("reset_verify", f"192.0.2.{n}", trail)
        refused += trail.events
    assert len(refused) == 101


@pytest.mark.parametrize(("kib", "status"), [(8, 413), (16, 403)])
async def test_the_size_of_a_body_is_a_setting(world: World, kib: int, status: int) -> None:
    """Nine KiB are refused where eight are the limit, whatever is in them."""
    world.adapters.policy = a_policy(body_kib=kib)
    body = json.dumps(RESETS[reset_complete] | {"reset_token": "x"}).ljust(9 * 1024)
    assert (await reset_complete(asked(body.encode()))).status_code == status


async def test_a_failure_that_the_host_logs_quotes_no_request(world: World) -> None:
    """The host logs the exception of a queue or a timer with all its causes. The SDKs' causes name URLs of rows."""
    bp = func.Blueprint()

    @queue_function(bp, "things", str)
    async def a_thing(_text: str, _trail: Trail) -> None:
        """Fail as the store does."""
        try:
            raise OSError("Can not write to https://store/People(RowKey='ada')")
        except OSError as error:
            raise StoreLost from error

    handler = a_thing.build().get_user_function()
    with pytest.raises(FunctionFailed, match=r"StoreLost in .*a_thing") as failure:
        await handler(msg=func.QueueMessage(body=b"text"))
    assert "https" not in "".join(traceback.format_exception(failure.value))


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_a_refusal_has_the_reference_that_its_audit_events_have_whoever_is_asked_for(
    world: World, name: str
) -> None:
    """It is drawn for each request, so that it tells nothing about an account (rule 9)."""
    await world.ada()
    body = json.dumps({"identifier": name, "password": "wrong"}).encode()
    problem = json.loads((await session_start(asked(body))).get_body())
    (event,) = world.adapters.audit_outbox.events
    assert event.reference == problem["reference"]
    assert re.fullmatch(f"[{REFERENCE_LETTERS}]{{12}}", problem["reference"])
