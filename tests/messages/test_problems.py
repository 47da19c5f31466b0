"""Texts of problem documents, and the choice of their language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import errors
from shared.messages.problems import language_from, problem_text
from shared.messages.words import LANGUAGES
from tests.cost import least_seconds

CODES = sorted(
    {value.code for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.SesameError)}
)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_text_in_every_language(code: str) -> None:
    """A refusal without an explanation is a call to the helpdesk (M15)."""
    texts = [problem_text(code, language) for language in LANGUAGES]
    assert all(title and detail.endswith(".") for title, detail in texts)
    assert len(set(texts)) == len(LANGUAGES)
    if code != "internal":
        assert texts[0] != problem_text("internal", "en")


def test_every_text_is_its_own() -> None:
    """No two codes read the same."""
    for language in LANGUAGES:
        assert len({problem_text(code, language) for code in CODES}) == len(CODES) >= 12


def test_an_unknown_code_reads_as_internal() -> None:
    """Whatever happens, there is something to say."""
    assert problem_text("no_such_code", "fr") == problem_text("internal", "fr")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("FR-ca", "fr"),
        ("fr-Latn-CA, en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de, fr;q=0.7, en;q=0.3", "fr"),
        ("en;q=0.5, fr ; q=0.9", "fr"),
        ("en;q=0.5,fr;q=0.5", "en"),
        ("fr;q=0", "en"),
        ("fr;q=0.000", "en"),
        ("*", "en"),
        ("de-DE", "en"),
        ("fr;q=high", "en"),
        ("fr;q=nan", "en"),
        ("fr;q=\uff11", "en"),
        ("fr;q=9", "en"),
        ("french", "en"),
        (";;;,,,q=1,fr;;q=1", "en"),
        ("fr\r\nX-Header: 1", "en"),
        ("garbage \x00\ud800, fr", "fr"),
    ],
)
def test_the_header_chooses_the_language(header: str | None, language: str) -> None:
    """Weights count, unreadable parts do not, and English is what remains."""
    assert language_from(header) == language


def test_a_long_header_costs_nothing() -> None:
    """Only the first characters are read."""
    header = "de;q=0.1," * 1_000_000 + "fr"
    assert language_from(header) == "en"
    assert least_seconds(lambda: language_from(header)) < 0.05


@given(st.text(max_size=300))
def test_every_header_gives_a_language(header: str) -> None:
    """Nothing that a browser or an attacker sends raises."""
    assert language_from(header) in LANGUAGES
