"""Answers to security questions: one form for every way of typing them, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.domain.language import LANGUAGES
from shared.domain.security_questions import BUILT_IN
from shared.messages.catalogue import catalogue
from shared.settings import policy_from
from shared.validation.security_answers import answers_in, folded, refuse_guessable

QUESTIONS = ("first_book", "first_film")
TEXTS = {"first_book": ["Which book did you first read?", "Quel est le premier livre que vous avez lu ?"]}
NAMES = ("ada.lovelace@corp.example", "lovelace42")


@pytest.mark.parametrize(
    "ways",
    [
        ["Saint-Malo", "saint malo", "  SAINT\u00a0MALO. ", "Saint\u2011Malo", "saint\u200bmalo", "SaintMalo"],
        ["Étretat", "etretat", "E\u0301TRETAT", "étretat!"],
        ["l\u2019Œuvre au noir", "L'oeuvre au noir", "l`Œuvre, au noir"],
        ["Straße", "STRASSE", "straẞe"],
        ["Ёлка", "елка"],
        ["İstanbul", "istanbul", "ISTANBUL"],
        ["1984", "\uff11\uff19\uff18\uff14", "١٩٨٤"],
        ["ﬁlm", "film", "\uff46\uff49lm"],
        ["Łódź", "lodz"],
    ],
    ids=lambda ways: ways[0],
)
def test_the_ways_of_typing_an_answer_have_one_form(ways: list[str]) -> None:
    """Case, accents, ligatures, blanks, punctuation and what nobody sees are folded. Words and symbols are not."""
    assert len({folded(way) for way in ways}) == 1
    assert folded("C++") != folded("C")
    assert folded("हिन्दी") != folded("हनद")


@given(st.text(max_size=30))
def test_folding_again_changes_nothing(text: str) -> None:
    """What is hashed is what will be compared."""
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("answers", "place", "reason"),
    [
        pytest.param('{"first_book": "a book"', "answer", "malformed", id="no JSON"),
        pytest.param('["a book"]', "answer", "malformed", id="a list"),
        pytest.param("{}", "answer", "malformed", id="nothing"),
        pytest.param('{"first_book": "emma", "first_book": "dune"}', "answer", "malformed", id="one question twice"),
        pytest.param({"mothers_maiden_name": "turing"}, "answer", "malformed", id="a question that there is not"),
        pytest.param({"first_book": 1984}, "answer.first_book", "wrong_type", id="a number"),
        pytest.param({"first_book": "ok"}, "answer.first_book", "too_short", id="two characters"),
        pytest.param({"first_book": "o - k."}, "answer.first_book", "too_short", id="two and punctuation"),
        pytest.param({"first_book": "emma", "first_film": " "}, "answer.first_film", "too_short", id="a blank"),
        pytest.param({"first_book": "x" * 101}, "answer.first_book", "too_long", id="101 characters"),
        pytest.param({"first_book": "em\0ma"}, "answer.first_book", "unknown_characters", id="a control character"),
        pytest.param({"first_book": "zzz"}, "answer.first_book", "one_character", id="one character"),
        pytest.param({"first_book": "Je ne sais pas"}, "answer.first_book", "too_common", id="no answer"),
        pytest.param({"first_book": "Lovelace"}, "answer.first_book", "own_name", id="a part of the name"),
        pytest.param({"first_book": "ADA LOVELACE"}, "answer.first_book", "own_name", id="the name"),
        pytest.param({"first_book": "lovelace-42"}, "answer.first_book", "own_name", id="another name"),
        pytest.param({"first_book": "ada.lovelace@corp.example"}, "answer.first_book", "own_name", id="the address"),
        pytest.param({"first_book": "Livre"}, "answer.first_book", "in_question", id="a word of the question"),
        pytest.param({"first_book": "premier livre"}, "answer.first_book", "in_question", id="two words of it"),
        pytest.param({"first_book": TEXTS["first_book"][0]}, "answer.first_book", "in_question", id="the question"),
        pytest.param({"first_book": "émma", "first_film": "Emma"}, "answer.first_film", "same_answer", id="the same"),
    ],
)
def test_an_answer_is_refused_with_its_place_and_a_reason(answers: Any, place: str, reason: str) -> None:
    """The first one that is wrong. The place names the question and never what was typed."""
    text = answers if isinstance(answers, str) else json.dumps(answers)
    with pytest.raises(InvalidInput) as refused:
        refuse_guessable(answers_in(text, QUESTIONS), TEXTS, NAMES)
    assert (refused.value.field, refused.value.reason) == (place, reason)


@pytest.mark.parametrize("answer", ["abd", "Adam", "x" * 99 + "y", "livre rouge", "東京都", "Dune 🏜️"])
def test_other_answers_are_taken(answer: str) -> None:
    """Also one that has a word of the question or a part of a name in it."""
    refuse_guessable(answers_in(json.dumps({"first_book": answer}), QUESTIONS), TEXTS, NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_a_text_of_its_own(language: str) -> None:
    """In each language. Two that say the same would need one answer twice."""
    texts = catalogue(next(one for one in LANGUAGES if one == language))["questions"]
    assert tuple(texts) == BUILT_IN
    assert len({folded(text) for text in texts.values()}) == len(BUILT_IN) == 20


WHERE = {"en": "Where was your first desk?", "fr": "Où était votre premier bureau ?"}


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        pytest.param(["a question"], "must be an object", id="a list"),
        pytest.param({f"q{n}": {"en": f"Question {n}?"} for n in range(21)}, "at most 20", id="21 questions"),
        pytest.param({"First Desk": WHERE}, "is not a name", id="a name with a blank"),
        pytest.param({"q" * 25: WHERE}, "is not a name", id="a long name"),
        pytest.param({"desk": {}}, "must have a text", id="no text"),
        pytest.param({"desk": {"xx": "Where?"}}, "must have a text", id="another language"),
        pytest.param({"desk": {"en": "?!"}}, "3 to 200", id="too short"),
        pytest.param({"desk": {"en": "w" * 201}}, "3 to 200", id="too long"),
        pytest.param({"desk": {"en": 3}}, "3 to 200", id="a number"),
        pytest.param({"desk": {"en": "Where\nwas it?"}}, "not plain", id="a line break"),
        pytest.param({"desk": {"en": "Where \u202ewas it?"}}, "not plain", id="a turned direction"),
        pytest.param({"desk": {"en": "Where  was it?"}}, "not plain", id="two blanks"),
        pytest.param({"desk": {"en": "???"}}, "not plain", id="punctuation only"),
        pytest.param({"desk": WHERE, "place": {"fr": "Où était votre premier bureau?"}}, "the same", id="twice"),
    ],
)
def test_a_question_of_the_organisation_is_refused(own: Any, fault: str) -> None:
    """The message names the question by its name, and quotes no text."""
    _, faults = policy_from({"own_questions": own})
    assert any(found.startswith("own_questions: ") and fault in found for found in faults)


def test_the_questions_of_the_organisation_come_first() -> None:
    """With an id that none of ours will ever have."""
    policy, faults = policy_from({"own_questions": {"desk": WHERE}})
    assert faults == []
    assert policy.questions == ("own_desk", *BUILT_IN)
