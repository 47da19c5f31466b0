"""Recovery codes: a sheet of codes that is shown once, each of which is right once (NIST SP 800-63B-4 4.2.1.1).

A set has one salt, so that an answer costs one slow hash, which is compared with all that are stored. The first code of
the sheet confirms it: whoever types it has kept the sheet. It is used up by that like any other, and ten are left.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Final

from shared.domain.contact import masked_name
from shared.domain.objection import CODE_LETTERS
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy
from shared.methods.family import WRONG, Context, Enrolment, HashedSecretMethod, Verdict
from shared.validation.typed_code import typed_letters

CODES: Final = 10
DRAWN: Final = CODES + 1
"""With the one that confirms the sheet."""
GROUPS: Final = (4, 4, 4, 4)
"""Letters of each group. 16 letters of five bits are 80 bits; NIST asks for 64."""
BYTES: Final = sum(GROUPS) * 5 // 8
NOTHING: Final = "A" * 22
"""In the place of a code that is used up, and of all codes of a stranger: every answer is compared as often."""


class RecoveryCode(HashedSecretMethod):
    """Proves that the person kept the sheet. It depends on no device and no line, so it is a class of its own."""

    name = "recovery_code"
    evidence = EvidenceClass.PAPER

    def drawn(self, seed: bytes) -> tuple[str, ...]:
        stream = hashlib.shake_256(seed).digest(DRAWN * BYTES)
        return tuple(_letters(stream[start : start + BYTES]) for start in range(0, len(stream), BYTES))

    def begin_enrolment(
        self, seed: bytes, context: Context, *, account_name: str, others: Sequence[str] = ()
    ) -> Enrolment:
        del others
        codes = "\n".join(map(_grouped, self.drawn(seed)))
        # Masked, because the sheet lies about: it must say which account it is for, and help nobody who finds it.
        shown = {"codes": codes, "account": masked_name(account_name)}
        return Enrolment(shown=shown, kept=_stored(context.salt, context.hashes))

    def finish_enrolment(self, kept: str, answer: str, context: Context) -> str | None:
        return self.judge(kept, {}, answer, context).kept

    def exact(self, answer: str, policy: Policy) -> str:
        del policy
        return typed_letters(answer, GROUPS)

    def parts(self, answer: str) -> tuple[str, ...]:
        return (answer,)

    def judge(self, stored: str | None, challenge: Mapping[str, str], answer: str, context: Context) -> Verdict:
        """Compare with every place of the sheet, used up or not, so that time tells nothing (rule 9)."""
        del challenge, answer
        hashes = _hashes(stored)
        same = [hmac.compare_digest(one, context.hashes[0]) for one in (*hashes, *(NOTHING,) * DRAWN)[:DRAWN]]
        if stored is None or True not in same[: len(hashes)]:
            return WRONG
        unused = [one for one, is_it in zip(hashes, same, strict=False) if not is_it]
        return Verdict(kept=_stored(context.salt, unused))

    def left(self, stored: str) -> int:
        return len(_hashes(stored))


def _letters(drawn: bytes) -> str:
    """Return random bytes in Crockford's Base32, which has no letters that look like others."""
    number = int.from_bytes(drawn, "big")
    return "".join(CODE_LETTERS[number >> shift & 31] for shift in range(len(drawn) * 8 - 5, -1, -5))


def _grouped(code: str) -> str:
    return "-".join(code[start : start + GROUPS[0]] for start in range(0, len(code), GROUPS[0]))


def _stored(salt: str, hashes: Sequence[str]) -> str:
    return json.dumps({"salt": salt, "hashes": [*hashes]})


def _hashes(stored: str | None) -> list[str]:
    return list(json.loads(stored)["hashes"]) if stored is not None else []
