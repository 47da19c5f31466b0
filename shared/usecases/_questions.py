"""What security questions say, for the use-cases that show them or compare an answer with them."""

from functools import cache

from shared.domain.language import LANGUAGES
from shared.domain.policy import Policy
from shared.domain.security_questions import BUILT_IN, OwnQuestion
from shared.methods import Texts


def texts_of(policy: Policy) -> Texts:
    """Return the texts of every question of the policy, in every language."""
    return _texts(policy.own_questions)


@cache
def _texts(own: tuple[OwnQuestion, ...]) -> Texts:
    from shared.messages.catalogue import text  # noqa: PLC0415  cold start: few requests show one

    ours: Texts = {question: {of: text(of, "questions", question) for of in LANGUAGES} for question in BUILT_IN}
    theirs: Texts = {q.id: {of: q.texts.get(of) or next(iter(q.texts.values())) for of in LANGUAGES} for q in own}
    return {**theirs, **ours}
