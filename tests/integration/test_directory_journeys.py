"""A whole life over HTTP with accounts in a real directory, and what stands in the directory afterwards."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.samba.domain import NETBIOS, SUFFIX, ticks
from local.samba.server import Samba
from local.slapd.entries import FAILURES
from local.slapd.server import Slapd
from tests.integration.journey import Api, code_to, fresh_contacts, prove, prove_change
from tests.samba import hand_of, running_domain
from tests.slapd import a_moment_later, a_server, binds, options_of, running, settings_of
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

FIRST, SECOND, THIRD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra", "copper meadow signal walnut"
FOURTH, FIFTH = "marble lagoon ticket oyster", "saffron engine plateau willow"
WIDE = (
    "session_failures_per_client_5min",
    "session_failures_per_name_and_client_15min",
    "sessions_per_name_and_client_hour",
)
SENT = {"sends_per_prefix_hour": 1000, "passwords_per_account_day": 6, "remind_from_hour": 0, "remind_until_hour": 24}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A directory, and what is its own: the spellings of a name, and what of an entry may differ afterwards."""

    server: Slapd | Samba
    spellings: tuple[str, ...]
    may_change: frozenset[str]
    """Attributes of passwords, of locks and of their dates, and what the server notes about any write or sign-in."""
    five_days: dict[str, str]
    """The policy with which a password expires after them."""
    remembers_at_reset: bool = True

    def binds(self, password: str, uid: str = "ada") -> int:
        """Ask the directory itself whether the password is right."""
        return binds(options_of(self.server), password, uid)


@pytest.fixture(scope="module", params=["openldap", "active_directory"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server of its own, because it is stopped on the way."""
    folder: Path = tmp_path_factory.mktemp("directory")
    if request.param == "openldap":
        with running(a_server(folder)) as slapd:
            yield Place(
                server=slapd,
                spellings=("bea", "BEA", " Bea ", "\uff42ea"),
                five_days={"pwdMaxAge": str(5 * 86400)},
                may_change=frozenset({
                    "userPassword", "pwdHistory", "pwdChangedTime", "modifyTimestamp", "modifiersName", "entryCSN",
                }),
            )  # fmt: skip
        return
    with running_domain(folder) as samba:
        yield Place(
            server=samba,
            spellings=("bea", "BEA", f"bea{SUFFIX}", f"{NETBIOS}\\bea"),
            five_days={"maxPwdAge": ticks(5 * 86400)},
            may_change=frozenset({
                "pwdLastSet", "lockoutTime", "badPasswordTime", "badPwdCount", "lastLogon", "lastLogonTimestamp",
                "logonCount", "whenChanged", "uSNChanged",
            }),
            remembers_at_reset=False,
        )  # fmt: skip


def refused(api: Api, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    answer = api.post(path, body, token)
    assert answer.status_code >= 400, answer.text
    problem: dict[str, Any] = answer.json()
    return problem


def test_a_whole_life_with_accounts_in_a_directory(start_stack: StartStack, place: Place) -> None:
    """Prefill, registration, guesses, reset, lock, change, must-change and expiry; the directory says each time."""
    hand, (email, phone) = hand_of(place.server), fresh_contacts()
    at_home = f"0{phone[3:]}"
    hand.policy(**place.five_days)  # slapd keeps the time of a password where it may expire
    hand.add("ada", FIRST, mobile=f"{at_home[:2]} {at_home[2:]}", mail="ada@example.org", preferredLanguage="fr, en")
    hand.add("bea", FIRST)
    before = hand.dump()
    # The limits of sign-ins are as wide as they can be: what holds is the lockout of the directory.
    wide = dict.fromkeys(WIDE, 1000)
    policy = json.dumps({**SENT, **wide, "prefill_from_directory": ["email", "mobile_phone", "language"]})
    own = {"SESAME_POLICY": policy, "SESAME_DIRECTORY_MAIL_DOMAINS": "example.org"}
    stack = start_stack(environment={**settings_of(place.server), **own})
    api = Api(stack.api)

    _registered(stack, api, email, phone)
    _told_that_it_expires(stack, email)
    hand.never_expire()
    _guessed(stack, place)
    assert not hand.is_locked("bea")

    contacts = {"email": email, "mobile_phone": phone}
    for n in range(FAILURES - 2):
        assert refused(api, "/session", {"identifier": "ada", "password": f"a wrong guess {n}"})
    hand.connection.unbind()
    if isinstance(place.server, Slapd):  # start, challenge and verify ask no directory
        place.server.stop()
    token = prove(stack, api, "ada", contacts)
    if isinstance(place.server, Slapd):  # Samba takes 5 s for it
        place.server.start()
    hand = hand_of(place.server)
    if place.remembers_at_reset:
        problem = refused(api, "/reset/complete", {"reset_token": token, "new_password": FIRST})
        assert (problem["code"], problem["reasons"]) == ("password_refused", ["in_history"])
        token = problem["reset_token"]
    api.ok("/reset/complete", {"reset_token": token, "new_password": SECOND})
    assert (place.binds(FIRST), place.binds(SECOND)) == (49, 0)
    assert api.sign_in("ada", SECOND), "the guesses before it count no more"

    for _ in range(FAILURES):
        place.binds("wrong")
    assert hand.is_locked("ada")
    assert refused(api, "/session", {"identifier": "ada", "password": SECOND})["code"] == "not_accepted"
    api.ok("/reset/complete", {"reset_token": prove(stack, api, "ada", contacts), "unlock": True})
    assert not hand.is_locked("ada")
    assert place.binds(SECOND) == 0
    problem = refused(api, "/reset/complete", {"reset_token": prove(stack, api, "ada", contacts), "unlock": True})
    assert problem["code"] == "not_locked"
    for _ in range(FAILURES):
        place.binds("wrong")
    api.ok("/reset/complete", {"reset_token": problem["reset_token"], "new_password": THIRD})
    assert place.binds(THIRD) == 0

    a_moment_later()
    session = Api(stack.api, source="127.0.0.77").sign_in("ada", THIRD)
    change = {"current_password": THIRD, "new_password": SECOND}
    assert "in_history" in refused(api, "/me/password", change, session)["reasons"]
    renewed = api.ok("/me/password", change | {"new_password": FOURTH}, session)
    assert renewed["password_change_required"] is False
    assert place.binds(FOURTH) == 0

    hand.must_change("ada")
    _chosen_anew(api, FOURTH, FIFTH, "must_change")
    hand.expire("ada")
    _chosen_anew(api, FIFTH, "another " + FIFTH, "expired")
    hand.never_expire()
    stack.fire("remind")
    assert _notices_of_expiry(stack, email) == 1

    after = hand.dump()
    changed = {
        (dn, name) for dn in after for name in {*before[dn], *after[dn]} if before[dn].get(name) != after[dn].get(name)
    }
    of_people = {hand.dn_of("ada"), hand.dn_of("bea")}
    assert {name for dn, name in changed if dn in of_people} <= place.may_change
    assert changed & {(hand.dn_of("ada"), name) for name in ("pwdChangedTime", "pwdLastSet")}
    # The policy was changed by the administrator on the way, and sign-ins are noted with the service's own entries.
    base = options_of(place.server).base_dn
    assert {dn for dn, _ in changed if dn.endswith(base)} <= {*of_people, base}
    assert after[hand.dn_of("ada")]["mobile"] == before[hand.dn_of("ada")]["mobile"]
    for contact in (email, phone):
        assert contact.encode() not in repr(after).encode(), "as it was registered, it stands nowhere"
    hand.connection.unbind()


def _registered(stack: Stack, api: Api, email: str, phone: str) -> None:
    """Ada finds her phone, as the directory has it, and not her mailbox there; she confirms it and adds an address."""
    session = api.sign_in("ada", FIRST)
    me = api.me(session)
    found = [(one["method"], one["contact"], one["state"], one["source"]) for one in me["methods"]]
    assert (found, me["language"]) == ([("mobile_phone", phone, "prefilled", "directory")], "fr")
    api.ok("/me/methods/mobile_phone", {}, session)
    api.ok("/me/methods/mobile_phone/confirm", {"answer": code_to(stack, phone)}, session)
    proof = prove_change(stack, api, session, "mobile_phone")
    refusal = refused(api, "/me/methods/email", {"contact": "ada@example.org", "proof": proof}, session)
    assert refusal["reason"] == "domain_not_allowed"
    api.ok("/me/methods/email", {"contact": email, "proof": proof}, session)
    api.ok("/me/methods/email/confirm", {"answer": code_to(stack, email)}, session)


def _told_that_it_expires(stack: Stack, email: str) -> None:
    """By the timer, in the language that the directory has."""
    end = time.monotonic() + 20
    while not _notices_of_expiry(stack, email):
        assert time.monotonic() < end
        stack.fire("remind")
        time.sleep(0.3)


def _notices_of_expiry(stack: Stack, email: str) -> int:
    return sum("mot de passe expire dans" in message["text"] for message in stack.messages(to=email))


def _guessed(stack: Stack, place: Place) -> None:
    """60 wrong sign-ins, over spellings of the name and over addresses."""
    callers = [Api(stack.api, source=f"127.0.{n}.9") for n in range(20)]

    def guess(n: int) -> int:
        body = {"identifier": place.spellings[n % len(place.spellings)], "password": f"wrong guess number {n}"}
        return callers[n % 20].post("/session", body).status_code

    with ThreadPoolExecutor(6) as several:
        assert set(several.map(guess, range(60))) <= {401, 403, 429, 503}
    assert place.binds(FIRST, "bea") == 0


def _chosen_anew(api: Api, current: str, new: str, why: str) -> None:
    """The right password opens a session for another one alone, and the answer says why."""
    begun = api.ok("/session", {"identifier": "ada", "password": current})
    assert (begun["password_change_required"], begun["password_change_reason"]) == (True, why)
    shown = api.http.get("/me", headers={"Authorization": f"Bearer {begun['token']}"})
    assert (shown.status_code, shown.json()["code"]) == (403, "password_change_required")
    renewed = api.ok("/me/password", {"current_password": current, "new_password": new}, str(begun["token"]))
    assert api.me(str(renewed["token"]))["methods"]
