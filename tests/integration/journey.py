"""The steps of a person and an administrator over HTTP, for tests that describe what happens."""

import base64
import itertools
import re
import time
import weakref
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.stack import Stack

CODE = re.compile(r"\b(\d{4}-\d{4})\b")


@dataclass(eq=False)
class Api:
    """One caller. `source` is the loopback address that it connects from; another address is another client."""

    base: str
    source: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        transport = httpx.HTTPTransport(local_address=self.source) if self.source else None
        self.http = httpx.Client(base_url=f"{self.base}/api/v1", timeout=30, transport=transport, headers=self.headers)
        weakref.finalize(self, self.http.close)

    def post(self, path: str, body: Any, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.post(path, json=body, headers=headers)

    def ok(self, path: str, body: Any, token: str | None = None) -> dict[str, Any]:
        answer = self.post(path, body, token)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        data: dict[str, Any] = answer.json()
        return data

    def sign_in(self, identifier: str, password: str) -> str:
        return str(self.ok("/session", {"identifier": identifier, "password": password})["token"])

    def prefill(self, rows: list[Any], token: str, **options: Any) -> list[dict[str, Any]]:
        """Bring in these rows, wait until they are worked off, and return the verdicts."""
        begun = self.post(
            "/admin/prefill", {"rows": rows, "permission": "form of 3 May", "reason": "first day", **options}, token
        )
        assert begun.status_code == 202, begun.text
        return self.verdicts(begun.json()["job"], token)

    def verdicts(self, job: str, token: str, within: float = 30) -> list[dict[str, Any]]:
        """Wait until an import is done, and return its verdicts."""
        headers, end = {"Authorization": f"Bearer {token}"}, time.monotonic() + within
        while (progress := self.http.get(f"/admin/prefill/{job}", headers=headers).json())["state"] != "done":
            assert time.monotonic() < end, progress
            time.sleep(0.05)
        answer = self.http.get(f"/admin/prefill/{job}/verdicts", headers=headers)
        verdicts: list[dict[str, Any]] = answer.json()["verdicts"]
        return verdicts

    def me(self, token: str) -> dict[str, Any]:
        answer = self.http.get("/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()
        return data


def without_reference(answer: httpx.Response) -> bytes:
    """Return the body without the reference, which is drawn anew for every refusal, whoever asks (M30)."""
    return re.sub(rb'"reference":"[a-z]{12}"', b"", answer.content)


def code_to(stack: Stack, address: str, form: re.Pattern[str] = CODE, *, nth: int = 1, within: float = 20) -> str:
    """Return the nth code of that form sent to `address`, oldest first."""
    end = time.monotonic() + within
    while True:
        codes = [found[form.groups] for m in stack.messages(to=address) if (found := form.search(m["text"]))]
        if len(codes) >= nth:
            return codes[nth - 1]
        assert time.monotonic() < end, f"{len(codes)} of {nth} codes to {address}"
        time.sleep(0.05)


def app_code(secret: str, *, steps: int = 0) -> str:
    """Return the code that an authenticator app shows, now or so many steps of 30 seconds later."""
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
    return totp.generate(int(time.time()) + 30 * steps).decode()


def add_app(api: Api, session: str, label: str = "a phone", *, proof: str | None = None) -> str:
    """Register an authenticator app with the code of the step before the present one, and return its key."""
    begun = api.ok("/me/methods/authenticator_app", {"label": label, "proof": proof}, session)
    if (passed := time.time() % 30) > 25:  # the code of the step before is accepted until the present step ends
        time.sleep(30 - passed)
    secret = str(begun["enrolment"]["secret"])
    api.ok("/me/methods/authenticator_app/confirm", {"answer": app_code(secret, steps=-1)}, session)
    return secret


def prove_change(stack: Stack, api: Api, session: str, method: str = "email") -> str:
    """Return a proof by a code to the person's own contact, with which methods may be changed."""
    contact = next(mine["contact"] for mine in api.me(session)["methods"] if mine["method"] == method)
    before = len([m for m in stack.messages(to=contact) if CODE.search(m["text"])])
    asked = api.ok("/me/proof/challenge", {"method": method}, session)
    answer = {"proof": asked["proof"], "answer": code_to(stack, contact, nth=before + 1)}
    return str(api.ok("/me/proof", answer, session)["proof"])


_numbers = itertools.count(10)


def fresh_contacts() -> tuple[str, str]:
    """Return an email address and a mobile number that no other test uses."""
    number = next(_numbers)
    return f"person{number}@mail.example", f"+3363998{number:04d}"


def register(stack: Stack, api: Api, identifier: str, password: str, *, email: str, phone: str) -> None:
    """Sign in, and confirm an email address and a phone."""
    token, proof = api.sign_in(identifier, password), {}
    for method, contact in (("email", email), ("mobile_phone", phone)):
        api.ok(f"/me/methods/{method}", {"contact": contact, **proof}, token)
        confirmed = api.ok(f"/me/methods/{method}/confirm", {"answer": code_to(stack, contact)}, token)
        proof = {"proof": confirmed["proof"]}


def challenge(api: Api, token: str, method: str) -> str:
    return str(api.ok("/reset/challenge", {"verification_token": token, "method": method})["verification_token"])


def prove(stack: Stack, api: Api, identifier: str, contacts: dict[str, str], *, nth: int | None = None) -> str:
    """Start a verification, pass a gate with each contact, and return the reset token."""
    token = str(api.ok("/reset/start", {"identifier": identifier})["verification_token"])
    answer: dict[str, Any] = {}
    for method, contact in contacts.items():
        before = len([m for m in stack.messages(to=contact) if CODE.search(m["text"])])
        token = challenge(api, token, method)
        code = code_to(stack, contact, nth=nth or before + 1)
        answer = api.ok("/reset/verify", {"verification_token": token, "answer": code})
        token = answer.get("verification_token", "")
    return str(answer["reset_token"])
