"""Security questions: answers that the person chose, each kept as a slow hash (M5).

They prove little: answers are forgotten, guessed and found out (NIST SP 800-63B-4 3.1.1.2 and OWASP ASVS 5.0 6.4.2 want
none). So no installation has them unless its policy says so, they count only behind a passed gate, and never for
accounts with a role (rule 14).

Which questions are asked depends on the salt of the set and on the number of right answers so far. So nobody gets
easier ones by starting again (OWASP Choosing and Using Security Questions Cheat Sheet), and nothing is written to ask.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from shared.domain.errors import InvalidInput
from shared.domain.policy import Policy
from shared.methods.family import WRONG, Context, Enrolment, KnownSecretMethod, Prompt, Texts, Verdict
from shared.validation.security_answers import answers_in, refuse_guessable

NOTHING: Final = "." * 22
"""As long as a hash, and never one."""


class SecurityQuestions(KnownSecretMethod):
    """Proves that somebody knows what the person answered."""

    name = "security_questions"

    def begin_enrolment(
        self, seed: bytes, context: Context, *, account_name: str, others: Sequence[str] = ()
    ) -> Enrolment:
        """Offer every question, in another order for each person: people take the first ones of a list."""
        del account_name, others
        questions = _drawn(seed.hex(), context.policy.questions)
        shown = {"questions": _said(questions, context.texts()), "count": str(context.policy.questions_registered)}
        return Enrolment(shown=shown, kept=json.dumps({"salt": context.salt}))

    def finish_enrolment(self, kept: str, answer: str, context: Context) -> str | None:
        given = json.loads(answer)
        if "draw" in json.loads(kept) or len(given) != context.policy.questions_registered:  # it has finished
            return None
        answers = dict(zip(given, context.hashes, strict=True))
        return json.dumps({"salt": context.salt, "draw": 0, "answers": answers})

    def exact(self, answer: str, policy: Policy) -> str:
        return _exact(answer, policy, policy.questions_asked)

    def exact_first(self, answer: str, policy: Policy) -> str:
        return _exact(answer, policy, policy.questions_registered)

    def parts(self, answer: str) -> tuple[str, ...]:
        """Return each answer with the id of its question: a hash of one is never right for another."""
        return tuple(f"{question}\0{given}" for question, given in json.loads(answer).items())

    def refuse_guessable(self, answer: str, texts: Texts, names: Sequence[str]) -> None:
        refuse_guessable(json.loads(answer), {question: said.values() for question, said in texts.items()}, names)

    def prompt(self, stored: str, context: Context) -> Prompt:
        kept = json.loads(stored)
        shown = {"questions": _said(_asked(kept, context.policy), context.texts())}
        return Prompt(shown=shown, pinned={"draw": str(kept["draw"])})

    def still_proves(self, stored: str, policy: Policy) -> bool:
        """Whether enough of the questions are left that the policy asks."""
        return len(_asked(json.loads(stored), policy)) == policy.questions_asked

    def wants_renewal(self, stored: str, policy: Policy) -> bool:
        """Whether the organisation has taken a question away. Its answer stays, and counts again if it comes back."""
        return not json.loads(stored)["answers"].keys() <= set(policy.questions)

    def judge(self, stored: str | None, challenge: Mapping[str, str], answer: str, context: Context) -> Verdict:
        """Accept the right answers to all questions of this draw, once. Which of them was wrong is told to nobody.

        Every answer is compared, also behind a wrong one, so that time does not tell it either.
        """
        kept = json.loads(stored) if stored is not None else _of_nobody(context.policy)
        given = json.loads(answer)
        right = [
            hmac.compare_digest(kept["answers"].get(question, NOTHING), hashed)
            for question, hashed in zip(given, context.hashes, strict=True)
        ]
        is_asked = set(given) == set(_asked(kept, context.policy))
        if stored is None or not is_asked or challenge.get("draw") != str(kept["draw"]) or not all(right):
            return WRONG
        return Verdict(kept=json.dumps(kept | {"draw": kept["draw"] + 1}))


def _exact(answer: str, policy: Policy, count: int) -> str:
    """Return the folded answers as JSON, in an order of their own. Raises InvalidInput for another number of them."""
    given = answers_in(answer, policy.questions)
    if len(given) != count:
        raise InvalidInput("answer", "missing" if len(given) < count else "too_many")
    return json.dumps(dict(sorted(given.items())), ensure_ascii=False)


def _of_nobody(policy: Policy) -> dict[str, Any]:
    """Return a set of the usual size in which every answer is wrong."""
    questions = policy.questions[: policy.questions_registered]
    return {"salt": "", "draw": 0, "answers": dict.fromkeys(questions, NOTHING)}


def _asked(kept: Mapping[str, Any], policy: Policy) -> list[str]:
    """Return the questions of this draw, of those that the policy still has."""
    left = [question for question in kept["answers"] if question in policy.questions]
    return _drawn(f"{kept['salt']} {kept['draw']}", left)[: policy.questions_asked]


def _drawn(by: str, questions: Iterable[str]) -> list[str]:
    """Return the questions in an order that this text alone decides."""
    return sorted(questions, key=lambda question: hmac.digest(by.encode(), question.encode(), hashlib.sha256))


def _said(questions: Sequence[str], texts: Texts) -> str:
    return json.dumps([{"id": question, "text": texts[question]} for question in questions], ensure_ascii=False)
