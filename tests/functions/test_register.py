"""What a request to register a method may contain."""

import pytest
from pydantic import ValidationError

from functions.register import BeginRequest


@pytest.mark.parametrize("label", ["", "My phone", "Téléphone d'Émile", "\U0001f468\u200d\U0001f467", "x" * 40])
def test_a_label_in_any_script_is_accepted(label: str) -> None:
    """Emoji that are joined with the zero-width joiner too."""
    assert BeginRequest(label=label).label == label


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("a\nb", "a b"),
        ("a\u202eb", "ab"),
        ("a\u200bb", "ab"),
        ("\ufeff", ""),
        ("\U000e0067", ""),
        (" a\u00a0b ", "a b"),
    ],
)
def test_a_label_loses_what_hides_or_reverses_what_the_page_shows(label: str, shown: str) -> None:
    """It was pasted with the name."""
    assert BeginRequest(label=label).label == shown


@pytest.mark.parametrize("label", ["a\x00b", "a\x1bb", "x" * 41])
def test_a_label_with_control_characters_or_too_long_is_refused(label: str) -> None:
    """Each control character takes six characters in the row."""
    with pytest.raises(ValidationError):
        BeginRequest(label=label)
