"""Kills the host while five people are each at another step; done three times (rules 1, 2, 4 and 11).

A proxy holds each person's request at an exact point, so that every kill happens between the same two steps.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from enum import StrEnum

import httpx

from local.strict_store.interruptions import Hold, Moment
from local.strict_store.proxy import Proxy
from local.strict_store.store import StrictStore
from tests.integration.inside import Known
from tests.integration.journey import Api, challenge, code_to, fresh_contacts, prove
from tests.integration.moments import confirms, sends_to, sets_password
from tests.stack import Stack

OLD = "quatre chevaux dans la brume"
NEW = "velours bancal sous la pluie"

HOST, STANDIN, BOTH = "host", "stand-in", "both"
VICTIMS: Mapping[str, Sequence[str]] = {HOST: ("api-1",), STANDIN: ("inbox",), BOTH: ("api-1", "inbox")}


class Point(StrEnum):
    """The point at which a request is held."""

    WRITE_WON = "write won but no reply"
    CLAIMED = "claim written but provider not called"
    ACCEPTED = "provider accepted but no reply"
    RESERVED = "reserve written but directory not"
    SET = "directory written but done not"


@dataclass
class Caught:
    """One person at one point: their secrets, and the time of the kill."""

    known: Known
    token: str
    killed_at: dt.datetime

    @property
    def email(self) -> str:
        return self.known.contacts["email"]


def cast() -> dict[tuple[str, Point], Known]:
    """Return one person for each kill and point. The one who registers has no contact yet."""
    return {(victim, point): _person(victim, point) for victim in VICTIMS for point in Point}


def _person(victim: str, point: Point) -> Known:
    email, phone = fresh_contacts()
    name = f"{victim}.{point.name}".lower()
    return Known(name, OLD, {} if point is Point.WRITE_WON else {"email": email, "mobile_phone": phone})


@dataclass
class Rounds:
    """Runs the kills on one stack with one instance."""

    stack: Stack
    store: StrictStore
    provider: Proxy

    def run(self, people: Mapping[tuple[str, Point], Known]) -> dict[tuple[str, Point], Caught]:
        with ThreadPoolExecutor(8) as threads:
            tokens = dict(zip(people, threads.map(self._prepare, people.values(), (p for _, p in people)), strict=True))
            caught: dict[tuple[str, Point], Caught] = {}
            for victim in VICTIMS:
                there = {point: (people[victim, point], tokens[victim, point]) for point in Point}
                for point, (known, token, at) in self._round(victim, there, threads).items():
                    caught[victim, point] = Caught(known, token, at)
        return caught

    def _prepare(self, known: Known, point: Point) -> str:
        """Do the steps before the kill, and return the token for the next step."""
        api = Api(self.stack.api)
        if point is Point.WRITE_WON:
            token = api.sign_in(known.identifier, known.password)
            api.ok("/me/methods/email", {"contact": new_address(known)}, token)
            code_to(self.stack, new_address(known))
            return token
        if point in {Point.CLAIMED, Point.ACCEPTED}:
            return str(api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
        return prove(self.stack, api, known.identifier, dict(known.contacts))

    def _round(
        self, victim: str, people: Mapping[Point, tuple[Known, str]], threads: ThreadPoolExecutor
    ) -> dict[Point, tuple[Known, str, dt.datetime]]:
        with ExitStack() as held_open:
            holds = {point: held_open.enter_context(self._hold(point, known)) for point, (known, _) in people.items()}
            steps = {point: threads.submit(self._step, point, *who) for point, who in people.items()}
            for hold in holds.values():
                hold.wait()
            for name in VICTIMS[victim]:
                self.stack.kill(name)
            killed_at = dt.datetime.now(dt.UTC)
            for point, hold in holds.items():
                # A held request of the killed host gets no response. A request to the provider finds the caller gone.
                hold.release() if victim == STANDIN and point is not Point.ACCEPTED else hold.drop()
            newest = {point: step.result() for point, step in steps.items()}
        self.stack.start(*VICTIMS[victim])
        return {point: (known, newest[point] or token, killed_at) for point, (known, token) in people.items()}

    def _step(self, point: Point, known: Known, token: str) -> str:
        """Do the step that is held, and return the newest token if there was one."""
        api = Api(self.stack.api)
        try:
            if point is Point.WRITE_WON:
                answer = {"answer": code_to(self.stack, new_address(known))}
                api.post("/me/methods/email/confirm", answer, token)
                return ""
            if point in {Point.CLAIMED, Point.ACCEPTED}:
                return challenge(api, token, "email")  # answered long before the provider is called
            api.post("/reset/complete", {"reset_token": token, "new_password": NEW})
        except httpx.TransportError:
            pass  # the connection error is the kill
        return ""

    def _hold(self, point: Point, known: Known) -> AbstractContextManager[Hold]:
        tables, provider = self.store.tables, self.provider
        match point:
            case Point.WRITE_WON:
                return tables.hold(confirms(known), Moment.AFTER)
            case Point.CLAIMED:
                return provider.hold(sends_to(known.contacts["email"]), Moment.BEFORE)
            case Point.ACCEPTED:
                return provider.hold(sends_to(known.contacts["email"]), Moment.AFTER)
            case Point.RESERVED:
                return tables.hold(sets_password(known), Moment.BEFORE)
            case Point.SET:
                return tables.hold(sets_password(known), Moment.AFTER)


def new_address(known: Known) -> str:
    """Return the address that the person without contacts registers."""
    return f"{known.identifier}@mail.example"
