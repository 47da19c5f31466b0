"""Properties of every HTTP response: headers, origins, methods, addresses (R-72, R-82 to R-87).

Long: one stack runs most of it.
"""

import itertools
import json

import httpx
import pytest

from functions._openapi import document
from functions.admin_prefill import ImportOptions
from local.strict_store.store import StrictStore
from tests.integration.inside import Known, make_person
from tests.integration.journey import Api, without_reference
from tests.registered import FUNCTIONS
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
def stack(store: StrictStore, start_stack: StartStack) -> Stack:
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
    """Return the headers of this response that are missing, repeated or not allowed."""
    where = f"{answer.request.method} {answer.request.url.raw_path.decode()} -> {answer.status_code}"
    faults = [
        f"{where}: {name}: {answer.headers.get_list(name)}"
        for name, value in EVERYWHERE.items()
        if answer.headers.get_list(name) != [value]
    ]
    return faults + [f"{where}: {name}" for name in NOWHERE if name in answer.headers]


assert FUNCTIONS, "the document describes what has been registered"
ROUTES = [
    (verb.upper(), path.removeprefix("/api/v1").replace("{method}", "email"))
    for path, verbs in document()["paths"].items()
    for verb in verbs
]
"""Every method and path of the OpenAPI document, with the name of an authentication method filled in."""


def test_every_response_of_every_route_has_the_security_headers(api: Api, token: str) -> None:
    """R-84 for valid and invalid requests with every HTTP method: each header once, and no other header leaks."""
    faults, statuses = [], set()
    own = {"Authorization": f"Bearer {token}"}
    assert len(ROUTES) >= 16
    verbs = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "BREW")
    for _, path in ROUTES:
        for verb in verbs:
            answer = api.http.request(verb, path)
            statuses.add(answer.status_code)
            faults += header_faults(answer)
            if (verb, path) not in ROUTES:
                assert (answer.status_code, answer.content) == (404, b""), (verb, path)
    for verb, path in ROUTES:
        for body, kind in ((b"{}", "application/json"), (b"x", "text/plain"), (b" " * 17_000, "application/json")):
            answer = api.http.request(verb, path, content=body, headers={**own, "Content-Type": kind})
            statuses.add(answer.status_code)
            faults += header_faults(answer)
    assert not faults, "\n".join(faults)
    assert statuses >= {200, 400, 401, 403, 404, 413, 415}


def test_error_responses_of_the_host_have_the_security_headers_too(
    api: Api, stack: Stack, token: str, store: StrictStore
) -> None:
    """A bot check, 503 of a lost store or queue, refused origins, unknown paths, the host's own endpoints."""
    answers = [api.post("/reset/start", {"identifier": "surface.limited"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 403]
    with store.tables.cut():
        answers.append(api.post("/reset/start", {"identifier": "surface.lost"}))
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (503, "try_again")
    started = api.ok("/reset/start", {"identifier": "surface.no.queue"})["verification_token"]
    with store.queues.cut():
        answers.append(api.post("/reset/challenge", {"verification_token": started, "method": "email"}))
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (503, "try_again")
    answers.append(api.http.post("/reset/start", json={"identifier": "x"}, headers={"Origin": "https://evil.tld"}))
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (403, "origin_refused")
    root = httpx.Client(base_url=stack.api)
    paths = ("/api", "/api/", "/api/v1", "/api/v2/me", "/favicon.ico", "/robots.txt", "/.env", "/.git/config")
    admin = ("/admin/host/keys", "/admin/functions", "/admin/functions/me_view", "/runtime/webhooks/x", "/admin/vfs/")
    with root:
        for path in (*paths, *admin):
            answers.append(root.get(path))
            assert (answers[-1].status_code, answers[-1].content) == (404, b""), path
        answers.append(root.get("/"))
        assert (answers[-1].status_code, answers[-1].content) == (204, b"")
    answers.append(api.http.post("/admin/prefill", content=b" " * (4 * 1024 * 1024 + 1)))
    assert (answers[-1].status_code, answers[-1].content) == (500, b""), "too long for the host: the app never sees it"
    faults = [fault for answer in answers for fault in header_faults(answer)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("origin", [SPA, *STRANGERS])
@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", "/me"), ("POST", "/reset/start"), ("GET", "/nowhere"), ("PUT", "/me"), ("OPTIONS", "/me")],
)
def test_only_the_listed_origin_may_read_a_response(api: Api, verb: str, path: str, origin: str) -> None:
    """R-83: an exact list. No reflection, `null`, wildcard or credentials, on answers, errors and preflights."""
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    extra = asks if verb == "OPTIONS" else {}
    answer = api.http.request(verb, path, headers={"Origin": origin, **extra})
    allowed = answer.headers.get_list("access-control-allow-origin")
    assert allowed == ([SPA] if origin == SPA else [])
    assert "access-control-allow-credentials" not in answer.headers
    if origin == SPA:
        assert answer.headers.get_list("vary") == ([] if verb == "OPTIONS" else ["Origin"])
        assert verb != "OPTIONS" or answer.headers["access-control-allow-methods"] == "POST"
    assert not header_faults(answer)


@pytest.mark.parametrize("origin", ["null", "https://evil-spa.example"])
@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_every_route_refuses_a_page_of_another_origin(api: Api, token: str, verb: str, path: str, origin: str) -> None:
    """R-82: if there is an `Origin`, it must be on the list. It is checked before anything else."""
    headers = {"Origin": origin, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = api.http.request(verb, path, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")


def test_a_form_of_the_listed_origin_is_refused(api: Api) -> None:
    """R-82: browsers send forms without a preflight, so only JSON is accepted."""
    form = {"Origin": SPA, "Content-Type": "application/x-www-form-urlencoded"}
    assert api.http.post("/reset/start", content=b"identifier=x", headers=form).status_code == 415


METHOD_OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method", "_method"]


@pytest.mark.parametrize("header", METHOD_OVERRIDES)
@pytest.mark.parametrize(
    ("verb", "path", "override"), [("GET", "/session", "POST"), ("POST", "/me", "GET"), ("DELETE", "/me", "GET")]
)
def test_no_header_changes_the_method_of_a_request(api: Api, header: str, verb: str, path: str, override: str) -> None:
    """R-87: a header that overrides the method does not make a wrong method right."""
    answer = api.http.request(verb, path, headers={header: override})
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("header", METHOD_OVERRIDES)
def test_a_method_override_header_does_not_disable_a_right_method(api: Api, header: str) -> None:
    """R-87: the header is ignored, so the body of the POST is checked as usual."""
    assert api.http.post("/session", json={}, headers={header: "GET"}).status_code == 400


@pytest.mark.parametrize("target", ["/api/v1/me", "/admin/functions/purge", "/admin/host/status"])
@pytest.mark.parametrize("header", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix"])
def test_no_header_changes_the_address_of_a_request(api: Api, header: str, target: str) -> None:
    """R-87: rewriting headers of proxies are ignored; in particular they do not reach the host's own endpoints."""
    live = api.http.get("/health/live")
    answer = api.http.get("/health/live", headers={header: target})
    assert (answer.status_code, answer.content) == (live.status_code, live.content)
    assert api.http.get("/nowhere", headers={header: target}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/API/V1/ME", "/api/v1/me/", "/api/v1//me", "//api/v1/me", "/api/v1/me%20", "/api/v1/me%00", "/api/v1/me;x=1",
        "/api/v1/%6de", "/api/v1/me.json", "/api%2Fv1%2Fme", "/api/v1/./me",
    ],
)  # fmt: skip
def test_a_variant_of_an_address_gives_the_route_answer_or_404(stack: Stack, path: str) -> None:
    """R-87: upper case, trailing slashes, dots and doubled slashes reveal nothing else."""
    with httpx.Client(base_url=stack.api) as root:
        plain = root.get("/api/v1/me")
        answer = root.get(path)
    assert answer.status_code in {plain.status_code, 404}
    assert without_reference(answer) in {without_reference(plain), b""}
    assert not header_faults(answer)


def test_no_address_contains_an_identifier_or_a_secret(api: Api, stack: Stack) -> None:
    """R-86: a path contains a method name at most, and the access log shows no query string.

    The token of a call is sealed, and proves nothing without the signature of the provider (rule 2).
    """
    document = api.http.get("/openapi.json").json()
    parameters = [
        (parameter["in"], parameter["name"])
        for path, verbs in document["paths"].items()
        for entry in (verbs, *verbs.values())
        for parameter in (entry.get("parameters", []) if isinstance(entry, dict) else [])
    ]
    in_queries = {name for place, name in parameters if place == "query"}
    assert in_queries == set(ImportOptions.model_fields), "beside a file of CSV; none of them is about one person"
    assert {name for place, name in parameters if place == "path"} == {"method", "code", "call_token", "job"}
    in_paths = {part for path in document["paths"] for part in path.split("/") if part.startswith("{")}
    assert in_paths == {"{method}", "{code}", "{call_token}", "{job}"}
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
    """One stack with one trusted proxy, one with two. Each client may start three verifications a minute."""
    policy = json.dumps({"starts_per_client_minute": 3})
    return {n: start_stack(environment={"SESAME_TRUSTED_HOPS": str(n), "SESAME_POLICY": policy}) for n in (1, 2)}


_names = (f"surface.{number}" for number in itertools.count())


def start_from(api: Api, forwarded_for: str) -> int:
    answer = api.http.post(
        "/reset/start", json={"identifier": next(_names)}, headers={"X-Forwarded-For": forwarded_for}
    )
    return answer.status_code


def test_a_client_cannot_choose_its_address_behind_one_trusted_proxy(behind_proxies: dict[int, Stack]) -> None:
    """R-72: the front end appends the real peer. An address that the client invents gives no new limit and no 5xx."""
    api = Api(behind_proxies[1].api, source="127.0.0.2")
    assert [start_from(api, f"203.0.113.{n}") for n in range(3)] == [200] * 3
    assert {start_from(api, text) for text in (*GARBAGE, "203.0.113.77", "127.0.0.3")} == {403}
    assert start_from(Api(behind_proxies[1].api, source="127.0.0.3"), "127.0.0.2") == 200


FRONT_DOOR = "1f2e3d4c-0000-4000-8000-123456789abc"


def test_only_the_own_front_door_can_name_the_client(start_stack: StartStack) -> None:
    """R-72: its header is believed with its id. Without it, whatever is written there, all callers are one client."""
    names = {"SESAME_CLIENT_ADDRESS_HEADER": "X-Azure-ClientIP", "SESAME_FRONT_DOOR_ID": FRONT_DOOR.upper()}
    policy = json.dumps({"starts_per_client_minute": 3, "networks": ["203.0.113.0/24"]})
    stack = start_stack(environment={**names, "SESAME_TRUSTED_HOPS": "1", "SESAME_POLICY": policy})
    api = Api(stack.api)
    token = api.sign_in("avery.admin", stack.people["avery.admin"])

    def seen(address: str, front_door: str = FRONT_DOOR) -> dict[str, str]:
        sent = {"X-Azure-ClientIP": address, "X-Azure-FDID": front_door, "X-Forwarded-For": "192.0.2.1"}
        answer = api.http.get("/admin/client", headers={**sent, "Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        return dict(answer.json())

    assert seen("203.0.113.7") == {"client": "203.0.113.7", "network": "203.0.113.0/24"}
    assert seen("2001:db8:1:2::a") == {"client": "2001:db8:1:2::/64", "network": ""}
    nothing = {"client": "", "network": ""}
    assert [seen("203.0.113.7", other) for other in ("", FRONT_DOOR[:-1], "0" + FRONT_DOOR[1:])] == [nothing] * 3
    assert seen("not an address") == nothing


def test_unreadable_client_addresses_share_one_limit_behind_two_trusted_proxies(
    behind_proxies: dict[int, Stack],
) -> None:
    """R-72: addresses that cannot be parsed are counted together. The limit fails closed (A-58)."""
    api = Api(behind_proxies[2].api)
    assert [start_from(api, text) for text in GARBAGE[:3]] == [200] * 3
    assert {start_from(api, text) for text in GARBAGE} == {403}
    assert start_from(api, "203.0.113.9") == 200
    same_network = ["2001:db8:1:2::a", "[2001:db8:1:2::b]:4711", "2001:0db8:0001:0002:ffff::", "2001:db8:1:2::c"]
    assert [start_from(api, address) for address in same_network] == [200, 200, 200, 403]
    same_host = ["198.51.100.7", "198.51.100.7:51234", "::ffff:198.51.100.7", "6.6.6.6, 198.51.100.7"]
    assert [start_from(api, address) for address in same_host] == [200, 200, 200, 403]


def test_the_type_of_a_problem_leads_to_its_explanation(api: Api, stack: Stack) -> None:
    """In the language of the reader, for a stranger too. An unknown code explains nothing (M15)."""
    refused = api.http.get("/me")
    for language in ("en", "fr"):
        page = httpx.get(stack.api + refused.json()["type"], headers={"Accept-Language": language}).json()
        assert (page["code"], page["statuses"]) == ("not_accepted", [401, 403])
        assert page["title"] == api.http.get("/me", headers={"Accept-Language": language}).json()["title"]
        assert page["explanation"]
        assert page["next_step"]
    assert api.http.get("/problems/no_such_code").json()["code"] == "not_found"
