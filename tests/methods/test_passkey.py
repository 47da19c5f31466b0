"""The passkey: what a device answers is right for this challenge, page, account and credential alone, and once."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from shared.domain.errors import InvalidInput
from shared.methods import Verdict
from shared.methods.passkey import Passkey
from tests.builders import a_context, a_policy
from tests.fakes.adapters import RELYING_PARTY
from tests.passkeys import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Device, b64, cose, p256

METHOD, CONTEXT = Passkey(), a_context()
ASKED = METHOD.challenge(b"c" * 32, RELYING_PARTY)
OTHER = METHOD.challenge(b"o" * 32, RELYING_PARTY)
KEYS = {
    "ES256": p256(),
    "EdDSA": ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32),
    "RS256": rsa.generate_private_key(65537, 2048),
}


def registered(device: Device, *others: str, **wrong: Any) -> str | None:
    """Return what is stored after that device has registered."""
    begun = METHOD.begin_enrolment(b"s" * 32, CONTEXT, account_name="ada", others=others)
    answer = METHOD.exact(device.register(begun.shown["options"], **wrong), a_policy())
    return METHOD.finish_enrolment(begun.kept, answer, CONTEXT)


def judged(stored: str | None, answer: str, asked: Any = ASKED, **context: Any) -> Verdict:
    return METHOD.judge(stored, asked, METHOD.exact(answer, a_policy()), a_context(**context))


def test_the_request_names_no_credential_and_demands_that_the_person_is_recognised() -> None:
    """A list would tell a stranger who has a passkey (rule 26). The same request goes to everybody."""
    asked = json.loads(ASKED["options"])
    assert not asked.get("allowCredentials")
    assert (asked["rpId"], asked["userVerification"]) == ("sesame.example", "required")


def test_a_registration_asks_for_a_discoverable_credential_on_another_device() -> None:
    """No attestation, three algorithms, a pseudonym as user handle, and no device that is registered already."""
    device = Device()
    stored = registered(device)
    assert stored is not None
    shown = METHOD.begin_enrolment(b"t" * 32, CONTEXT, account_name="ada", others=[stored]).shown
    asked = json.loads(shown["options"])
    assert (asked["attestation"], asked["user"]["id"]) == ("none", b64(CONTEXT.handle.encode()))
    assert (
        asked["authenticatorSelection"] | {"residentKey": "required", "userVerification": "required"}
        == (asked["authenticatorSelection"])
    )
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert [one["id"] for one in asked["excludeCredentials"]] == [b64(device.identifier)]


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_each_algorithm_registers_and_answers(key: Any) -> None:
    """ES256, EdDSA and RS256, which all platforms have between them."""
    device = Device(key)
    stored = registered(device)
    assert judged(stored, device.answer(ASKED["options"])).kept is not None


REFUSED: dict[str, dict[str, Any]] = {
    "another challenge": {"challenge": b64(b"o" * 32)},
    "another site": {"origin": "https://reset.sesame.example.evil.example"},
    "the same site without TLS": {"origin": "http://reset.sesame.example"},
    "a frame of another site": {"cross_origin": True},
    "another domain": {"rp_id": "evil.example"},
    "the person was not recognised": {"flags": PRESENT | ELIGIBLE | BACKED_UP},
    "nobody was there": {"flags": VERIFIED | ELIGIBLE | BACKED_UP},
    "backed up, but not eligible": {"flags": PRESENT | VERIFIED | BACKED_UP},
    "an answer to something else": {"type": "payment.get"},
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_what_is_not_for_this_challenge_and_this_page_neither_registers_nor_proves(wrong: dict[str, Any]) -> None:
    """A page that only looks like ours gets nothing that works here."""
    device = Device()
    assert registered(Device(), **wrong) is None
    stored = registered(device)
    assert judged(stored, device.answer(ASKED["options"], **wrong)) == Verdict()


def answered_by_a_stranger(device: Device) -> str:
    """Return an answer with the id of the person's credential, signed with another key."""
    return Device(p256(9), device.identifier, user=device.user).answer(ASKED["options"])


def answered_by_a_colleague(device: Device) -> str:
    """Return the valid answer of somebody else's passkey for this site."""
    return Device(p256(9), b"another credential", user=b"b" * 52).answer(ASKED["options"])


def answered_for_another_account(device: Device) -> str:
    return device.answer(ASKED["options"], user=b"b" * 52)


def answered_in_a_registration(device: Device) -> str:
    begun = METHOD.begin_enrolment(b"c" * 32, CONTEXT, account_name="ada")
    return device.register(begun.shown["options"])


@pytest.mark.parametrize(
    "answer",
    [answered_by_a_stranger, answered_by_a_colleague, answered_for_another_account, answered_in_a_registration],
)
def test_the_answer_of_somebody_else_is_wrong(answer: Callable[[Device], str]) -> None:
    """The user handle is compared with the account of the token, and chooses nothing (rule 26)."""
    device = Device()
    stored = registered(device)
    assert judged(stored, answer(device)) == Verdict()


def test_a_passkey_of_another_account_or_installation_is_wrong() -> None:
    """The same answer is judged for another account, and where another domain or page is set."""
    device = Device()
    stored, answer = registered(device), device.answer(ASKED["options"])
    for other in ({"handle": "b" * 52}, {"id": "example"}, {"origins": ("https://other.sesame.example",)}):
        assert judged(stored, answer, **other) == Verdict()


def test_a_challenge_is_answered_once() -> None:
    """The same answer, and another one to the same challenge, are wrong; one to the next challenge is right."""
    device = Device()
    stored = registered(device)
    answer = device.answer(ASKED["options"])
    after = judged(stored, answer).kept
    assert judged(after, answer) == judged(after, device.answer(ASKED["options"])) == Verdict()
    assert judged(after, device.answer(OTHER["options"]), OTHER).kept is not None


@pytest.mark.parametrize(
    ("synced", "before", "now", "right", "copied"),
    [
        pytest.param(False, 5, 6, True, False, id="counts up"),
        pytest.param(False, 5, 5, False, True, id="stays"),
        pytest.param(False, 5, 4, False, True, id="falls"),
        pytest.param(False, 5, 0, False, True, id="falls to 0"),
        pytest.param(False, 0, 0, True, False, id="never counts"),
        pytest.param(True, 5, 4, True, True, id="falls on a synced one"),
        pytest.param(True, 0, 0, True, False, id="a synced one never counts"),
    ],
)
def test_a_sign_count_that_falls_is_told_and_refused_only_for_a_key_bound_to_its_device(
    synced: bool, before: int, now: int, right: bool, copied: bool
) -> None:
    """Somebody has a copy of such a key. A copy cannot claim to be a synced one (WebAuthn Level 3 6.1.1)."""
    device = Device(synced=synced, count=before)
    stored = registered(device)
    verdict = judged(stored, device.answer(ASKED["options"], count=now))
    claims = device.answer(ASKED["options"], count=now, flags=device.flags | ELIGIBLE | BACKED_UP)
    assert [(v.kept is not None, v.copied) for v in (verdict, judged(stored, claims))] == [(right, copied)] * 2


@pytest.mark.parametrize(
    "public",
    [
        pytest.param(b"\xa5\x01\x02", id="not CBOR"),
        pytest.param(cose(p256()).replace(b"\x26", b"\x38\x22"), id="ES384"),
        pytest.param(cose(p256())[:-32] + bytes(32), id="a point that is not on the curve"),
        pytest.param(cbor2.dumps({1: 3, 3: -257, -1: b"n" * 300, -2: b"\1\0\1"}), id="RSA of 2400 bits"),
    ],
)
def test_a_key_that_cannot_be_kept_or_used_is_not_registered(public: bytes) -> None:
    """It would fill the row, or be listed and never prove anything."""
    assert registered(Device(), public=public) is None


def test_a_credential_is_registered_once() -> None:
    """Even by a device that ignores which others there are. The longest id is kept."""
    device = Device(identifier=b"i" * 255)
    stored = registered(device)
    assert stored is not None
    assert registered(device, stored) is None


def test_another_id_inside_the_signed_data_is_refused() -> None:
    """The id beside the attestation is the browser's word only."""
    begun = METHOD.begin_enrolment(b"s" * 32, CONTEXT, account_name="ada")
    given = json.loads(Device().register(begun.shown["options"]))
    given["id"] = given["rawId"] = b64(b"another")
    assert METHOD.finish_enrolment(begun.kept, METHOD.exact(json.dumps(given), a_policy()), CONTEXT) is None


def changed(**parts: Any) -> str:
    """Return an answer with these parts in place of its own; None leaves one out."""
    given = json.loads(Device(user=b"a" * 52).answer(ASKED["options"]))
    for name, value in parts.items():
        place = given if name in given or name == "type" else given["response"]
        place[name] = value
        if value is None:
            del place[name]
    return json.dumps(given)


@pytest.mark.parametrize(
    "text",
    [
        "12345678", "[]", "{}", "null", '{"id": "a"', '{"id": "a", "id": "a"}', "\ud800", "[" * 4000,
        changed(id=b64(b"i" * 256), rawId=b64(b"i" * 256)), changed(rawId="AAAA"), changed(id=None), changed(id=7),
        changed(type="password"), changed(type=None), changed(response="x"), changed(signature=None),
        changed(signature="not base64url!"), changed(signature="A" * 701), changed(userHandle=None),
        changed(userHandle="A" * 89), changed(clientDataJSON=""), changed(authenticatorData=["AAAA"]),
    ],
)  # fmt: skip
def test_what_no_browser_answers_is_refused_by_its_shape(text: str) -> None:
    """For everybody alike, and without a try (rule 19). A discoverable credential always tells its user handle."""
    with pytest.raises(InvalidInput) as refused:
        METHOD.exact(text, a_policy())
    assert (refused.value.field, refused.value.reason) == ("answer", "malformed")


DEEP = ("clientDataJSON", b64(b"[" * 700))
GARBAGE = ["A", "AAAA", b64(b"\xff" * 40), b64(b'{"type": 1}'), "A" * 88]
PARTS = ["clientDataJSON", "authenticatorData", "signature", "userHandle"]


@pytest.mark.parametrize(("part", "garbage"), [DEEP, *itertools.product(PARTS, GARBAGE)])
def test_garbage_of_the_right_shape_is_wrong_and_raises_nothing(part: str, garbage: str) -> None:
    """It reaches the parsers of the library."""
    for stored in (registered(Device()), None):
        assert judged(stored, changed(**{part: garbage})) == Verdict()
