"""From parsed JSON to a typed value: the places and the stable words of a refusal."""

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from shared.domain.errors import InvalidInput
from shared.validation.fields import Identifier, Password
from shared.validation.model import Request, into


class Row(Request):
    """A row as in prefill."""

    email: Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]+$")]
    channel: Literal["sms", "voice"] | None = None
    tries: Annotated[int, Field(ge=1, le=5)] | None = None
    note: Annotated[str, Field(max_length=3)] | None = None
    labels: dict[str, int] | None = None
    flag: bool = False


class Rows(Request):
    """A request with rows."""

    rows: Annotated[list[Row], Field(min_length=1, max_length=2)]


class Named(Request):
    """A request with a name and a password."""

    identifier: Identifier
    password: Password


def one_row(**fields: object) -> dict[str, object]:
    """Return a request with one row that has these fields and a valid address."""
    return {"rows": [{"email": "abc", **fields}]}


def test_valid_data_becomes_a_value() -> None:
    """Fields of the right types are read."""
    assert into(Rows, one_row(channel="sms", tries=1)) == Rows(rows=[Row(email="abc", channel="sms", tries=1)])


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        ({}, "rows", "missing"),
        ({"rows": [{}]}, "rows[0].email", "missing"),
        ({"rows": [{"email": "abc"}, {"email": None}]}, "rows[1].email", "wrong_type"),
        ({"rows": {}}, "rows", "wrong_type"),
        ([], "body", "wrong_type"),
        ({"rows": []}, "rows", "too_short"),
        ({"rows": [{"email": "abc"}] * 3}, "rows", "too_long"),
        (one_row(email="abcdef"), "rows[0].email", "too_long"),
        (one_row(email="a"), "rows[0].email", "too_short"),
        (one_row(email="ABC"), "rows[0].email", "malformed"),
        (one_row(email=1), "rows[0].email", "wrong_type"),
        (one_row(email=["abc"]), "rows[0].email", "wrong_type"),
        (one_row(email={"$gt": ""}), "rows[0].email", "wrong_type"),
        (one_row(note="long"), "rows[0].note", "too_long"),
        (one_row(channel="fax"), "rows[0].channel", "not_allowed"),
        (one_row(tries=0), "rows[0].tries", "not_allowed"),
        (one_row(tries=6), "rows[0].tries", "not_allowed"),
        (one_row(tries=10**19), "rows[0].tries", "not_allowed"),
        (one_row(tries=True), "rows[0].tries", "wrong_type"),
        (one_row(tries="1"), "rows[0].tries", "wrong_type"),
        (one_row(tries=1.5), "rows[0].tries", "wrong_type"),
        (one_row(flag=1), "rows[0].flag", "wrong_type"),
        (one_row(labels={"x": "y"}), "rows[0].labels[...]", "wrong_type"),
        (one_row(to="victim"), "rows[0]", "unknown"),
        ({"rows": [{"email": "abc"}], "user": "x"}, "body", "unknown"),
        ({"rows": [{"email": 1}, {"channel": "sms"}]}, "rows[0].email", "wrong_type"),
        ({"rows": [{"channel": "sms"}, {"email": 1}]}, "rows[1].email", "wrong_type"),
    ],
)
def test_a_refusal_names_the_place_and_a_stable_word(data: object, field: str, reason: str) -> None:
    """The caller learns where and why. Types are not converted, and `true` is not 1 (A-31)."""
    with pytest.raises(InvalidInput) as refused:
        into(Rows, data)
    assert (refused.value.field, refused.value.reason) == (field, reason)


@pytest.mark.parametrize("field", ["channel", "note", "email", "tries"])
@given(value=st.text(min_size=4))
def test_an_error_of_a_request_contains_no_value(field: str, value: str) -> None:
    """A password in the wrong field must not appear in an answer or a log. The messages of pydantic quote values."""
    with pytest.raises(InvalidInput) as refused:
        into(Rows, one_row(**{field: f"s3cret-{value}"}))
    assert "s3cret" not in f"{refused.value!r} {refused.value} {refused.value.__cause__!r}"


def test_an_error_contains_no_key_of_the_caller() -> None:
    """A key in a mapping may be a mistyped password. Only names of fields appear in an answer."""
    with pytest.raises(InvalidInput) as refused:
        into(Rows, one_row(labels={"s3cret": "y"}))
    assert "s3cret" not in f"{refused.value!r}"


@pytest.mark.parametrize(
    ("identifier", "reason"),
    [("", "too_short"), (" \u3000", "too_short"), ("n" * 321, "too_long"), ("\u00e9" * 161, "too_long")],
)
def test_a_name_is_checked_in_its_canonical_form(identifier: str, reason: str) -> None:
    """By bytes and without outer blanks. The accepted value is canonical."""
    with pytest.raises(InvalidInput) as refused:
        into(Named, {"identifier": identifier, "password": "x"})
    assert (refused.value.field, refused.value.reason) == ("identifier", reason)
    assert into(Named, {"identifier": " Ada ", "password": "x"}).identifier == "ada"


def test_the_repr_of_a_request_shows_no_field() -> None:
    """Neither as text nor in the message of an error that contains it (R-101)."""
    made = into(Named, {"identifier": "ada", "password": "s3cret"})
    assert "s3cret" not in f"{made!r} {made}"
