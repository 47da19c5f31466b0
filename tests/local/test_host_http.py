"""What the local host passes to a function over HTTP, and how it converts the answer."""

import json
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration
PLAIN = Path(__file__).parent / "apps" / "plain"
ORIGIN = "http://spa.example"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    notes = tmp_path_factory.mktemp("notes") / "notes.jsonl"
    environment = {"SESAME_NOTES": str(notes), "SESAME_TICK": "0 0 0 1 1 *", "SESAME_WEB_ORIGINS": ORIGIN}
    return start_stack(app=PLAIN, environment=environment)


def test_route_literals_ignore_case_and_route_values_keep_it(stack: Stack) -> None:
    """As in the real host."""
    seen = httpx.get(f"{stack.api}/API/Echo/Word%20One/7").json()

    assert seen["route"] == {"word": "Word One", "number": "7"}


def test_a_route_value_can_be_optional_and_constrained(stack: Stack) -> None:
    """`{number:int?}` matches a number or nothing."""
    assert httpx.get(f"{stack.api}/api/echo/word").json()["route"] == {"word": "word"}
    assert httpx.get(f"{stack.api}/api/echo/word/").status_code == 200
    assert httpx.get(f"{stack.api}/api/echo/word/seven").status_code == 404


def test_an_encoded_slash_does_not_separate_route_segments(stack: Stack) -> None:
    """%2F is part of one value, so an identifier cannot select another route."""
    assert httpx.get(f"{stack.api}/api/echo/a%2Fb").json()["route"] == {"word": "a%2Fb"}


def test_the_first_function_by_name_wins_if_two_routes_match(stack: Stack) -> None:
    """The host tries routes in name order."""
    assert httpx.get(f"{stack.api}/api/files/first").text == "first"
    assert httpx.get(f"{stack.api}/api/files/a/b.txt").text == "files:a/b.txt"


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/fail"), ("HEAD", "/api/files/first"), ("GET", "/other")])
def test_a_wrong_method_is_answered_with_404(stack: Stack, method: str, path: str) -> None:
    """The host answers 404, not 405, with an empty body. A route for GET does not answer HEAD."""
    answer = httpx.request(method, stack.api + path)

    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_header_names_are_lower_case_and_repeated_values_are_joined(stack: Stack) -> None:
    """Repeated headers are joined by a comma, and empty query values are dropped."""
    answer = httpx.post(
        f"{stack.api}/api/echo/x?a=1&a=2&empty=", headers=[("X-Twice", "one"), ("X-Twice", "two")], content=b"\xff\x00"
    )
    seen = answer.json()

    assert seen["headers"]["x-twice"] == "one,two"
    assert seen["query"] == {"a": "1,2"}
    assert seen["body"] == "\xff\x00"


def test_a_chunked_request_body_arrives_empty(stack: Stack) -> None:
    """The real host passes an empty body too. A service that does not expect it fails locally first."""
    answer = httpx.post(f"{stack.api}/api/echo/x", content=iter([b"some", b"thing"]))

    assert answer.json()["body"] == ""


def test_the_peer_address_is_appended_to_x_forwarded_for(stack: Stack) -> None:
    """The client's own entries come first. The last entry is the address that connected."""
    seen = httpx.get(f"{stack.api}/api/echo/x", headers={"X-Forwarded-For": "203.0.113.9"}).json()
    claimed, peer = seen["headers"]["x-forwarded-for"].split(", ")

    assert claimed == "203.0.113.9"
    assert peer.startswith("127.0.0.1:")


@pytest.mark.parametrize("path", ["/api/fail", "/api/nothing"])
def test_a_failed_function_answers_an_empty_500_and_logs_the_trace(stack: Stack, path: str) -> None:
    """An exception or a None reveals nothing to the client. The response has the host's headers."""
    answer = httpx.post(stack.api + path, content=b"secret body", params={"q": "secret-query"})

    assert (answer.status_code, answer.content) == (500, b"")
    assert answer.headers["cache-control"] == "no-store"
    log = stack.log("api-1")
    assert "Traceback" in log
    assert "secret" not in log


def test_repeated_response_headers_keep_the_last_value_except_cookies(stack: Stack) -> None:
    """Only Set-Cookie may occur several times in a response."""
    answer = httpx.get(f"{stack.api}/api/headers")

    assert answer.status_code == 201
    assert answer.headers.get_list("x-twice") == ["two"]
    assert sorted(answer.headers.get_list("set-cookie")) == ["a=1; Path=/", "b=2; Path=/"]


def test_a_blocking_function_does_not_block_other_requests(stack: Stack) -> None:
    """A synchronous handler runs in a thread."""
    waiting = threading.Thread(target=lambda: httpx.get(f"{stack.api}/api/slow"))
    waiting.start()
    time.sleep(0.2)

    started = time.monotonic()
    httpx.get(f"{stack.api}/api/files/first")
    took = time.monotonic() - started
    waiting.join()

    assert took < 0.5


def test_cors_preflight_is_allowed_only_for_listed_origins(stack: Stack) -> None:
    """CORS is an exact list. Other origins get no CORS headers."""
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    listed = httpx.options(f"{stack.api}/api/send", headers={"Origin": ORIGIN, **asks})
    other = httpx.options(f"{stack.api}/api/send", headers={"Origin": ORIGIN + ".evil.example", **asks})

    assert listed.status_code == other.status_code == 204
    assert listed.headers["access-control-allow-origin"] == ORIGIN
    assert listed.headers["access-control-allow-headers"] == "content-type"
    assert "access-control-allow-origin" not in other.headers
    read = httpx.get(f"{stack.api}/api/files/first", headers={"Origin": ORIGIN})
    assert read.headers["access-control-allow-origin"] == ORIGIN
    assert "origin" in read.headers["vary"].lower()


def test_the_admin_endpoint_starts_timers_by_name(stack: Stack) -> None:
    """`POST /admin/functions/NAME` is 202 for a timer, and 404 for an unknown name."""
    assert httpx.post(f"{stack.api}/admin/functions/tick", json={"input": ""}).status_code == 202
    assert httpx.post(f"{stack.api}/admin/functions/nobody", json={}).status_code == 404
    assert httpx.get(f"{stack.api}/admin/functions/tick").status_code == 404

    notes = Path(stack.environment["SESAME_NOTES"])
    end = time.monotonic() + 5
    while not (notes.exists() and notes.read_text().strip()):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert json.loads(notes.read_text().splitlines()[0]) == {"kind": "tick", "past_due": False}


def test_the_host_survives_a_request_that_is_not_http(stack: Stack) -> None:
    """The request is refused, and the next one is served."""
    address = urlsplit(stack.api)
    with socket.create_connection((address.hostname, address.port)) as raw:
        raw.sendall(b"NOT HTTP AT ALL\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")

    assert httpx.get(f"{stack.api}/api/files/first").status_code == 200
