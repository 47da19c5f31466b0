"""Count against limits: make the counter's key, refuse when a limit is reached, and record the refusal."""

import logging
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared.domain.errors import BotCheckRequired, Limited, Opens
from shared.domain.limits import (
    CAME_BACK,
    HOUR,
    Allowance,
    By,
    Limit,
    Rate,
    challenges_of_client,
    counts_about,
    wrong_answers_of_client,
    wrong_answers_of_everybody,
    wrong_names_of_client,
)
from shared.domain.person import Lane
from shared.domain.policy import Policy
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.rate_limiter import RateLimiter
from shared.ports.shared_tally import SharedTally
from shared.ports.store import StoreLost
from shared.validation.client_address import declared_network

_LOG: Final = logging.getLogger("sesame.alarm")

SHORT = 8
"""Characters of a digest that keep the clients of one counter apart: 40 bits, among some tens."""

MOST_REFUSALS = 100
"""Events of one kind of refusal in an hour on an instance, over all keys."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts against limits. The values to count by are keyword arguments named as in `By` (`client=`, `name=`)."""

    limiter: RateLimiter
    tally: SharedTally
    keyring: Keyring
    clock: Clock
    policy: Policy

    async def enforce(
        self, limit: Limit, trail: Trail, *, lanes: Collection[Lane] = (), client: str = "", **values: str
    ) -> Allowance:
        """Count one hit and return it, for `forgive`. If the limit is reached, record it and raise.

        Raises BotCheckRequired where a solved bot check opens more, otherwise Limited.
        """
        allowance = await self._hit(limit, lanes, {"client": client, **values})
        if allowance.allowed:
            return allowance
        self._record(trail, limit.name, client, self._key(limit, {"client": client, **values}))
        reserves = limit.reserves(self.policy)
        more = (Opens.KNOWN_CLIENT,) if Lane.KNOWN in reserves else ()
        if Lane.CHECKED in reserves and Lane.CHECKED not in lanes and not allowance.contended:
            raise BotCheckRequired(None, *more)
        raise Limited(allowance.retry_after, *more)

    async def allows(self, limit: Limit, *, lanes: Collection[Lane] = (), **values: str) -> bool:
        """Count one hit and return whether it was within the limit. For what is dropped silently."""
        return (await self._hit(limit, lanes, values)).allowed

    async def hit(self, limit: Limit, **values: str) -> Allowance:
        """Count one hit and return it, for `forgive`."""
        return await self._hit(limit, (), values)

    async def count_wrong(self, limit: Limit, *, client: str, **values: str) -> None:
        """Count a wrong answer, which no limit refuses: it closes later starts, and never an answer (rule 10).

        The client is counted too, and one that fails for many names (guesses spread over accounts) reaches its
        limit at the last of them.
        """
        given = {"client": client, **values}
        unlimited = [replace(rate, limit=sys.maxsize) for rate in self._resolved(limit.rates(self.policy), given)]
        counted = await self.limiter.hit(self._key(limit, given), unlimited)
        everybody = wrong_answers_of_everybody(self.policy)
        if not await self.tally.spend(self._of_all(everybody), everybody, counts=1, approximately=True):
            self._alarm("breaker", everybody)
        more = 1
        if counted.is_first_of_client:
            names = wrong_names_of_client(self.policy)
            within = await self.tally.spend(self._tally_key(names, client), names, counts=1, approximately=True)
            if not within:
                self._alarm("many_names", names)
            more = 1 if within else self._of_network(wrong_answers_of_client(self.policy), client).limit
        wrong = self._of_network(wrong_answers_of_client(self.policy), client)
        await self.tally.spend(self._tally_key(wrong, client), wrong, counts=more, approximately=True)

    async def enforce_challenges(self, trail: Trail, *, client: str) -> None:
        """Count a challenge of the client, approximately. Raises Limited."""
        rate = self._of_network(challenges_of_client(self.policy), client)
        if not await self.tally.spend(self._tally_key(rate, client), rate, counts=1, approximately=True):
            self._record(trail, "challenge.client", client, client)
            raise Limited(60)

    async def came_back(self) -> None:
        """Count a code from a text message that passed a gate, for the alarm on those that do not (A-25)."""
        await self.tally.spend(self._of_all(CAME_BACK), CAME_BACK, counts=1, approximately=True)

    async def is_under_attack(self) -> bool:
        """Whether the installation had so many wrong answers that everybody must solve the bot check."""
        rate = wrong_answers_of_everybody(self.policy)
        return not await self.tally.spend(self._of_all(rate), rate, counts=0, approximately=True)

    def record_refusal(self, trail: Trail, name: str, key: str, *, tag: Tag = Tag.LIMIT_REACHED, **facts: str) -> None:
        """Leave an audit event of the 1st, 10th, 100th... refusal of one kind and key in an hour, with the number.

        A stranger can repeat a refused call without end, from many addresses too; the events must not grow with it
        (R-100). After `MOST_REFUSALS` events of a kind in an hour, only the 1000th, 10 000th... of them is left.
        """
        count = self.tally.seen_here(self.keyring.digest("refused", name, key), Rate(1, HOUR))
        if not _is_power_of_ten(count):
            return
        of_all = self.tally.seen_here(self.keyring.digest("refused", name), Rate(1, HOUR))
        if of_all <= MOST_REFUSALS or _is_power_of_ten(of_all):
            cause = name if count == 1 else f"{name} {count}"
            trail.record(tag, self.clock.now(), cause=cause, **facts)

    async def suspects(self, client: str) -> bool:
        """Whether this client gave so many wrong answers that it must solve the bot check."""
        wrong = self._of_network(wrong_answers_of_client(self.policy), client)
        return not await self.tally.spend(self._tally_key(wrong, client), wrong, counts=0, approximately=True)

    def forgive(self, limit: Limit, hit: Allowance, **values: str) -> None:
        """Give this hit back, after a success for example."""
        if self._is_approximate(limit, values):
            self._give_back(limit, hit.counted, values["client"], hit.at)
        else:
            self.limiter.forgive(self._key(limit, values), hit)

    @contextmanager
    def giving_back(self, limit: Limit, hit: Allowance, **values: str) -> Iterator[None]:
        """Give this hit back if the block raises StoreLost: what it was counted for did not happen."""
        try:
            yield
        except StoreLost:
            self.forgive(limit, hit, **values)
            raise

    async def forget(self, values: Mapping[By, Collection[str]]) -> None:
        """Delete every counter whose key derives from these values. Raises StoreLost."""
        for limit, chosen in counts_about(values):
            await self.limiter.forget(self._key(limit, {by.value: value for by, value in chosen.items()}))

    async def _hit(self, limit: Limit, lanes: Collection[Lane], values: Mapping[str, str]) -> Allowance:
        rates = [self._resolved(lane, values) for lane in limit.lanes(self.policy, lanes)]
        if self._is_approximate(limit, values):
            return await self._approximately(limit, rates, values["client"])
        return await self.limiter.hit(self._key(limit, values), *rates)

    async def _approximately(self, limit: Limit, lanes: Sequence[Sequence[Rate]], client: str) -> Allowance:
        """Count in parts: one row for a whole office would be written by every request of it (rule 15)."""
        now = self.clock.now()
        for rates in lanes:
            counted: list[Rate] = []
            for rate in (self._of_network(rate, client) for rate in rates):
                if not await self.tally.spend(self._part(limit, rate, client), rate, counts=1, approximately=True):
                    self._give_back(limit, counted, client, now)
                    break
                counted.append(rate)
            else:
                return Allowance(allowed=True, counted=tuple(counted), at=now)
        return Allowance(allowed=False, retry_after=60)

    def _give_back(self, limit: Limit, counted: Sequence[Rate], client: str, at: datetime | None) -> None:
        for rate in counted:
            if at is not None:
                self.tally.give_back(self._part(limit, rate, client), rate, at)

    def _is_approximate(self, limit: Limit, values: Mapping[str, str]) -> bool:
        return limit.by == (By.CLIENT,) and bool(declared_network(values["client"], self.policy.networks))

    def _part(self, limit: Limit, rate: Rate, client: str) -> str:
        return f"{limit.name}.{self._tally_key(rate, client)}"

    def _record(self, trail: Trail, name: str, client: str, key: str) -> None:
        self.record_refusal(trail, name, key, client_key=self.keyring.client_key(client) if client else "")

    def _of_all(self, rate: Rate) -> str:
        return self.keyring.digest(f"tally.{rate.key}")

    def _alarm(self, name: str, rate: Rate) -> None:
        """Log one line per window and instance. An alert counts these lines."""
        if self.tally.seen_here(self.keyring.digest("alarm", name), rate) == 1:
            _LOG.warning("alarm %s: over %d in %d s", name, rate.limit, rate.period.total_seconds())

    def _of_network(self, rate: Rate, client: str) -> Rate:
        declared = declared_network(client, self.policy.networks)
        return replace(rate, limit=rate.limit * self.policy.network_factor) if declared else rate

    def _tally_key(self, rate: Rate, client: str) -> str:
        network = declared_network(client, self.policy.networks) or client
        return self.keyring.digest(f"tally.{rate.key}", network)

    def _resolved(self, rates: Sequence[Rate], values: Mapping[str, str]) -> list[Rate]:
        """Return the rates with the short digest of what each is counted for, wider in a declared network."""
        return [
            rate
            if rate.each is None
            else replace(self._of_network(rate, values[rate.each]), of=f"{rate.of}-{self._short(values[rate.each])}")
            for rate in rates
        ]

    def _short(self, value: str) -> str:
        return self.keyring.digest("each", value)[:SHORT]

    def _key(self, limit: Limit, values: Mapping[str, str]) -> str:
        return self.keyring.digest(limit.name, *(values[by] for by in limit.by))


def _is_power_of_ten(count: int) -> bool:
    return str(count).rstrip("0") == "1"
