"""The journeys of a person, an administrator and an attacker that handle secrets, valid and invalid."""

import base64
import json
import secrets as draw
from contextlib import suppress
from dataclasses import dataclass

from azure.core.exceptions import ResourceExistsError

from local.strict_store.store import StrictStore
from shared.validation.records import encode_order
from tests.builders import OBJECTION, an_order
from tests.integration.inside import Known
from tests.integration.journey import add_app, challenge, code_to, fresh_contacts, prove_change
from tests.integration.moments import sets_password
from tests.integration.outcomes import outbox
from tests.integration.remembering import RememberingApi
from tests.stack import Stack

OLD = "quatre chevaux dans la brûme"
NEW = "velours bancal sous la pluie"
NEWER = "tambour égaré près du canal"


@dataclass
class Journeys:
    """All journeys, by one caller that records secrets."""

    stack: Stack
    store: StrictStore
    api: RememberingApi

    def poison(self, unlucky: Known) -> None:
        """A notice that no provider accepts, unreadable messages, and a code whose function failed each time."""
        self.stack.fault("email", "throttled", to=unlucky.contacts["email"], times=99)
        self.change_password(unlucky)
        lost = encode_order(an_order(account=unlucky.account)).encode()
        for name, text in (("", "not base64 at all!"), ("", encoded(b"\xff\xfe")), ("-poison", encoded(lost))):
            with outbox(self.stack, name) as queue:
                with suppress(ResourceExistsError):
                    queue.create_queue()
                queue.send_message(text)

    def change_password(self, known: Known) -> str:
        token = self.api.sign_in(known.identifier, known.password)
        wrong = {"current_password": "ce n'est pas le bon", "new_password": NEW}
        assert self.api.post("/me/password", wrong, token).status_code == 403
        short = {"current_password": known.password, "new_password": "tropcourt42"}
        assert self.api.post("/me/password", short, token).status_code == 422
        body = {"current_password": known.password, "new_password": NEW}
        return str(self.api.ok("/me/password", body, token)["token"])

    def prefill(self, newcomer: Known, email: str, phone: str) -> None:
        people = json.loads((self.stack.data / "people.json").read_text())
        passwords = {entry["identifier"]: entry["password"] for entry in people}
        administrator = self.api.sign_in("avery.admin", passwords["avery.admin"])
        rows = [
            {"identifier": newcomer.identifier, "email": email, "mobile_phone": phone},
            {"identifier": "nobody.at.all", "email": "someone.unknown@mail.example"},
            {"identifier": newcomer.identifier, "email": "bad address here@@mail.example"},
            {"identifier": newcomer.identifier, "mobile_phone": "+33899000000"},
        ]
        self.api.prefill(rows, administrator, dry_run=True)
        self.api.prefill(rows, administrator)

    def register(self, newcomer: Known, email: str, phone: str) -> None:
        self.api.post("/session", {"identifier": newcomer.identifier, "password": "un mot de passe deviné"})
        token = self.api.sign_in(newcomer.identifier, newcomer.password)
        self.api.ok("/me/methods/mobile_phone", {}, token)
        assert self.api.post("/me/methods/mobile_phone/confirm", {"answer": wrong_code()}, token).status_code == 403
        self.api.ok("/me/methods/mobile_phone/confirm", {"answer": code_to(self.stack, phone)}, token)
        proof = prove_change(self.stack, self.api, token, "mobile_phone")
        self.api.keep("a proof", proof)
        other, _ = fresh_contacts()
        for address in (email, other):  # the second address replaces the first
            self.api.ok("/me/methods/email", {"contact": address, "proof": proof}, token)
            self.api.ok("/me/methods/email/confirm", {"answer": code_to(self.stack, address)}, token)
        secret = add_app(self.api, token, proof=proof)
        self.api.keep("the key of an authenticator app", secret)
        begun = self.api.ok("/me/methods/recovery_code", {"proof": proof}, token)
        codes = str(begun["enrolment"]["codes"]).split("\n")
        for code in codes:
            self.api.keep("a recovery code", code)
            self.api.keep("a recovery code without its hyphens", code.replace("-", ""))
        self.api.ok("/me/methods/recovery_code/confirm", {"answer": codes[0]}, token)
        asked = self.api.ok("/me/proof/challenge", {"method": "recovery_code"}, token)
        self.api.ok("/me/proof", {"proof": asked["proof"], "answer": codes[1].lower()}, token)
        self.api.ok("/me/reconfirm", {}, token)
        self.api.ok("/me/methods/email/remove", {"proof": proof}, token)
        code = code_to(self.stack, phone, OBJECTION, within=60)
        self.api.ok("/objection", {"identifier": newcomer.identifier, "code": code})
        assert self.api.post("/me/reconfirm", {}, token).status_code == 401

    def reset(self, known: Known) -> None:
        email, phone = known.contacts["email"], known.contacts["mobile_phone"]
        token = str(self.api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
        ask = {"verification_token": token, "method": "email", "contact": email}
        token = str(self.api.ok("/reset/challenge", ask)["verification_token"])
        for _ in range(2):
            assert (
                self.api.post("/reset/verify", {"verification_token": token, "answer": wrong_code()}).status_code == 403
            )
        passed = self.api.ok("/reset/verify", {"verification_token": token, "answer": code_to(self.stack, email)})
        token = challenge(self.api, passed["verification_token"], "mobile_phone")
        passed = self.api.ok("/reset/verify", {"verification_token": token, "answer": code_to(self.stack, phone)})
        self.api.ok("/password/check", {"new_password": "un candidat qui passe par là"})
        complete = {"reset_token": passed["reset_token"], "new_password": f"{known.identifier} {known.identifier}"}
        again = self.api.post("/reset/complete", complete).json()["reset_token"]
        with self.store.tables.losing_answer(sets_password(known)):  # the SDK's error contains the request
            self.api.ok("/reset/complete", {"reset_token": again, "new_password": NEWER})

    def attack(self, known: Known) -> None:
        """Secrets in wrong places, wrong contacts, and services that fail during a request."""
        token = str(self.api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
        guess = {"verification_token": token, "method": "email", "contact": "guessed.address@mail.example"}
        self.api.ok("/reset/challenge", guess)
        for fault, method in (("invalid", "email"), ("drop", "mobile_phone")):
            channel = "email" if method == "email" else "sms"
            self.stack.fault(channel, fault, to=known.contacts[method])
            started = str(self.api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
            challenge(self.api, started, method)
        misplaced = {"identifier": known.identifier, "password": OLD, "answer": "a misplaced answer"}
        assert self.api.post("/reset/start", misplaced).status_code == 400
        self.api.keep("a token in a query", in_query := draw.token_urlsafe(40))
        self.api.http.get("/me", params={"token": in_query})
        self.api.http.post("/reset/verify", params={"verification_token": in_query}, json={})
        self.api.http.get("/me", headers={"Authorization": f"Bearer {in_query}"})
        with self.store.tables.cut():
            self.api.post("/session", {"identifier": known.identifier, "password": OLD})
            self.api.post("/reset/verify", {"verification_token": token, "answer": wrong_code()})
            self.api.post("/reset/complete", {"reset_token": token, "new_password": NEWER})
        started = str(self.api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
        with self.store.queues.cut():
            asked = {"verification_token": started, "method": "email"}
            assert self.api.http.post("/reset/challenge", json=asked).status_code == 503


def encoded(text: bytes) -> str:
    return base64.b64encode(text).decode()


def wrong_code() -> str:
    return f"{draw.randbelow(10**4):04} {draw.randbelow(10**4):04}"
