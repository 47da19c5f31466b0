"""The cells of a batch: each is read alone, whatever the others are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.validation.cells import Columns, language_of, read_batch
from shared.validation.columns import OWN_NAMES

COLUMNS = Columns(names={**OWN_NAMES, "email": "email\nmail", "mobile_phone": "mobilephone"}, numbers=("mobile_phone",))
cells = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("+33639981234", "+33639981234"), (" \ufeff+33\u00a0639981234\t", "+33 639981234"),
        (33639981234, "33639981234"),
        (33639981234.0, "33639981234"), ("3,3639981234E+10", "33639981234"), ("3.3639981234e10", "33639981234"),
        (0, "0"), ("", None), ("   ", None), ("\u200b\u202f", None), (None, None),
    ],
)  # fmt: skip
def test_a_cell_is_text_or_a_number_and_a_blank_one_is_absent(cell: object, text: str | None) -> None:
    """As JSON, a spreadsheet or a program with missing values writes it."""
    (row,) = read_batch([{"mobile_phone": cell, "email": "a@mail.example"}], COLUMNS).rows
    assert (row.texts.get("mobile_phone"), row.faults) == (text, {})
    assert row.texts["email"] == "a@mail.example"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (True, "wrong_type"), ([], "wrong_type"), ({"a": 1}, "wrong_type"), (1.5, "wrong_type"), (-33, "wrong_type"),
        (float("inf"), "wrong_type"), (float("nan"), "wrong_type"), (3.36e10, "rounded"), ("3.36E+10", "rounded"),
        ("3,36399812E+10", "rounded"), ("x" * 321, "too_long"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_costs_no_other_cell(cell: object, reason: str) -> None:
    """It says why."""
    batch = read_batch([{"mobile_phone": cell, "email": "a@mail.example"}, {"email": "b@mail.example"}], COLUMNS)
    assert [row.texts for row in batch.rows] == [{"email": "a@mail.example"}, {"email": "b@mail.example"}]
    assert [row.faults for row in batch.rows] == [{"mobile_phone": reason}, {}]


def test_an_unknown_column_is_named_once() -> None:
    """However many rows have it. Capitals, blanks and hyphens in a name make no difference."""
    rows: list[Any] = [{"Identifier": "ada", "Mobile Phone": 1, "Téléphone": 2, "x" * 99: 3} for _ in range(3)]
    batch = read_batch([*rows, {"\ufeffidentifier": "bob", "E-mail": ""}, 17, None, "text"], COLUMNS)
    assert batch.unknown_columns == ("Téléphone", "x" * 64)
    assert [row.texts for row in batch.rows[:4]] == [{"identifier": "ada", "mobile_phone": "1"}] * 3 + [
        {"identifier": "bob"}
    ]
    assert [row.code for row in batch.rows] == [""] * 4 + ["not_a_row"] * 3


def test_two_columns_of_one_name_are_refused_where_both_have_something() -> None:
    """Neither is taken. A blank one does not count."""
    batch = read_batch(
        [{"email": "a@b.example", "Email": "c@d.example"}, {"email": "", "EMAIL": "a@b.example"}], COLUMNS
    )
    assert [(row.texts, row.faults) for row in batch.rows] == [
        ({}, {"email": "duplicate"}), ({"email": "a@b.example"}, {}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "language"),
    [("fr", "fr"), ("fr-CA", "fr"), ("FR_fr", "fr"), ("EN", "en"), ("en-Latn-GB", "en"), ("fra", "fr"),
     ("fr_FR.UTF-8", "fr"), ("de", None), ("tlh", None), ("french", None), ("f", None), ("", None), ("fr;q=1", None)],
)  # fmt: skip
def test_a_language_tag_may_have_a_region_and_capitals(tag: str, language: str | None) -> None:
    """Only a language that messages have is taken."""
    if language is None:
        with pytest.raises(InvalidInput, match="language: not_offered"):
            language_of(tag, ("en", "fr"))
    else:
        assert language_of(tag, ("en", "fr")) == language


@given(st.lists(st.dictionaries(st.sampled_from([*COLUMNS.names, "Email", "zz"]), cells) | cells, max_size=4))
def test_every_batch_is_read(rows: list[object]) -> None:
    """Whatever it has in it: one row for each, with text in its cells."""
    batch = read_batch(rows, COLUMNS)
    assert len(batch.rows) == len(rows)
    for row in batch.rows:
        assert not row.texts.keys() & row.faults.keys()
        assert all(0 < len(text) <= 320 for text in row.texts.values())
