"""Texts of error responses, and the choice of their language."""

import ast
from ast import literal_eval
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions._contract import codes, kinds
from functions._http import status_of
from shared.domain import errors
from shared.domain.language import LANGUAGES, Language
from shared.messages.catalogue import catalogue
from shared.messages.problems import language_from, problem_explanation, problem_text
from tests.architecture.tree import DEPLOYED, ROOT, parsed, python_files
from tests.cost import least_seconds


def raised() -> set[str]:
    """Return every stable code in the code itself: of each class that derives from SesameError, wherever it is."""
    classes = [
        node for path in python_files(*DEPLOYED) for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)
    ]
    known, before = {"SesameError"}, set[str]()
    while known != before:
        before = set(known)
        known |= {one.name for one in classes if known & {ast.unparse(base).split(".")[-1] for base in one.bases}}
    return {
        literal_eval(line.value)
        for one in classes
        if one.name in known
        for line in one.body
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code"
    }


CODES = sorted(raised())


@pytest.mark.parametrize("code", CODES)
def test_every_error_code_has_a_title_an_explanation_and_a_next_step_in_every_language(code: str) -> None:
    """People who do not understand an error call the helpdesk (M15)."""
    texts = [(*problem_text(code, language), problem_explanation(code, language)) for language in LANGUAGES]
    assert all(title and detail.endswith(".") and why.endswith(".") for title, detail, why in texts)
    assert all(len(set(one)) == 3 for one in texts)
    assert len(set(texts)) == len(LANGUAGES)
    if code != "internal":
        assert texts[0][:2] != problem_text("internal", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_which_a_text_is_refused_has_words_of_its_own(language: Language) -> None:
    """It says what is wrong, and an error response gives it as its detail. No text is left of a reason that is gone."""
    reasons = catalogue(language)["reasons"]
    assert reasons.keys() == {*get_args(errors.TextReason), *get_args(errors.ActRefusal)}
    assert len(set(reasons.values())) == len(reasons)
    assert problem_text("bad_input", language, "no_at") == (problem_text("bad_input", language)[0], reasons["no_at"])
    assert problem_text("bad_input", language, "wrong_type") == problem_text("bad_input", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_error_codes_have_the_same_text(language: Language) -> None:
    """Otherwise people could not tell two errors apart. And no text is left of a code that is gone."""
    of_the_page = {"unreachable", "not_loaded", "not_signed_in", "no_tries_for_code"}
    assert catalogue(language)["problems"].keys() == {*CODES, *of_the_page}
    assert codes() == CODES
    assert len({problem_text(code, language) for code in CODES}) == len(CODES) >= 12


PAGE = ROOT / "docs" / "problems.md"


def row(code: str) -> str:
    """Return the entry of docs/problems.md for one code."""
    title, next_step = problem_text(code, "en")
    statuses = sorted({status_of(kind) for kind in kinds() if kind.code == code})
    shown = ", ".join(map(str, statuses)) or "on pages only"
    return f"| `{code}` | {shown} | {title} | {problem_explanation(code, 'en')} | {next_step} |"


def test_the_page_of_problems_has_every_code_as_the_catalogue_explains_it() -> None:
    """`python -m tests.messages.test_problems` prints the table, to paste after a change."""
    listed = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert listed == [row(code) for code in sorted(catalogue("en")["problems"])]


def test_an_unknown_error_code_has_the_text_of_internal() -> None:
    """Every error has a text."""
    assert problem_text("no_such_code", "fr") == problem_text("internal", "fr")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"), ("", "en"), ("fr", "fr"), ("FR-ca", "fr"), ("fr-Latn-CA, en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"), ("xx, fr;q=0.7, en;q=0.3", "fr"), ("en;q=0.5, fr ; q=0.9", "fr"),
        ("en;q=0.5,fr;q=0.5", "en"), ("fr;q=0", "en"), ("fr;q=0.000", "en"), ("*", "en"), ("xx-XX", "en"),
        ("fr;q=high", "en"), ("fr;q=nan", "en"), ("fr;q=\uff11", "en"), ("fr;q=9", "en"), ("french", "en"),
        (";;;,,,q=1,fr;;q=1", "en"), ("fr\r\nX-Header: 1", "en"), ("garbage \x00\ud800, fr", "fr"),
    ],
)  # fmt: skip
def test_the_accept_language_header_chooses_the_language(header: str | None, language: str) -> None:
    """Weights count, unreadable parts are ignored, and the default is English."""
    assert language_from(header) == language


def test_a_very_long_accept_language_header_costs_no_time() -> None:
    """Only the first characters are read."""
    header = "xx;q=0.1," * 1_000_000 + "fr"
    assert language_from(header) == "en"
    assert least_seconds(lambda: language_from(header)) < 0.05


@given(st.text(max_size=300))
def test_any_accept_language_header_gives_a_language(header: str) -> None:
    """No value that a browser or an attacker sends raises an exception."""
    assert language_from(header) in LANGUAGES


if __name__ == "__main__":
    print("| Code | Status | Title | Why | Next step |\n|---|---|---|---|---|")
    print("\n".join(row(code) for code in sorted(catalogue("en")["problems"])))
