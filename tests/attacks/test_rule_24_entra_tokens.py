"""Rule 24, R-60 and R-61: a token of Microsoft Entra ID says who somebody is, and only a good one does.

Long: one line for each of 62 bad tokens.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functions import _function, _http, session
from local.entra.person_tokens import Signing, id_claims
from local.entra.tokens import Signer
from shared.adapters.entra_tokens.keys import COOL_DOWN
from shared.domain.account import ObjectId
from shared.domain.errors import NotAllowed, SignInAgain, SignInRequired, TryAgain
from shared.domain.session import Session
from shared.ports.directory import DirectoryLost
from shared.ports.tokens import TokenPurpose
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.change_password import ChangePassword
from shared.usecases.sign_in_with_token import SignInWithToken
from shared.usecases.view_client import ViewClient
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, World, a_world
from tests.fakes.entra import API, PAGE, STRANGER, TENANT, StandinTokens, signed, signer
from tests.functions.test_http import request

ADA = "00000001-0000-4000-8000-000000000000"
"""The id of the first account in the directory."""


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The service on fakes, as the one that triggers use, and Ada an hour after her last change."""
    made = a_world()
    await made.ada()
    made.clock.move(hours=1)
    for module in (_http, _function):
        monkeypatch.setattr(module, "service", lambda: made.service)
    return made


def tokens(world: World) -> StandinTokens:
    return world.adapters.entra


async def exchanged(world: World, token: str | None = None, **claims: Any) -> str:
    """Exchange this token, or a good one with these claims."""
    token = tokens(world).token(ADA, **claims) if token is None else token
    opened, _ = await world.service.use(SignInWithToken)(token, world.trail, client=CLIENT)
    return opened


def seen(world: World, opened: str) -> Session:
    return world.adapters.tokens.open(TokenPurpose.SESSION, opened, Session)


def compact(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signed = b".".join(parts)
    return b".".join((signed, base64.urlsafe_b64encode(sign(signed)).rstrip(b"="))).decode()


def public_pem() -> bytes:
    return signer().key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


def by_hmac(claims: dict[str, Any]) -> str:
    """Signed with the public key, which everybody has, as if it were a shared secret (CVE-2022-29217)."""
    header = {"alg": "HS256", "typ": "JWT", "kid": "standin-1"}
    return compact(header, claims, lambda text: hmac.new(public_pem(), text, hashlib.sha256).digest())


def unsigned(claims: dict[str, Any], alg: str) -> str:
    return compact({"alg": alg, "typ": "JWT", "kid": "standin-1"}, claims, lambda _: b"")


def of_the_thief() -> Signer:
    return signer("thief")


def own_key() -> dict[str, Any]:
    key: dict[str, Any] = of_the_thief().keys()["keys"][0]
    return {**key, "kid": "standin-1"}


def id_token(world: World) -> str:
    there = tokens(world)
    at = int(world.clock.now().timestamp())
    claims = id_claims(there.apps, Signing(TENANT, there.registered.issuer, ADA, "ada", at), "nonce")
    return signed(claims | dict.fromkeys(("iat", "nbf"), at) | {"exp": at + 600})


Forged = Callable[[World, dict[str, Any]], str]

SIGNED: dict[str, dict[str, Any]] = {
    "for another API": {"aud": STRANGER},
    "for its own page": {"aud": PAGE},
    "for several": {"aud": [API, STRANGER]},
    "without an audience": {"aud": None},
    "by an issuer of version 1": {"iss": f"https://sts.windows.net/{TENANT}/", "ver": "1.0"},
    "by another tenant": {"iss": f"https://login.example/{STRANGER}/v2.0", "tid": STRANGER},
    "of a tenant that the issuer is not": {"tid": STRANGER},
    "without an issuer": {"iss": None},
    "of version 1": {"ver": "1.0"},
    "expired": {"exp": -121},
    "without an end": {"exp": None},
    "not yet valid": {"nbf": 121},
    "without a beginning": {"nbf": None},
    "issued in the future": {"iat": 121},
    "issued long ago": {"iat": -18 * 60},
    "signed in in the future": {"auth_time": 121},
    "without the time of the sign-in": {"auth_time": None},
    "with times as text": {"exp": "never"},
    "with an endless time": {"exp": float("inf")},
    "with a time after the year 9999": {"exp": 10**12},
    "of nobody": {"oid": None},
    "of a name": {"oid": "ada@example.org"},
    "of a list": {"oid": [ADA]},
    "of somebody the directory has not": {"oid": STRANGER},
    "got at another page": {"azp": STRANGER},
    "got nowhere": {"azp": None},
    "of an application": {"idtyp": "app", "scp": None, "roles": ["administrator"]},
    "of an application that claims a scope": {"idtyp": "app"},
    "without a permission": {"scp": None},
    "with another permission": {"scp": "User.Read access_as_user.more"},
    "with roles that are no list": {"roles": "administrator"},
    "without an id": {"uti": None},
}
"""Claims of tokens that the tenant has signed. Numbers are seconds from now."""

MADE: dict[str, Forged] = {
    "no token": lambda _w, _c: "",
    "text": lambda _w, _c: "not a token",
    "dots": lambda _w, _c: "..",
    "not ASCII": lambda _w, _c: "é.é.é",
    "deep": lambda _w, _c: compact({}, {}, lambda _: b"")[:0]
    + base64.urlsafe_b64encode(b"[" * 6000).decode().rstrip("=")
    + ".e30.AA",
    "unsigned": lambda _w, claims: unsigned(claims, "none"),
    "unsigned in capitals": lambda _w, claims: unsigned(claims, "NONE"),
    "RS256 without a signature": lambda _w, claims: unsigned(claims, "RS256"),
    "HS256 with the public key": lambda _w, claims: by_hmac(claims),
    "RS512": lambda _w, claims: jwt.encode(claims, signer().key, algorithm="RS512", headers={"kid": "standin-1"}),
    "PS256": lambda _w, claims: jwt.encode(claims, signer().key, algorithm="PS256", headers={"kid": "standin-1"}),
    "ES256": lambda _w, claims: jwt.encode(
        claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "standin-1"}
    ),
    "another key": lambda _w, claims: signed(claims, of_the_thief(), kid="standin-1"),
    "a key id that nobody has": lambda _w, claims: signed(claims, signer(), kid="nobody's"),
    "no key id": lambda _w, claims: jwt.encode(claims, signer().key, algorithm="RS256"),
    "its own key": lambda _w, claims: signed(claims, of_the_thief(), kid="standin-1", jwk=own_key()),
    "the address of its keys": lambda _w, claims: signed(claims, of_the_thief(), kid="standin-1", jku="https://thief.example/keys"),
    "the address of its certificate": lambda _w, claims: signed(claims, of_the_thief(), kid="standin-1", x5u="https://thief.example"),
    "its own certificate": lambda _w, claims: signed(claims, of_the_thief(), kid="standin-1", x5c=["MIIB"]),
    "a critical extension": lambda _w, claims: signed(claims, signer(), crit=["sesame"], sesame=1),
    "a detached payload": lambda _w, claims: signed(claims, signer(), b64=False, crit=["b64"]),
    "truncated": lambda _w, claims: signed(claims)[:-8],
    "without its signature": lambda _w, claims: signed(claims).rpartition(".")[0] + ".",
    "two signatures": lambda _w, claims: f"{signed(claims)}.{signed(claims).rpartition('.')[2]}",
    "two tokens": lambda _w, claims: f"{signed(claims)} {signed(claims)}",
    "as JSON": lambda _w, claims: json.dumps(dict(zip(("protected", "payload", "signature"),
                                                      signed(claims).split("."), strict=True))),
    "another's claims": lambda _w, claims: _swapped(claims),
    "huge": lambda _w, claims: signed({**claims, "filler": "x" * 8000}),
    "an ID token": lambda world, _c: id_token(world),
    "a session of this service": lambda world, _c: world.sessions["ada"],
}  # fmt: skip


def _swapped(claims: dict[str, Any]) -> str:
    """The signature of one token under the claims of another."""
    header, _, signature = signed(claims).split(".")
    return ".".join((header, signed({**claims, "roles": ["administrator"]}).split(".")[1], signature))


def bad(world: World, name: str) -> str:
    there, now = tokens(world), int(world.clock.now().timestamp())
    if name in MADE:
        return MADE[name](world, there.claims(ADA))
    moved = {
        claim: now + value if isinstance(value, int) and claim in {"exp", "nbf", "iat", "auth_time"} else value
        for claim, value in SIGNED[name].items()
    }
    return there.token(ADA, **moved)


async def answered(token: str) -> tuple[int, str, dict[str, str]]:
    answer = await session.session_entra(request({"access_token": token}))
    problem = json.loads(answer.get_body())
    assert problem.pop("reference", "none") is not None
    return answer.status_code, json.dumps(problem), dict(answer.headers)


@pytest.mark.parametrize("name", [*SIGNED, *MADE])
async def test_a_bad_token_is_answered_like_every_other_one(world: World, name: str) -> None:
    """Byte by byte, but for the reference. It reaches neither the row nor, if nobody has signed it, the directory."""
    world.sessions["ada"] = await world.sign_in()
    usual = await answered("x.y.z")
    world.directory.calls.clear()
    before = world.people.rows.copy()

    assert await answered(bad(world, name)) == usual
    assert usual[0] == 401
    assert world.people.rows == before
    assert name == "of somebody the directory has not" or world.directory.calls == []
    assert not any(token in repr(world.adapters.audit_outbox.events) for token in [ADA, "example"])


async def test_a_good_token_opens_a_session_of_the_account_with_that_id(world: World) -> None:
    """Also with another's name in it: names change, and may be given to somebody else (R-61)."""
    opened = seen(world, await exchanged(world, preferred_username="bob", email="bob@mail.example", upn="bob"))

    assert (opened.account, opened.object_id, opened.name) == (world.key_of("ada"), ADA, "ada")
    assert (opened.issued_at, opened.roles) == (world.clock.now(), ())
    body = {"access_token": tokens(world).token(ADA)}
    answer = await session.session_entra(request(body))
    assert (answer.status_code, json.loads(answer.get_body())["identifier"]) == (200, "ada")


@pytest.mark.parametrize("claims", [{"exp": -119}, {"nbf": 119, "iat": 119}, {"auth_time": 119}], ids=str)
async def test_clocks_may_differ_by_the_margin(world: World, claims: dict[str, int]) -> None:
    """Of two minutes (rule 32). A sign-in of the future counts from now."""
    now = world.clock.now()
    there = {name: int(now.timestamp()) + seconds for name, seconds in claims.items()}
    assert seen(world, await exchanged(world, **there)).issued_at == now


async def test_a_token_is_good_for_one_session(world: World) -> None:
    """Whoever finds it later gets the answer of a bad one, also at the same moment."""
    token = tokens(world).token(ADA)
    tries = await asyncio.gather(*(exchanged(world, token) for _ in range(5)), return_exceptions=True)
    assert sorted(type(told).__name__ for told in tries) == ["SignInRequired"] * 4 + ["str"]
    assert "used" in world.causes()


async def test_a_token_is_kept_for_another_try_where_nothing_was_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory did not answer."""
    token, found = tokens(world).token(ADA), world.directory.find

    async def lost(_id: ObjectId) -> None:
        raise DirectoryLost

    monkeypatch.setattr(world.directory, "find", lost)
    with pytest.raises(DirectoryLost):
        await exchanged(world, token)
    monkeypatch.setattr(world.directory, "find", found)
    assert await exchanged(world, token)


async def test_a_session_is_as_old_as_the_sign_in_at_microsoft(world: World) -> None:
    """Single sign-on gives a new token for an old sign-in. It is good for a view, and changes nothing (R-62)."""
    old = await exchanged(world, signed_in_at=world.clock.now() - timedelta(minutes=11))
    fresh = await exchanged(world, signed_in_at=world.clock.now() - timedelta(minutes=9))

    assert await world.status(old) == "fine"
    with pytest.raises(SignInAgain):
        await world.service.use(BeginMethod)(old, "email", Wish(contact=EMAIL), world.trail)
    await world.begin(fresh, "email", "another@mail.example")
    world.clock.move(minutes=1)
    with pytest.raises(SignInAgain):
        await world.begin(fresh, "email", "third@mail.example")


async def test_a_sign_in_with_an_older_password_opens_nothing(world: World) -> None:
    """Its token is still valid at Microsoft for an hour. Sessions from before the new password end too (rule 12)."""
    entry = world.directory.accounts[ObjectId(ADA)][0]
    before = tokens(world).token(ADA)
    opened = await exchanged(world)
    world.clock.move(seconds=1)
    world.directory.changed(entry.names[0], NEW_PASSWORD)

    with pytest.raises(SignInRequired):
        await exchanged(world, before)
    assert await exchanged(world)
    with pytest.raises(SignInRequired):
        await world.status(opened)


async def test_a_password_that_is_set_meanwhile_ends_the_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the directory's answer and the row, in this service: the session has the version of before (rule 12)."""
    found = world.directory.find
    current = await world.sign_in()

    async def then_changes(object_id: ObjectId) -> Any:
        entry = await found(object_id)
        monkeypatch.setattr(world.directory, "find", found)
        await world.service.use(ChangePassword)(current, PASSWORD, NEW_PASSWORD, world.trail)
        return entry

    world.clock.move(seconds=1)
    token = tokens(world).token(ADA, signed_in_at=world.clock.now())
    world.clock.move(seconds=1)
    monkeypatch.setattr(world.directory, "find", then_changes)
    with pytest.raises(SignInRequired):
        await world.status(await exchanged(world, token))


async def test_roles_come_from_the_directory_as_it_is_now(world: World) -> None:
    """The roles of a token grant nothing, and one without them takes nothing away."""
    view = world.service.use(ViewClient)
    claimed = await exchanged(world, roles=["administrator", "anything"])
    assert seen(world, claimed).app_roles == ("administrator",)
    with pytest.raises(NotAllowed):
        await view(claimed, CLIENT, world.trail)
    world.directory.granted("ada", "administrator")
    assert await view(await exchanged(world), CLIENT, world.trail)


async def test_a_disabled_person_gets_the_answer_of_a_bad_token(world: World) -> None:
    """Microsoft's tokens stay valid for an hour after an account was disabled."""
    usual = await answered("x.y.z")
    entry, password = world.directory.accounts[ObjectId(ADA)]
    world.directory.accounts[ObjectId(ADA)] = (replace(entry, enabled=False), password)
    assert await answered(tokens(world).token(ADA)) == usual


async def test_five_hundred_unknown_key_ids_cause_one_fetch(world: World) -> None:
    """At the same time or one after the other, in half a minute. Good tokens are exchanged all the while."""
    there = tokens(world)
    await exchanged(world)
    world.clock.move(seconds=COOL_DOWN.total_seconds())
    forged = [signed(there.claims(ADA), of_the_thief(), kid=f"kid {n}") for n in range(500)]

    told = await asyncio.gather(*(exchanged(world, token) for token in forged[:250]), return_exceptions=True)
    for token in forged[250:]:
        with pytest.raises(SignInRequired):
            await exchanged(world, token)
    assert await exchanged(world)

    assert {type(one) for one in told} == {SignInRequired}
    assert there.fetches == 2


async def test_a_new_key_is_found_and_a_withdrawn_one_forgotten(world: World) -> None:
    """Microsoft changes its keys without notice. A withdrawn one is believed for a day at most."""
    there, new = tokens(world), signer("standin-2")
    await exchanged(world)
    there.signers = [new]
    world.clock.move(minutes=1)
    assert await exchanged(world, signed(there.claims(ADA), new))
    with pytest.raises(SignInRequired):
        await exchanged(world)

    there.signers = [signer()]
    world.clock.move(hours=23)
    assert await exchanged(world, signed(there.claims(ADA), new))
    world.clock.move(hours=1)
    with pytest.raises(SignInRequired):
        await exchanged(world, signed(there.claims(ADA), new))


SMALL = {"kty": "RSA", "kid": "standin-1", "n": base64.urlsafe_b64encode(b"\xff" * 64).decode(), "e": "AQAB"}


@pytest.mark.parametrize("answer", [TimeoutError(), ValueError(), {}, {"keys": [SMALL, 1, {}]}, [], None], ids=repr)
async def test_a_fetch_that_fails_keeps_the_old_keys(world: World, answer: object) -> None:
    """Without any, nothing was decided: the same token is good a moment later."""
    there = tokens(world)
    token = there.token(ADA)
    there.answers = [answer]
    with pytest.raises(TryAgain):
        await exchanged(world, token)
    world.clock.move(seconds=3)
    assert await exchanged(world, token)

    there.answers = [answer]
    world.clock.move(hours=25)
    assert await exchanged(world)
