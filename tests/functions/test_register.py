"""What a request to register a method may contain."""

import pytest
from pydantic import ValidationError

from functions.register import BeginRequest


@pytest.mark.parametrize("label", ["", "My phone", "Téléphone d'Émile", "\U0001f468\u200d\U0001f467", "x" * 40])
def test_a_label_in_any_script_is_accepted(label: str) -> None:
    """Emoji that are joined with the zero-width joiner too."""
    assert BeginRequest(label=label).label == label


@pytest.mark.parametrize(
    "label",
    ["a\nb", "a\x00b", "a\u202eb", "a\u200bb", "\ufeff", "\U000e0067", "x" * 41],
    ids=["line_break", "null", "right_to_left", "zero_width_space", "byte_order_mark", "tag", "too_long"],
)
def test_a_label_with_hidden_characters_is_refused(label: str) -> None:
    """They hide or reverse what the page shows."""
    with pytest.raises(ValidationError):
        BeginRequest(label=label)
