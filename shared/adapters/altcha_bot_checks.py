"""BotChecks by the ALTCHA protocol, version 2, with Argon2id (altcha.org).

The service draws a number, derives a key from it with Argon2id and gives away the first half of the key. The client
tries the numbers in order until its key begins with that half, and returns the whole key. The most that a client
computes is known, so that the page can show its progress; the work is checked with an HMAC, without a hash.
"""

import asyncio
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from shared.domain.errors import TryAgain
from shared.domain.policy import Policy

LIFE: Final = timedelta(minutes=10)
"""Time to solve one. The slowest phone that is supported needs 10 s (rule 25)."""

AT_ONCE: Final = 2
WAITING: Final = 32
LONGEST: Final = 2048
"""Characters of a solution. Ours have about 900; a longer one is not parsed (A-29)."""


@dataclass(slots=True)
class AltchaBotChecks:
    """Every hash costs the client as much as the service: `bot_check_memory_kib` and one pass."""

    policy: Policy
    _pool: ThreadPoolExecutor = field(init=False)
    _busy: int = 0

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bot-check")

    async def challenge(self, secret: str, now: datetime) -> Mapping[str, Any]:
        if self._busy >= WAITING:
            raise TryAgain
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._make, secret, now)
        finally:
            self._busy -= 1

    def solved(self, solution: str, secret: str, now: datetime) -> str | None:
        from altcha import Payload, verify_solution

        if len(solution) > LONGEST:
            return None
        try:
            payload = Payload.from_base64(solution)
            if not verify_solution(payload, secret, hmac_key_secret=secret).verified:
                return None
            parameters = payload.challenge.parameters
            if now.timestamp() >= (parameters.data or {})["until"]:
                return None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # not of the form of a solution
            return None
        return str(parameters.nonce)

    def _make(self, secret: str, now: datetime) -> Mapping[str, Any]:
        from altcha import create_challenge

        most = self.policy.bot_check_tries
        made = create_challenge(
            "ARGON2ID",
            1,
            counter=secrets.randbelow(most),
            memory_cost=self.policy.bot_check_memory_kib,
            parallelism=1,
            # Not as `expires_at`: the library compares that with a clock of its own.
            data={"tries": most, "until": int((now + LIFE).timestamp())},
            hmac_secret=secret,
            hmac_key_secret=secret,
        )
        challenge: Mapping[str, Any] = made.to_dict()
        return challenge
