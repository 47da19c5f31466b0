"""Read the answers to security questions: fold them, and refuse what is easy to guess (M5).

People who know the answer type it in another way a year later: `Saint-Malo`, `saint malo`, `SAINT MALO.`, `Étretat`
without its accent. So answers are compared, and hashed, in a folded form:

1. what nobody sees is removed, and dashes, quotes and digits become the ordinary ones (`typed_text.py`);
2. compatibility forms are replaced and letters are split from their accents (NFKD, Unicode Standard Annex 15), the
   accents of Latin, Greek and Cyrillic letters are removed, and case is folded. Letters that do not split, such as œ
   and ø, become what people type instead;
3. blanks, punctuation and control characters are removed, within the answer too.

What is left are letters, digits, symbols and the marks of other scripts. Folding again changes nothing.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from shared.domain.errors import InvalidInput
from shared.validation.json_body import parse_object
from shared.validation.typed_text import cleaned

LEAST: Final = 3
"""Characters of a folded answer (Microsoft Entra, "Authentication methods - security questions")."""
LONGEST: Final = 100
"""Characters of an answer as it is typed. Entra has 40, which whole titles of books and films do not fit."""

_INSTEAD: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n"}  # noqa: RUF001  the letter is meant
)
_ACCENTS: Final = range(0x300, 0x370)
"""The block Combining Diacritical Marks. Marks of other scripts are part of a letter, such as vowels in Devanagari."""

_COMMON: Final = frozenset((
    "123", "1234", "12345", "123456", "abc", "azerty", "qwerty", "qwertz", "test", "password", "motdepasse", "secret",
    "none", "nothing", "unknown", "idontknow", "dontknow", "dontremember", "notapplicable", "yes",
    "aucun", "aucune", "rien", "inconnu", "jenesaispas", "jesaispas", "nesaispas", "oui", "non",
))  # fmt: skip
"""What people type who do not want to answer, folded."""


def folded(text: str) -> str:
    """Return the form in which answers are compared."""
    return _once(_once(text))  # removing accents and folding case can make letters that fold once more


def _once(text: str) -> str:
    split = unicodedata.normalize("NFKD", cleaned(text).casefold())
    bare = "".join(character for character in split if ord(character) not in _ACCENTS)
    composed = unicodedata.normalize("NFKC", bare).casefold().translate(_INSTEAD)
    return "".join(character for character in composed if not _separates(character))


def _separates(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "PZ" or category in ("Cc", "Cf", "Sk")


def answers_in(text: str, questions: Collection[str]) -> dict[str, str]:
    """Return the folded answers by the id of their question, from a JSON object.

    Raises InvalidInput, with the place of the first answer that cannot be one, such as `answer.first_book`. It depends
    on the text and on the questions of the policy only (rule 19).
    """
    try:
        given = parse_object(text.encode(), "application/json", limit=len(text) * 4)
    except (InvalidInput, ValueError):
        raise InvalidInput("answer", "malformed") from None
    if not given or not given.keys() <= set(questions):
        raise InvalidInput("answer", "malformed")
    return {question: _answer(answer, place_of(question)) for question, answer in given.items()}


def place_of(question: str) -> str:
    """Return the field of the answer to that question."""
    return f"answer.{question}"


def refuse_guessable(answers: Mapping[str, str], texts: Mapping[str, Collection[str]], names: Iterable[str]) -> None:
    """Raise InvalidInput with the place of the first answer that is easy to guess.

    `texts`: what each question says, in every language. `names`: those of the account.
    """
    own = {part for name in names for part in _parts_of(name)}
    seen: set[str] = set()
    for question, answer in answers.items():
        place = place_of(question)
        if len(set(answer)) == 1:
            raise InvalidInput(place, "one_character")
        if answer in _COMMON:
            raise InvalidInput(place, "too_common")
        if answer in own:
            raise InvalidInput(place, "own_name")
        if any(_is_said_in(answer, text) for text in texts.get(question, ())):
            raise InvalidInput(place, "in_question")
        if answer in seen:
            raise InvalidInput(place, "same_answer")
        seen.add(answer)


def _answer(given: object, place: str) -> str:
    """Return one answer, folded."""
    if not isinstance(given, str):
        raise InvalidInput(place, "wrong_type")
    typed = cleaned(given)
    if any(unicodedata.category(character) == "Cc" for character in typed):
        raise InvalidInput(place, "unknown_characters")
    if len(typed) > LONGEST:
        raise InvalidInput(place, "too_long")
    answer = folded(typed)
    if len(answer) < LEAST:
        raise InvalidInput(place, "too_short")
    return answer


def _words(text: str) -> list[str]:
    return [word for part in re.split(r"[\W_]+", cleaned(text)) if (word := folded(part))]


def _parts_of(name: str) -> set[str]:
    """Return a name of an account, what stands before its @, and each word of that."""
    before = name.partition("@")[0]
    return {folded(name), folded(before), *_words(before)}


def _is_said_in(answer: str, question: str) -> bool:
    """Whether the answer is the question, a word of it, or several that stand together in it."""
    words = _words(question)
    return any(
        answer == "".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)
    )
