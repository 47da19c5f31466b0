"""A whole life over HTTP with accounts in a real slapd, and what stands in the directory afterwards."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.slapd.entries import FAILURES, PEOPLE
from local.slapd.server import Slapd
from local.slapd.settings import service_settings
from shared.adapters.directories.ldap.options import options_from
from tests.integration.journey import Api, code_to, fresh_contacts, prove, prove_change
from tests.slapd import Hand, a_moment_later, a_server, binds, given, running
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

FIRST, SECOND, THIRD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra", "copper meadow signal walnut"
FOURTH, FIFTH = "marble lagoon ticket oyster", "saffron engine plateau willow"
WIDE = (
    "session_failures_per_client_5min",
    "session_failures_per_name_and_client_15min",
    "sessions_per_name_and_client_hour",
)
ADA, BEA = f"uid=ada,{PEOPLE}", f"uid=bea,{PEOPLE}"
OF_A_PASSWORD = {
    "userPassword", "pwdHistory", "pwdChangedTime", "pwdFailureTime", "pwdAccountLockedTime", "pwdReset",
    "modifyTimestamp", "modifiersName", "entryCSN",
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """One of its own, because it is stopped on the way."""
    folder: Path = tmp_path_factory.mktemp("slapd")
    with running(a_server(folder)) as slapd:
        yield slapd


def the_hand(server: Slapd) -> Hand:
    return Hand(server, options_from(given(server)))


def of_server(server: Slapd, password: str, uid: str = "ada") -> int:
    """Ask the directory itself whether the password is right."""
    return binds(options_from(given(server)), password, uid)


def refused(api: Api, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    answer = api.post(path, body, token)
    assert answer.status_code >= 400, answer.text
    problem: dict[str, Any] = answer.json()
    return problem


def test_a_whole_life_with_accounts_in_openldap(start_stack: StartStack, server: Slapd) -> None:
    """Prefill, registration, guesses, reset, lock, change, must-change and expiry; the directory says each time."""
    hand = the_hand(server)
    hand.add("ada", FIRST, mobile="+33639980055", mail="ada@example.org")
    hand.add("avery", FIRST)
    hand.add("bea", FIRST)
    hand.administrators("avery")
    before = hand.dump()
    # The limits of sign-ins are as wide as they can be: what holds is the lockout of the directory.
    wide = dict.fromkeys(WIDE, 1000)
    policy = json.dumps({"sends_per_prefix_hour": 1000, "passwords_per_account_day": 6, **wide})
    stack = start_stack(environment={**service_settings(server), "SESAME_POLICY": policy})
    api = Api(stack.api)

    email, phone = _registered(stack, api)
    _guessed(stack, server)
    assert "pwdAccountLockedTime" not in hand.read("bea")

    hand.connection.unbind()
    server.stop()  # start, challenge and verify ask no directory
    token = prove(stack, api, "ada", {"email": email, "mobile_phone": phone})
    server.start()
    hand = the_hand(server)
    problem = refused(api, "/reset/complete", {"reset_token": token, "new_password": FIRST})
    assert (problem["code"], problem["reasons"]) == ("password_refused", ["in_history"])
    api.ok("/reset/complete", {"reset_token": problem["reset_token"], "new_password": SECOND})
    assert (of_server(server, FIRST), of_server(server, SECOND)) == (49, 0)

    for _ in range(FAILURES):
        of_server(server, "wrong")
    assert "pwdAccountLockedTime" in hand.read("ada")
    assert refused(api, "/session", {"identifier": "ada", "password": SECOND})["code"] == "not_accepted"
    contacts = {"email": email, "mobile_phone": phone}
    api.ok("/reset/complete", {"reset_token": prove(stack, api, "ada", contacts), "unlock": True})
    assert "pwdAccountLockedTime" not in hand.read("ada")
    assert of_server(server, SECOND) == 0
    problem = refused(api, "/reset/complete", {"reset_token": prove(stack, api, "ada", contacts), "unlock": True})
    assert problem["code"] == "not_locked"
    for _ in range(FAILURES):
        of_server(server, "wrong")
    api.ok("/reset/complete", {"reset_token": problem["reset_token"], "new_password": THIRD})
    assert of_server(server, THIRD) == 0

    a_moment_later()
    session = Api(stack.api, source="127.0.0.77").sign_in("ada", THIRD)
    change = {"current_password": THIRD, "new_password": SECOND}
    assert refused(api, "/me/password", change, session)["reasons"] == ["in_history"]
    renewed = api.ok("/me/password", change | {"new_password": FOURTH}, session)
    assert renewed["password_change_required"] is False
    assert of_server(server, FOURTH) == 0

    hand.put("ada", pwdReset="TRUE")
    _chosen_anew(api, FOURTH, FIFTH, "must_change")
    hand.policy(pwdMaxAge="1")
    a_moment_later()
    a_moment_later()
    _chosen_anew(api, FIFTH, "another " + FIFTH, "expired")
    hand.policy(pwdMaxAge="")

    after = hand.dump()
    changed = {
        (dn, name) for dn in after for name in {*before[dn], *after[dn]} if before[dn].get(name) != after[dn].get(name)
    }
    assert {name for dn, name in changed if dn in {ADA, BEA}} <= OF_A_PASSWORD
    assert {dn for dn, _ in changed if "ou=policies" not in dn and "ou=services" not in dn} <= {ADA, BEA}
    assert email.encode() not in repr(after).encode()
    assert phone.encode() not in repr(after).encode()
    hand.connection.unbind()


def _registered(stack: Stack, api: Api) -> tuple[str, str]:
    """An administrator prefills the phone; Ada confirms it and adds an address."""
    email, phone = fresh_contacts()
    rows = [{"identifier": "ADA", "mobile_phone": phone}]
    assert api.prefill(rows, api.sign_in("avery", FIRST))[0]["verdict"] == "prefilled"
    session = api.sign_in("ada", FIRST)
    api.ok("/me/methods/mobile_phone", {}, session)
    api.ok("/me/methods/mobile_phone/confirm", {"answer": code_to(stack, phone)}, session)
    proof = prove_change(stack, api, session, "mobile_phone")
    api.ok("/me/methods/email", {"contact": email, "proof": proof}, session)
    api.ok("/me/methods/email/confirm", {"answer": code_to(stack, email)}, session)
    return email, phone


def _guessed(stack: Stack, server: Slapd) -> None:
    """60 wrong sign-ins, over spellings of the name and over addresses."""
    callers = [Api(stack.api, source=f"127.0.{n}.9") for n in range(20)]

    def guess(n: int) -> int:
        body = {"identifier": ("bea", "BEA", " Bea ")[n % 3], "password": f"wrong guess number {n}"}
        return callers[n % 20].post("/session", body).status_code

    with ThreadPoolExecutor(6) as several:
        assert set(several.map(guess, range(60))) <= {401, 403, 429, 503}
    assert of_server(server, FIRST, "bea") == 0


def _chosen_anew(api: Api, current: str, new: str, why: str) -> None:
    """The right password opens a session for another one alone, and the answer says why."""
    begun = api.ok("/session", {"identifier": "ada", "password": current})
    assert (begun["password_change_required"], begun["password_change_reason"]) == (True, why)
    shown = api.http.get("/me", headers={"Authorization": f"Bearer {begun['token']}"})
    assert (shown.status_code, shown.json()["code"]) == (403, "password_change_required")
    renewed = api.ok("/me/password", {"current_password": current, "new_password": new}, str(begun["token"]))
    assert api.me(str(renewed["token"]))["methods"]
