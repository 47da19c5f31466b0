"""An authenticator app as the person's phone has it."""

import base64
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30


class PhoneApp:
    """Computes the digits from the key alone, with the parameters of the key URI format."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._totp = TOTP(base64.b32decode(key), 6, SHA1(), STEP)
        self._used = 0

    def code(self) -> str:
        """Return digits that were not used yet: those of now, or else of the next step, which the service takes early.

        Nobody has to wait for them. A third code within one step would be refused, so a test must not ask for it.
        """
        now = self._now()
        self._used = max(self._used + 1, now)
        assert self._used <= now + 1, "the service takes digits one step early and no more"
        return self._at(self._used)

    def wrong(self) -> str:
        """Return six digits that the app shows at no time near now."""
        near = {self._at(self._now() + steps) for steps in range(-2, 4)}
        return next(digits for digits in (str(digit) * 6 for digit in range(1, 8)) if digits not in near)

    def _now(self) -> int:
        return int(time.time()) // STEP

    def _at(self, step: int) -> str:
        return self._totp.generate(step * STEP).decode()
