"""HTTP requests and answers: one table of errors, one place for headers, limits and the trail."""

import json
import logging
import re
from typing import Any

import azure.functions as func
import pytest

from functions import _function, _http, register, reset, session, verify
from functions._contract import EmptyRequest
from shared.domain import errors
from shared.domain.errors import SesameError
from shared.domain.trail import Trail
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.start_verification import StartVerification
from shared.validation.client_address import device_family, recorded_address
from shared.validation.records import encode_events
from tests.builders import PASSWORD, World, a_world

TREE = re.compile(r"^[ │├└─]*(\w+) {2,}.*? {2,}(\w+) +(\d{3})$", re.MULTILINE)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The service on fakes, as the one that triggers use."""
    made = a_world()
    for module in (_http, _function):
        monkeypatch.setattr(module, "service", lambda: made.service)
    return made


@pytest.mark.parametrize(
    ("choice", "address", "recorded"),
    [
        ("coarse", "203.0.113.7:51234", "203.0.113.0/24"),
        ("coarse", "2001:db8:1:2::7", "2001:db8:1::/48"),
        ("whole", "::ffff:203.0.113.7", "203.0.113.7"),
        ("whole", "[2001:DB8:1:2::7]:51234", "2001:db8:1:2::7"),
        ("whole", "fe80::7%<script>", "fe80::7"),
        *[(choice, "not an address", "") for choice in ("coarse", "whole", "digest")],
    ],
)
def test_an_event_has_as_much_of_the_address_as_the_operator_chose(choice: str, address: str, recorded: str) -> None:
    """In one form each. What a proxy or a client wrote beside the address is dropped."""
    of = a_world(audit_addresses=choice).adapters
    assert recorded_address((f"198.51.100.1, {address}", 1), of) == recorded


def test_the_digest_of_an_address_is_the_one_by_which_the_client_is_counted() -> None:
    """So one client is one value, and an IPv6 subscriber too."""
    of = a_world(audit_addresses="digest").adapters
    seen = {recorded_address((f"2001:db8:1:2::{n}", 1), of) for n in (7, 8)}
    assert seen == {of.keyring.client_key("2001:db8:1:2::/64")}


def request(body: object = None, *, method: str = "POST", raw: bytes | None = None, **headers: str) -> func.HttpRequest:
    given = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = raw if raw is not None else json.dumps(body).encode()
    return func.HttpRequest(method, "http://localhost/api/v1/x", headers=given, params={}, route_params={}, body=sent)


async def respond(asked: func.HttpRequest, work: Any, trail: Trail | None = None) -> tuple[int, dict[str, Any], Any]:
    answer = await _http.respond(_http.Call(request=asked, trail=trail or Trail()), work)
    return answer.status_code, json.loads(answer.get_body()), answer


def raising(error: BaseException) -> Any:
    async def work(_call: _http.Call) -> object:
        raise error

    return work


def every_error() -> list[type[SesameError]]:
    found, todo = [], [SesameError]
    while todo:
        kind = todo.pop()
        found.append(kind)
        todo += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__ and kind is not SesameError]


def test_the_docstring_of_errors_matches_their_codes_and_statuses() -> None:
    """The tree in `shared/domain/errors.py` shows each error with its code and its status."""
    drawn = {name: (code, int(status)) for name, code, status in TREE.findall(errors.__doc__ or "")}
    answered = {kind.__name__: (kind.code, _http.status_of(kind)) for kind in every_error()}
    assert drawn == answered


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
async def test_every_error_is_a_problem_document(world: World, kind: type[SesameError]) -> None:
    """With a stable code, a title and a detail in the reader's language, and no stack trace (RFC 9457)."""
    needs = {
        "Limited": (7,),
        "PasswordRefused": (("length",), "token"),
        "TryAgain": (7,),
        "ProofRequired": (("email",),),
        "AnswerRefused": (2, "token"),
        "NoTriesLeft": (0, "token"),
        "NotLocked": ("token",),
    }
    arguments = needs.get(kind.__name__, ("field", "reason") if issubclass(kind, errors.InvalidInput) else ())
    status, problem, answer = await respond(request({}, accept_language="fr"), raising(kind(*arguments)))
    assert status == problem["status"] == _http.status_of(kind)
    assert problem["code"] == kind.code
    assert problem["type"] == f"/api/v1/problems/{kind.code}"
    assert problem["title"]
    assert answer.mimetype == "application/problem+json"
    assert answer.headers.get("Retry-After") == {"Limited": "7", "TryAgain": "7", "UnderWay": "5"}.get(kind.__name__)
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("retry_after", 7, 7),
        ("opens", ("time", "known_client"), ["time", "known_client"]),
        ("field", "rows[3].email", "rows[3].email"),
        ("reason", "too_long", "too_long"),
        ("reasons", ("length", "context"), ["length", "context"]),
        ("verification_token", "token", "token"),
        ("reset_token", "token", "token"),
        ("tries_left", 0, 0),
        ("cause", "no such account", None),
        ("tries_left", None, None),
    ],
)
async def test_a_problem_document_shows_only_the_listed_attributes_of_an_error(
    world: World, name: str, value: object, told: object
) -> None:
    """Under their own names. Other attributes of the error are not shown."""
    error = errors.Refused()
    setattr(error, name, value)
    _, problem, _ = await respond(request({}), raising(error))
    assert problem.get(name) == told
    assert (name in problem) == (told is not None)


async def test_an_unexpected_exception_reveals_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """500 without the exception's text, in answer and log: an SDK's exception quotes the request (R-75, R-101)."""
    with caplog.at_level(logging.DEBUG):
        status, problem, answer = await respond(request({}), raising(RuntimeError("the code is 1234 5678")))
    assert (status, problem["code"]) == (500, "internal")
    assert b"1234" not in answer.get_body()
    assert "1234" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_a_refused_request_writes_its_trail(world: World) -> None:
    """Orders and events are there for every outcome (R-100)."""
    trail = Trail()

    async def work(call: _http.Call) -> object:
        token, _ = await call.service.use(StartVerification)("ada", call.client, call.trail)
        await call.service.use(IssueChallenge)(
            token, "email", call.trail, channel=None, contact=None, client=call.client, language=call.language
        )
        raise errors.Refused

    status, _, _ = await respond(request({}), work, trail)
    assert (status, len(world.orders), len(trail.events)) == (403, 1, 2)


@pytest.mark.parametrize(
    ("origin", "allowed"), [(None, True), ("https://a.example", True), ("https://b.example", False)]
)
async def test_the_origin_of_a_page_must_be_on_the_list(world: World, origin: str | None, allowed: bool) -> None:
    """Callers other than browsers send no Origin. Another page's is refused before anything is done (R-82)."""
    world.adapters.settings.web_origins = ("https://a.example",)
    done = []

    async def work(_call: _http.Call) -> object:
        done.append(1)
        return {}

    status, problem, _ = await respond(request({}, **({"origin": origin} if origin else {})), work)
    assert (status == 200, bool(done)) == (allowed, allowed)
    assert allowed or problem["code"] == "origin_refused"


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "token"])
async def test_a_session_must_be_a_bearer_token(world: World, header: str) -> None:
    """Another header is no session."""
    asked = request(method="GET", raw=b"", authorization=header)
    answer = await register.me_view(asked)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_query_next_to_a_body_is_refused(world: World) -> None:
    """It would be logged by proxies, or be preferred to the body (R-86)."""
    asked = func.HttpRequest(
        "POST", "http://localhost/api/v1/session", headers={"content-type": "application/json"},
        params={"identifier": "mallory"}, route_params={}, body=b'{"identifier": "ada"}',
    )  # fmt: skip
    answer = await verify.reset_start(asked)
    assert (answer.status_code, json.loads(answer.get_body())["code"]) == (400, "bad_input")


async def test_a_whole_reset_through_the_triggers(world: World) -> None:
    """Start, challenge, verify twice, complete: each trigger parses, calls and renders."""
    await world.ada()

    async def ask(trigger: Any, body: object) -> dict[str, Any]:
        answer = await trigger(request(body))
        assert answer.status_code == 200, answer.get_body()
        data: dict[str, Any] = json.loads(answer.get_body())
        return data

    data = await ask(verify.reset_start, {"identifier": "Ada "})
    assert data["methods"] == ["email", "mobile_phone", "authenticator_app"]
    for method in ("email", "mobile_phone"):
        token = data["verification_token"]
        data = await ask(verify.reset_challenge, {"verification_token": token, "method": method})
        assert data["wait"] == 60

        await world.deliver()
        body = {"verification_token": data["verification_token"], "answer": world.code(method)}
        data = await ask(verify.reset_verify, body)
    body = {"reset_token": data["reset_token"], "new_password": "velvet harbour mosaic tundra"}
    assert data["unlock"] is True
    for both_or_neither in (body | {"unlock": True}, {"reset_token": data["reset_token"]}):
        assert (await reset.reset_complete(request(both_or_neither))).status_code == 400
    assert await ask(reset.reset_complete, body) == {}
    assert len(world.adapters.promised.promises) == 1
    assert len(world.adapters.audit_outbox.events) == 6
    await world.sign_in(password="velvet harbour mosaic tundra")


async def test_a_wrong_password_is_a_401_and_an_event(world: World) -> None:
    """The event has digests only."""
    await world.ada()
    answer = await session.session_start(request({"identifier": "ada", "password": f"{PASSWORD}!"}))
    assert answer.status_code == 401
    [message] = encode_events(world.adapters.audit_outbox.events, "x")
    assert "ada" not in message
    assert PASSWORD not in message


async def _read(call: _http.Call) -> object:
    return call.body(EmptyRequest)


async def test_a_compressed_body_is_refused(world: World) -> None:
    """The service does not decompress, so a proxy and the service could read two different requests."""
    asked = request({"identifier": "ada"}, content_encoding="gzip")
    status, problem, _ = await respond(asked, _read)
    assert (status, problem["code"]) == (415, "unsupported_content")


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; SM-S911B) SamsungBrowser/27.0 Chrome/1", "Samsung Internet, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0.0.0 Safari/537.36", "Chrome, Mac"),
        ("<script>Firefox/1", "Firefox"),
        ("x" * 5000 + "Firefox/1", ""),
        ("python-httpx/0.28", ""),
        (None, ""),
    ],
)
def test_of_a_device_only_its_family_is_kept(agent: str | None, family: str) -> None:
    """No version, model or text of the caller goes into the audit log (M33)."""
    assert device_family(agent) == family
