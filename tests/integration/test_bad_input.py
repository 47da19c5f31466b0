"""Bad input over HTTP is refused with a problem document and never with a 5xx (R-80, R-81, R-90)."""

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.integration.bad_bodies import JSON, Bad, bad_bodies
from tests.integration.inside import Known, make_person
from tests.integration.journey import Api, without_reference
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

CANARY = "canary-which-no-answer-repeats"
PREFILL = "/admin/prefill"

GOOD: dict[str, dict[str, Any]] = {
    "/session": {"identifier": CANARY, "password": CANARY},
    "/me/methods/email": {"contact": "a@mail.example", "channel": "email"},
    "/me/methods/email/confirm": {"answer": "1234 5678"},
    "/me/methods/email/remove": {},
    "/me/reconfirm": {},
    "/me/password": {"current_password": CANARY, "new_password": CANARY},
    "/reset/start": {"identifier": CANARY},
    "/reset/challenge": {"verification_token": CANARY, "method": "email", "channel": "email", "contact": CANARY},
    "/reset/verify": {"verification_token": CANARY, "answer": "1234 5678"},
    "/reset/complete": {"reset_token": CANARY, "new_password": CANARY},
    "/password/check": {"new_password": CANARY},
    PREFILL: {"rows": [{"identifier": CANARY, "email": "x@mail.example"}], "permission": CANARY, "reason": "first day"},
}
"""Every endpoint with a body, and a valid body for it."""


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    generous = {
        "starts_per_client_minute": 10_000, "starts_per_client_hour": 10_000, "starts_per_name_hour": 10_000,
        "starts_per_name_day": 10_000, "starts_per_name_and_client_hour": 10_000,
        "session_failures_per_client_5min": 10_000, "session_failures_per_name_and_client_15min": 10_000,
    }  # fmt: skip
    # No reminder at the full hour: a refused body must send nothing.
    never = {"SESAME_REMIND_SCHEDULE": "0 0 0 29 2 *"}
    return start_stack(environment={"SESAME_POLICY": json.dumps(generous), **never})


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack.api)


@pytest.fixture(scope="module")
def tokens(stack: Stack, api: Api) -> Mapping[str, str]:
    """A session for each endpoint that needs one, so that only the body can be refused."""
    person = make_person(stack, Known("bad.input", "quatre chevaux dans la brume"))
    people = {p["identifier"]: p["password"] for p in json.loads((stack.data / "people.json").read_text())}
    own, administrator = (
        api.sign_in(person.identifier, person.password),
        api.sign_in("avery.admin", people["avery.admin"]),
    )
    return {path: administrator if path == PREFILL else own for path in GOOD if path.startswith(("/me", "/admin"))}


def refusal_faults(answer: httpx.Response, bad: Bad) -> list[str]:
    """Return everything that is wrong with this response."""
    if answer.status_code != bad.status:
        return [f"{bad.what}: {answer.status_code} {answer.text[:100]}"]
    problem = answer.json()
    faults = []
    if answer.headers["content-type"] != "application/problem+json":
        faults.append(f"{bad.what}: {answer.headers['content-type']}")
    if (problem["code"], problem["status"]) != (bad.code, bad.status) or not problem["title"] or not problem["detail"]:
        faults.append(f"{bad.what}: {problem}")
    if CANARY in answer.text or "Traceback" in answer.text:
        faults.append(f"{bad.what}: says too much")
    return faults


def refused_cases() -> Iterator[Any]:
    """Every bad body for every endpoint."""
    for path, good in GOOD.items():
        for bad in bad_bodies(good, limit=4 * 1024 * 1024 if path == PREFILL else 16 * 1024):
            yield pytest.param(path, bad, id=f"{path}: {bad.what}")


@pytest.mark.parametrize(("path", "bad"), list(refused_cases()))
def test_every_endpoint_refuses_every_bad_body(
    stack: Stack, api: Api, tokens: Mapping[str, str], path: str, bad: Bad
) -> None:
    """A malformed body is 400, 413 or 415 with its stable code, and reaches no queue and no provider."""
    headers = {"Authorization": f"Bearer {tokens[path]}"} if path in tokens else {}
    if bad.content_type is not None:
        headers["Content-Type"] = bad.content_type
    answer = api.http.post(path, content=bad.body, headers=headers)
    assert refusal_faults(answer, bad) == []
    assert stack.messages() == []


@pytest.mark.parametrize("path", GOOD)
def test_a_valid_request_body_is_not_refused_as_malformed(api: Api, tokens: Mapping[str, str], path: str) -> None:
    """Otherwise the bad bodies derived from it could be refused for another reason."""
    answer = api.post(path, GOOD[path], tokens.get(path))
    assert answer.status_code not in {413, 415}
    assert answer.status_code != 400 or answer.json()["field"] in {"contact", "method"}, answer.text


@pytest.mark.parametrize("path", ["/reset/start", PREFILL])
def test_a_byte_order_mark_is_read_and_another_encoding_is_named(
    api: Api, tokens: Mapping[str, str], path: str
) -> None:
    """PowerShell 5 and editors write a mark, or UTF-16. The detail says what is wrong, in the caller's language."""
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {tokens.get(path, 'none')}", "Accept-Language": "fr"}
    marked, other = (json.dumps(GOOD[path]).encode(encoding) for encoding in ("utf-8-sig", "utf-16"))
    assert api.http.post(path, content=marked, headers=headers).status_code in {200, 202}
    refused = api.http.post(path, content=other, headers=headers)
    problem = refused.json()
    assert (refused.status_code, problem["reason"]) == (415, "utf16")
    assert "UTF-16" in problem["detail"]


def test_each_row_and_cell_of_a_batch_has_its_verdict(api: Api, tokens: Mapping[str, str]) -> None:
    """As a spreadsheet leaves them. A bad cell costs no other cell, and what is no row at all costs no row."""
    rows = [
        {"identifier": "noor.new", "language": "FR_ca", "mobile_phone": 33639980071, "email": "", "Notes": "x"},
        {"identifier": "NOOR.new\u200b", "email": "noor@mail.example", "Notes": None},
        {"identifier": "lou.overdue", "mobile_phone": "+33 1 55 50 12 34", "office_phone": "0155501234 x9"},
        7,
    ]
    begun = api.post(PREFILL, {"rows": rows, "dry_run": True, "reason": "first day"}, tokens[PREFILL])
    assert (begun.status_code, begun.json()["unknown_columns"]) == (202, ["Notes"])
    verdicts = api.verdicts(begun.json()["job"], tokens[PREFILL])
    assert [(row["verdict"], row["code"], row["duplicate_of"]) for row in verdicts] == [
        ("prefilled", None, None), ("refused", "duplicate", 1), ("prefilled", "bad_mobile_phone", None),
        ("refused", "not_a_row", None),
    ]  # fmt: skip
    assert {cell["column"]: cell["reason"] for cell in verdicts[2]["cells"]} == {
        "mobile_phone": "not_mobile", "office_phone": None,
    }  # fmt: skip


@pytest.mark.parametrize("query", ["a field of the body", "x=1", f"x={CANARY}"])
@pytest.mark.parametrize("path", GOOD)
def test_a_query_string_is_refused(api: Api, tokens: Mapping[str, str], path: str, query: str) -> None:
    """It is neither merged with the body nor ignored, and the response does not repeat it (R-86)."""
    of_the_body = next(iter(GOOD[path].items()), ("contact", "a@mail.example"))
    name, value = query.split("=") if "=" in query else of_the_body
    headers = {"Authorization": f"Bearer {tokens[path]}"} if path in tokens else {}
    answer = api.http.post(path, params={name: str(value)}, json=GOOD[path], headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert CANARY not in answer.text


@pytest.mark.parametrize("path", GOOD)
def test_a_chunked_request_body_is_refused_as_missing(api: Api, tokens: Mapping[str, str], path: str) -> None:
    """The platform passes a chunked body on as empty. This is bad input, not a server error and not accepted."""
    headers = {"Content-Type": JSON} | ({"Authorization": f"Bearer {tokens[path]}"} if path in tokens else {})
    chunks = itertools.chain([json.dumps(GOOD[path]).encode()])
    answer = api.http.post(path, content=chunks, headers=headers)
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic Zm9vOmJhcg==", "bearer 1.AAAA", f"Bearer {'A' * 4000}",
     "Bearer 99999999999.AAAA", "Bearer 1.", "Bearer .", "Bearer 1.****", "Bearer a b"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/me", "/registration/status"])
def test_a_request_with_an_invalid_session_token_is_answered_with_401(api: Api, path: str, authorization: str) -> None:
    """The answer asks for a sign-in and reveals nothing about the fault of the token."""
    answer = api.http.get(path, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_accepted")
    assert answer.headers["www-authenticate"] == "Bearer"


STRANGE_NAMES = (
    "a/b", "a\\b", "a#b", "a?b", "it's", 'say "x"', "'", '"', "NUL\0inside", "\0", "line\nfeed", "\x7f", "..",
    "../../etc", "%00", "%2F", "$filter", "x' or PartitionKey ne '", "x' or '1' eq '1", "' or RowKey gt '",
    "camille.ready' or 'a' eq 'a", "camille.ready\u200b", "camille.ready\0", "camille.ready\u202e", "camille.ready/",
    "*", "*)(uid=*", "{{7*7}}", "${jndi:x}", "<script>", "\u0130stanbul", "\U0001f600", "e\u0301\u0301\u0301",
    "n" * 320, "\u00e9" * 160, "\ufdfa" * 106, "a b c", "@", "0",
)  # fmt: skip


def short(name: str) -> str:
    """Return a readable test id for a name."""
    return ascii(name[:12]) + (f" ({len(name)} characters)" if len(name) > 40 else "")


def shape(answer: httpx.Response) -> tuple[int, dict[str, str], int, list[str]]:
    """Return what distinguishes two responses for a caller that cannot read tokens."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, headers, len(answer.content), sorted(answer.json())


@pytest.mark.parametrize("name", STRANGE_NAMES, ids=short)
def test_a_verification_for_a_strange_name_starts_like_for_any_unknown_name(api: Api, name: str) -> None:
    """Slashes, quotes, NUL, 320 bytes and OData text in a name must not change the response (R-90, R-91)."""
    plain = shape(api.post("/reset/start", {"identifier": "nobody.at.all"}))
    assert plain[0] == 200
    assert shape(api.post("/reset/start", {"identifier": name})) == plain


@pytest.mark.parametrize("name", STRANGE_NAMES[::2], ids=short)  # half of them: each costs a hash of 100 ms
def test_a_sign_in_with_a_strange_name_is_refused_like_any_unknown_one(api: Api, name: str) -> None:
    """The response is the same, byte for byte (R-90, R-91)."""
    plain = api.post("/session", {"identifier": "nobody.at.all", "password": CANARY})
    assert plain.status_code == 401
    answer = api.post("/session", {"identifier": name, "password": CANARY})
    assert (shape(answer), without_reference(answer)) == (shape(plain), without_reference(plain))


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u3000", "n" * 321, "\u00e9" * 161, "\U0001f600" * 81],
    ids=["empty", "space", "wide space", "321 bytes", "322 bytes in 161 letters", "324 bytes in 81 emojis"],
)
@pytest.mark.parametrize(
    ("path", "rest"), [("/reset/start", {}), ("/session", {"password": CANARY})], ids=["reset/start", "session"]
)
def test_a_name_that_is_blank_or_too_long_is_bad_input(api: Api, path: str, rest: dict[str, str], name: str) -> None:
    """The limit is in bytes, not characters. The name is refused before it is normalised or hashed."""
    answer = api.post(path, {"identifier": name, **rest})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "bad_input", "identifier")


@pytest.mark.parametrize(
    "name",
    ["office_phone", "Email", "email%20", "..%2Fadmin", "%00", "%27", "%252e", "x" * 3000, "%F0%9F%98%80", "%FF"],
    ids=lambda name: name[:12],
)
@pytest.mark.parametrize(
    ("path", "good"),
    [("", {}), ("/confirm", {"answer": "1234 5678"}), ("/remove", {})],
    ids=["begin", "confirm", "remove"],
)
def test_an_unknown_method_in_the_path_is_404(
    api: Api, tokens: Mapping[str, str], name: str, path: str, good: dict[str, str]
) -> None:
    """The name of a method is part of the URL. Other text there reaches no template and no row key."""
    own = {"Authorization": f"Bearer {tokens['/me/reconfirm']}"}
    answer = api.http.post(f"/me/methods/{name}{path}", json=good, headers=own)
    expected = {404} if name != "office_phone" else {404, 400}
    assert answer.status_code in expected, answer.text


ROW = {"identifier": CANARY, "email": "x@mail.example"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rows": {"0": ROW}}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": [{"identifier": "n"}] * 5001}, "rows"),
        ({"rows": [ROW], "dry_run": "false"}, "dry_run"),
        ({"rows": [ROW], "dry_run": 0}, "dry_run"),
    ],
)
def test_a_prefill_that_is_no_batch_is_refused(
    api: Api, tokens: Mapping[str, str], body: dict[str, Any], field: str
) -> None:
    """What is wrong with a row or a cell is in its verdict (tests/usecases/test_prefill.py)."""
    answer = api.post(PREFILL, {"reason": "first day", **body}, tokens[PREFILL])
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert CANARY not in answer.text
