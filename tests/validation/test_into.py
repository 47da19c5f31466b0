"""From parsed JSON to a typed value: the places and the stable words of a refusal."""

import enum
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.validation.json_body import into


class Channel(enum.Enum):
    """Two ways to send."""

    SMS = "sms"
    VOICE = "voice"


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A row as prefill has them."""

    email: Annotated[str, msgspec.Meta(min_length=2, max_length=5, pattern="^[a-z]+$")]
    channel: Channel | None = None
    tries: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=3)] | None = None
    labels: dict[str, int] = {}
    flag: bool = False


class Rows(msgspec.Struct, forbid_unknown_fields=True):
    """A request with rows in it."""

    rows: Annotated[list[Row], msgspec.Meta(min_length=1, max_length=2)]


def one_row(**fields: object) -> dict[str, object]:
    """Return a request whose one row has these fields beside a good address."""
    return {"rows": [{"email": "abc", **fields}]}


def test_good_data_becomes_a_value() -> None:
    """Types that match convert."""
    assert into(Rows, one_row(channel="sms", tries=1)) == Rows([Row("abc", Channel.SMS, 1)])


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
    ],
)
def test_a_refusal_names_the_place_and_a_stable_word(data: object, field: str, reason: str) -> None:
    """The caller learns where and why; nothing is coerced, and `true` is not 1 (A-31)."""
    with pytest.raises(InvalidInput) as refused:
        into(Rows, data)
    assert (refused.value.field, refused.value.reason) == (field, reason)


@given(st.text(min_size=4))
def test_no_value_stands_in_an_error(value: str) -> None:
    """A password typed into the wrong place must not reach an answer or a log; msgspec itself quotes enum values."""
    secret = f"s3cret-{value}"
    for data in (one_row(channel=secret), one_row(note=secret), one_row(email=secret), one_row(tries=secret)):
        with pytest.raises(InvalidInput) as refused:
            into(Rows, data)
        assert "s3cret" not in f"{refused.value!r} {refused.value} {refused.value.__cause__!r}"


def test_a_value_cannot_forge_a_place() -> None:
    """A value that imitates the end of msgspec's message does not move the place."""
    with pytest.raises(InvalidInput) as refused:
        into(Rows, one_row(channel="x' - at `$.password`"))
    assert refused.value.field == "rows[0].channel"


def test_the_order_of_reasons_is_not_fooled_by_values() -> None:
    """A value that contains one of msgspec's phrases gets the reason of its own fault."""
    with pytest.raises(InvalidInput) as refused:
        into(Rows, one_row(channel="Object contains unknown field"))
    assert refused.value.reason == "not_allowed"
