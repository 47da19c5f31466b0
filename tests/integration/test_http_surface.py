"""What every answer carries, whoever gives it and why: headers, origins, verbs, addresses (R-72, R-82 to R-87).

The file is long because one stack serves most of it.
"""

import itertools
import json

import httpx
import pytest

from tests.integration.go_between import StoreBetween
from tests.integration.inside import Known, make_person
from tests.integration.journey import Api
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"
EVERYWHERE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
NOWHERE = ("server", "x-powered-by", "set-cookie", "x-aspnet-version", "via")
SPA = "https://spa.example"
STRANGERS = (
    "null", "https://spa.example.evil.tld", "https://evil-spa.example", "http://spa.example", "https://spa.example:8443",
    "https://SPA.example", "https://spa.example/", "https://sub.spa.example", "https://spa.example, https://evil.tld",
    "https://spa.exampl", "*", "file://", "https://spa.example@evil.tld", "evil",
)  # fmt: skip


@pytest.fixture(scope="module")
def stack(store: StoreBetween, start_stack: StartStack) -> Stack:
    policy = {"starts_per_name_and_client_hour": 1}
    environment = {"SESAME_WEB_ORIGINS": SPA, "SESAME_POLICY": json.dumps(policy)}
    return start_stack(environment=environment, storage=store.connection)


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack.api)


@pytest.fixture(scope="module")
def token(stack: Stack, api: Api) -> str:
    person = make_person(stack, Known("surface.person", PASSWORD))
    return api.sign_in(person.identifier, person.password)


def header_faults(answer: httpx.Response) -> list[str]:
    """What is missing from this answer's headers, doubled, or there against the rules."""
    where = f"{answer.request.method} {answer.request.url.raw_path.decode()} -> {answer.status_code}"
    faults = [
        f"{where}: {name}: {answer.headers.get_list(name)}"
        for name, value in EVERYWHERE.items()
        if answer.headers.get_list(name) != [value]
    ]
    return faults + [f"{where}: {name}" for name in NOWHERE if name in answer.headers]


def routes(api: Api) -> list[tuple[str, str]]:
    """Every verb and path of the service's own document, with a method's name filled in."""
    document = api.http.get("/openapi.json").json()
    return [
        (verb.upper(), path.removeprefix("/api/v1").replace("{method}", "email"))
        for path, verbs in document["paths"].items()
        for verb in verbs
    ]


def test_every_answer_of_every_route_carries_the_security_headers(api: Api, token: str) -> None:
    """R-84 on each route, well and badly called, with every verb: the headers stand there once, and no others leak."""
    faults, statuses = [], set()
    own = {"Authorization": f"Bearer {token}"}
    listed = routes(api)
    assert len(listed) >= 16
    verbs = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "BREW")
    for _, path in listed:
        for verb in verbs:
            answer = api.http.request(verb, path)
            statuses.add(answer.status_code)
            faults += header_faults(answer)
            if (verb, path) not in listed:
                assert (answer.status_code, answer.content) == (404, b""), (verb, path)
    for verb, path in listed:
        for body, kind in ((b"{}", "application/json"), (b"x", "text/plain"), (b" " * 17_000, "application/json")):
            answer = api.http.request(verb, path, content=body, headers={**own, "Content-Type": kind})
            statuses.add(answer.status_code)
            faults += header_faults(answer)
    assert not faults, "\n".join(faults)
    assert statuses >= {200, 400, 401, 403, 404, 413, 415}


def test_the_other_error_classes_carry_them_too(api: Api, stack: Stack, token: str, store: StoreBetween) -> None:
    """429, 503 of a lost store, 500 of the host itself, refused origins, unknown paths, the host's own endpoints."""
    answers = [api.post("/reset/start", {"identifier": "surface.limited"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    with store.tables.cut():
        answers.append(api.post("/reset/start", {"identifier": "surface.lost"}))
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (503, "try_again")
    with store.queues.cut():
        answers.append(api.post("/reset/start", {"identifier": "surface.no.queue"}))
    assert (answers[-1].status_code, answers[-1].content) == (500, b"")
    answers.append(api.http.post("/reset/start", json={"identifier": "x"}, headers={"Origin": "https://evil.tld"}))
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (403, "origin_refused")
    root = httpx.Client(base_url=stack.api)
    paths = ("/", "/api", "/api/", "/api/v1", "/api/v2/me", "/favicon.ico", "/robots.txt", "/.env", "/.git/config")
    admin = ("/admin/host/keys", "/admin/functions", "/admin/functions/me_view", "/runtime/webhooks/x", "/admin/vfs/")
    with root:
        for path in (*paths, *admin):
            answers.append(root.get(path))
            assert (answers[-1].status_code, answers[-1].content) == (404, b""), path
    faults = [fault for answer in answers for fault in header_faults(answer)]
    assert not faults, "\n".join(faults)


def test_only_the_listed_origin_may_read_an_answer(api: Api, token: str) -> None:
    """R-83: an exact list. No reflection, no `null`, no wildcard, no credentials; on answers, errors and preflights."""
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    calls = (("GET", "/me"), ("POST", "/reset/start"), ("GET", "/nowhere"), ("PUT", "/me"), ("OPTIONS", "/me"))
    for origin in (SPA, *STRANGERS):
        for verb, path in calls:
            extra = asks if verb == "OPTIONS" else {}
            answer = api.http.request(verb, path, headers={"Origin": origin, **extra})
            allowed = answer.headers.get_list("access-control-allow-origin")
            assert allowed == ([SPA] if origin == SPA else []), (origin, verb, path)
            assert "access-control-allow-credentials" not in answer.headers
            if origin == SPA:
                assert "Origin" in answer.headers["vary"]
                assert verb != "OPTIONS" or answer.headers["access-control-allow-methods"] == "POST"
            assert not header_faults(answer)


def test_a_page_of_somebody_else_changes_nothing(api: Api, token: str) -> None:
    """R-82: an `Origin` that is present must be on the list, on every route, before anything is done."""
    for verb, path in routes(api):
        for origin in ("null", "https://evil-spa.example"):
            headers = {"Origin": origin, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            answer = api.http.request(verb, path, content=b"{}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused"), (verb, path)
    form = {"Origin": SPA, "Content-Type": "application/x-www-form-urlencoded"}
    assert api.http.post("/reset/start", content=b"identifier=x", headers=form).status_code == 415


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method", "_method"]
)
def test_no_header_turns_one_verb_into_another(api: Api, header: str) -> None:
    """R-87: the verb is the request's own; an override is neither obeyed nor answered differently."""
    for verb, path, override in (("GET", "/session", "POST"), ("POST", "/me", "GET"), ("DELETE", "/me", "GET")):
        answer = api.http.request(verb, path, headers={header: override})
        assert (answer.status_code, answer.content) == (404, b"")
    answer = api.http.post("/session", json={}, headers={header: "GET"})
    assert answer.status_code == 400


@pytest.mark.parametrize("header", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix"])
def test_no_header_turns_one_address_into_another(api: Api, header: str) -> None:
    """R-87: a proxy's rewriting headers lead nowhere, least of all to the host's own endpoints."""
    live = api.http.get("/health/live")
    for target in ("/api/v1/me", "/admin/functions/purge", "/admin/host/status"):
        answer = api.http.get("/health/live", headers={header: target})
        assert (answer.status_code, answer.content) == (live.status_code, live.content)
        assert api.http.get("/nowhere", headers={header: target}).status_code == 404


LOOK_ALIKES = (
    "/API/V1/ME", "/api/v1/me/", "/api/v1//me", "//api/v1/me", "/api/v1/me%20", "/api/v1/me%00", "/api/v1/me;x=1",
    "/api/v1/%6de", "/api/v1/me.json", "/api%2Fv1%2Fme", "/api/v1/./me",
)  # fmt: skip


def test_addresses_that_only_look_alike_give_nothing_away(api: Api, stack: Stack) -> None:
    """R-87: case, a slash at the end, dots and doubled slashes: the route's own answer or 404, never a third thing."""
    with httpx.Client(base_url=stack.api) as root:
        plain = root.get("/api/v1/me")
        for path in LOOK_ALIKES:
            answer = root.get(path)
            assert answer.status_code in {plain.status_code, 404}, path
            assert answer.content in {plain.content, b""}, path
            assert not header_faults(answer)


def test_no_address_carries_an_identifier_or_a_secret(api: Api, stack: Stack) -> None:
    """R-86: no route takes anything but a method's name in its path, and the access log shows no query string."""
    document = api.http.get("/openapi.json").json()
    parameters = [
        (parameter["in"], parameter["name"])
        for path, verbs in document["paths"].items()
        for entry in (verbs, *verbs.values())
        for parameter in (entry.get("parameters", []) if isinstance(entry, dict) else [])
    ]
    assert set(parameters) == {("path", "method")}
    in_paths = {part for path in document["paths"] for part in path.split("/") if part.startswith("{")}
    assert in_paths == {"{method}"}
    api.http.get("/me", params={"token": "canary-in-a-query"})
    api.http.post("/reset/start", params={"identifier": "canary-in-a-query"}, json={"identifier": "x"})
    assert '"path": "/api/v1/me"' in stack.log("api-1")
    assert "canary-in-a-query" not in stack.log("api-1")


GARBAGE = (
    "", ",", ",,,,", "unknown", "999.999.999.999", "1.2.3", "0x7f.1", "[::zz", "::gggg", "%00", "' or 1=1",
    "127.0.0.1/8", "2130706433", "a" * 8000, "1.1.1.1," * 500, "10.0.0.1:99999:1", "fe80::1%eth0%x", "<script>",
)  # fmt: skip


@pytest.fixture(scope="module")
def behind_proxies(start_stack: StartStack) -> dict[int, Stack]:
    """One stack with one trusted hop, one with two; each client may start three verifications a minute."""
    policy = json.dumps({"starts_per_client_minute": 3})
    return {n: start_stack(environment={"SESAME_TRUSTED_HOPS": str(n), "SESAME_POLICY": policy}) for n in (1, 2)}


_names = (f"surface.{number}" for number in itertools.count())


def start_from(api: Api, forwarded_for: str) -> int:
    answer = api.http.post(
        "/reset/start", json={"identifier": next(_names)}, headers={"X-Forwarded-For": forwarded_for}
    )
    return answer.status_code


def test_with_one_hop_the_caller_cannot_choose_its_address(behind_proxies: dict[int, Stack]) -> None:
    """R-72: the front end appends the true peer; whatever the caller wrote before it is no fresh bucket and no 5xx."""
    api = Api(behind_proxies[1].api, source="127.0.0.2")
    assert [start_from(api, f"203.0.113.{n}") for n in range(3)] == [200] * 3
    assert {start_from(api, text) for text in (*GARBAGE, "203.0.113.77", "127.0.0.3")} == {429}
    assert start_from(Api(behind_proxies[1].api, source="127.0.0.3"), "127.0.0.2") == 200


def test_with_two_hops_an_address_that_cannot_be_read_shares_one_bucket(behind_proxies: dict[int, Stack]) -> None:
    """R-72: what no parser understands counts together and strictly; it fails closed, not open (A-58)."""
    api = Api(behind_proxies[2].api)
    assert [start_from(api, text) for text in GARBAGE[:3]] == [200] * 3
    assert {start_from(api, text) for text in GARBAGE} == {429}
    assert start_from(api, "203.0.113.9") == 200
    same_network = ["2001:db8:1:2::a", "[2001:db8:1:2::b]:4711", "2001:0db8:0001:0002:ffff::", "2001:db8:1:2::c"]
    assert [start_from(api, address) for address in same_network] == [200, 200, 200, 429]
    same_host = ["198.51.100.7", "198.51.100.7:51234", "::ffff:198.51.100.7", "6.6.6.6, 198.51.100.7"]
    assert [start_from(api, address) for address in same_host] == [200, 200, 200, 429]
