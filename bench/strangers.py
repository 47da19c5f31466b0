"""Can a stranger tell names apart? Runs six kinds of names through each step and compares each with the unknown name.

Prints, per step, the AUC of the response times: 0.50 means no difference; 0.00 or 1.00 means that a threshold separates
the two kinds perfectly. The limit is 0.40 to 0.60 (R-02). Also counts differences in status, header names, fields and
length.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from local.registered_person import registered_person
from local.stack import parts
from local.stack.environment import page_address, service_environment
from local.stack.keys import fresh_keys
from local.stack.ports import Ports
from local.stack.storage import prepare_storage
from shared.domain.account import AccountKey
from shared.domain.person import Failures, MethodState, RegisteredMethod, Source
from shared.methods import ALL, KeptSecretMethod
from shared.settings import settings_from
from shared.usecases._judging import context_of
from shared.usecases._sealing import Sealing
from shared.usecases.create_account import CreateAccount
from shared.wiring import Adapters, Service
from tests.passkeys import Device
from tests.processes import AzuriteServer
from tests.stack import Stack

ROUNDS = 200
WARM_UP = 5
KINDS = ("unknown", "known", "unregistered", "prefilled", "disabled", "suspended")
UNLIMITED = 1_000_000
METHODS = ("email", "mobile_phone", "authenticator_app", "passkey")
SIGN_INS = 90
"""Fewer than close an account, and a name, for the day (`session_failures_consecutive`)."""
POLICY = dict.fromkeys(
    (
        "verify_failures_5min", "verify_failures_per_client_5min", "verify_failures_per_client_hour",
        "starts_per_name_hour", "starts_per_name_day", "starts_per_client_minute", "starts_per_client_hour",
        "session_failures_per_name_and_client_15min", "session_failures_per_client_5min",
        "sessions_per_name_and_client_hour",
    ),
    UNLIMITED,
)  # fmt: skip


def auc(ours: list[float], theirs: list[float]) -> float:
    """Return the probability that one of ours took longer than one of theirs (Mann-Whitney)."""
    ranked = sorted([(span, 0) for span in ours] + [(span, 1) for span in theirs])
    ranks = sum(rank for rank, (_span, whose) in enumerate(ranked, start=1) if whose == 0)
    return (ranks - len(ours) * (len(ours) + 1) / 2) / (len(ours) * len(theirs))


async def people(environment: dict[str, str]) -> None:
    """Create one account of each kind; `unknown` has none."""
    adapters = Adapters(settings_from(environment))
    await prepare_storage(adapters)
    service = Service(adapters)
    for number, kind in enumerate(KINDS[1:]):
        entry = await service.use(CreateAccount)(kind, "a first password of some length")
        if kind == "disabled":
            await adapters.account_register.set_enabled(kind, enabled=False)
        if kind == "unregistered":
            continue
        now = adapters.clock.now()
        spent = Failures(since=now, count=10, consecutive=10, suspended_until=now + timedelta(days=1))
        person = registered_person(
            adapters.keyring,
            entry.object_id,
            {"email": f"p{number}@mail.example", "mobile_phone": f"+3363998005{number}"},
            at=now - timedelta(days=3),
            state=MethodState.PREFILLED if kind == "prefilled" else MethodState.CONFIRMED,
            failures={"reset:1:email": spent} if kind == "suspended" else {},
            password_stamp=entry.password_stamp,
        )
        person = replace(person, methods=(*person.methods, *_kept_secrets(adapters, person.account, now)))
        await adapters.people.write(person, None)
    await adapters.close()


def _kept_secrets(adapters: Adapters, account: AccountKey, now: datetime) -> Iterator[RegisteredMethod]:
    """Return an authenticator app and a passkey that were confirmed three days ago."""
    context = context_of(account, adapters.keyring, adapters.relying_party, adapters.policy, now)
    for method in ALL.values():
        if not isinstance(method, KeptSecretMethod):
            continue
        begun = method.begin_enrolment(adapters.randomness.seed(), context, account_name="bench")
        kept: str | None = begun.kept
        if method.phishing_resistant:
            answer = Device().register(begun.shown["options"], origin=context.relying_party.origins[-1])
            kept = method.finish_enrolment(begun.kept, method.exact(answer, adapters.policy), context)
        yield RegisteredMethod(
            sealed=Sealing(adapters.keyring).secret(account, method, kept or "", adapters.randomness.token()),
            state=MethodState.CONFIRMED,
            source=Source.SELF,
            set_at=now - timedelta(days=3),
            confirmed_at=now - timedelta(days=3),
        )


async def measure(api: str, page: str, rounds: int) -> tuple[dict[str, dict[str, list[float]]], dict[str, set[Any]]]:
    """Return times by step and kind, and status, headers and lengths by step."""
    spans: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    looks: dict[str, set[Any]] = defaultdict(set)
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=30) as http:

        async def call(step: str, kind: str, path: str, body: dict[str, str]) -> dict[str, Any]:
            started = time.perf_counter()
            answer = await http.post(path, json=body)
            spans[step][kind].append(time.perf_counter() - started)
            data: dict[str, Any] = answer.json()
            shape = tuple(sorted(data))
            looks[step].add((answer.status_code, tuple(sorted(answer.headers)), shape, len(answer.content)))
            return data

        async def one(kind: str, *, signs_in: bool) -> None:
            if signs_in:
                await call("sign-in", kind, "/session", {"identifier": kind, "password": "another password"})
            await call("objection", kind, "/objection", {"identifier": kind, "code": "K7QM2XPD9R"})
            started = await call("start", kind, "/reset/start", {"identifier": kind})
            token = started["verification_token"]
            asked = await call("challenge", kind, "/reset/challenge", {"verification_token": token, "method": "email"})
            token = asked["verification_token"]
            await call("resend", kind, "/reset/challenge", {"verification_token": token, "method": "email"})
            await asyncio.sleep(0.03)
            await call("verify", kind, "/reset/verify", {"verification_token": token, "answer": "1234 5678"})
            app = {"verification_token": token, "method": "authenticator_app"}
            token = (await call("app", kind, "/reset/challenge", app))["verification_token"]
            await call("app answer", kind, "/reset/verify", {"verification_token": token, "answer": "123456"})
            asked = await call("passkey", kind, "/reset/challenge", {"verification_token": token, "method": "passkey"})
            answer = Device(user=b"x" * 52).answer(asked["challenge"]["options"], origin=page)
            body = {"verification_token": asked["verification_token"], "answer": answer}
            await call("passkey answer", kind, "/reset/verify", body)

        for turn in range(rounds + WARM_UP):
            if turn == WARM_UP:  # warm-up rounds are not counted
                spans.clear()
                looks.clear()
            order = KINDS[turn % len(KINDS) :] + KINDS[: turn % len(KINDS)]
            for kind in order:
                await one(kind, signs_in=turn < SIGN_INS)
        # Each name has used its starts of the hour. What follows is over the limit, for all kinds alike.
        for turn in range(rounds):
            for kind in KINDS[turn % len(KINDS) :] + KINDS[: turn % len(KINDS)]:
                await call("limited", kind, "/reset/start", {"identifier": kind})
                wanted = {"identifier": kind, "password": "another password", "bot_check": "wanted"}
                await call("bot check", kind, "/session", wanted)
    return spans, looks


def main() -> int:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory(prefix="sesame-bench-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        server = AzuriteServer(data / "azurite")
        ports = Ports.free(1)
        more = {"starts_per_name_and_client_hour": rounds + WARM_UP, "methods": METHODS}
        policy = json.dumps({**POLICY, **more})
        caller = {"PATH": "/usr/bin:/bin", "SESAME_POLICY": policy}
        environment = service_environment(caller, ports, fresh_keys(), server.new_account())
        stack = Stack(data, ports, environment, parts.Place(data), parts.LOCAL_LEASE)
        try:
            asyncio.run(people(environment))
            stack.start(parts.INBOX, "api-1")
            spans, looks = asyncio.run(measure(stack.api, page_address(ports.web), rounds))
        finally:
            stack.stop()
            server.stop()
    print(f"{rounds} interleaved rounds; AUC of each kind against an unknown name (0.40 to 0.60), then medians in ms")
    print(f"{'':12}" + "".join(f"{kind:>14}" for kind in KINDS[1:]) + f"{'median':>10}{'looks':>7}")
    worst = 0.0
    for step, by_kind in spans.items():
        scores = [auc(by_kind[kind], by_kind["unknown"]) for kind in KINDS[1:]]
        worst = max(worst, *(abs(score - 0.5) for score in scores))
        median = statistics.median(by_kind["unknown"]) * 1000
        print(f"{step:12}" + "".join(f"{s:14.3f}" for s in scores) + f"{median:10.1f}{len(looks[step]):7}")
    return 0 if worst <= 0.1 and all(len(look) <= 1 for look in looks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
