"""The service's dataclasses as JSON and back: read exactly as written, or refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.person import Person
from shared.domain.session import Session
from shared.domain.trail import AuditEvent, CodeOrder, NoticeOrder, ReminderOrder, WakeOrder
from shared.domain.verification import ResetGrant, Verification
from shared.validation.records import decode, encode, from_plain

Key = NewType("Key", str)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: Key
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """One field of every kind."""

    colour: Colour
    count: int
    share: float
    flag: bool
    inner: Inner | None
    many: tuple[Inner, ...] = ()
    pair: tuple[float, int] = (0.0, 0)
    by_name: Mapping[str, Inner] = field(default_factory=dict)


NOON = "2026-11-27T12:00:00.000000Z"
GOOD: dict[str, Any] = {"colour": "red", "count": 1, "share": 0.5, "flag": True, "inner": {"name": "k", "at": NOON}}


@pytest.mark.parametrize(
    "kind", [AuditEvent, CodeOrder, NoticeOrder, Person, ReminderOrder, ResetGrant, Session, Verification, WakeOrder]
)
@given(data=st.data())
def test_every_stored_class_is_read_as_it_was_written(kind: type[Any], data: st.DataObject) -> None:
    """Every class in a row, a token or a queue, with values made from its annotations."""
    value = data.draw(st.from_type(kind))
    assert decode(kind, encode(value)) == value
    assert decode(kind, encode(value) + "   ") == value


st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(Mapping, lambda kind: st.dictionaries(st.text(), st.from_type(kind.__args__[1])))
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"])))


def test_every_kind_of_field_is_read_as_it_was_written() -> None:
    """Nested, optional, repeated and by name."""
    inner = Inner(name=Key("k"), at=datetime(2026, 11, 27, 12, tzinfo=UTC))
    value = Outer(
        colour=Colour.RED,
        count=1,
        share=0.5,
        flag=True,
        inner=inner,
        many=(inner,),
        pair=(1.5, 2),
        by_name={"a": inner},
    )
    assert decode(Outer, encode(value)) == value
    assert decode(Outer, json.dumps(GOOD)) == Outer(colour=Colour.RED, count=1, share=0.5, flag=True, inner=inner)


def test_a_time_is_written_in_utc_to_the_microsecond() -> None:
    """From any time zone. A time without a zone is refused."""
    there = datetime(2026, 11, 27, 14, tzinfo=timezone(timedelta(hours=2)))
    assert encode(there) == f'"{NOON}"'
    with pytest.raises(ValueError, match="zone"):
        encode(datetime(2026, 11, 27, 14))  # noqa: DTZ001  a time without a zone, on purpose


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_nan_and_infinities_are_not_written(value: float) -> None:
    """JSON does not have them, so other readers would refuse them."""
    with pytest.raises(ValueError, match="JSON"):
        encode({"share": value})


@pytest.mark.parametrize("value", [object(), {1}, b"bytes", Outer])
def test_a_value_without_a_json_form_is_not_written(value: object) -> None:
    """So a class that wraps a secret is not written as text by accident."""
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    "changed",
    [
        {"colour": "blue"}, {"colour": 7}, {"colour": ["red"]}, {"colour": None},
        {"count": True}, {"count": 1.0}, {"count": "1"}, {"count": None},
        {"share": 1}, {"share": "0.5"}, {"share": True},
        {"flag": 1}, {"flag": "true"}, {"flag": None},
        {"inner": {}}, {"inner": []}, {"inner": {"name": "k"}}, {"inner": {"name": 1, "at": NOON}},
        {"inner": {"name": "k", "at": NOON, "x": 1}},
        {"many": {}}, {"many": [None]}, {"many": "[]"},
        {"pair": [1.0]}, {"pair": [1.0, 2, 3]}, {"pair": [2, 1.0]}, {"pair": {}},
        {"by_name": []}, {"by_name": {"a": None}},
        {"unknown": 1},
    ],
)  # fmt: skip
def test_a_record_that_differs_from_its_class_is_refused(changed: dict[str, Any]) -> None:
    """Wrong types, numbers for booleans and the reverse, missing and unknown fields."""
    with pytest.raises(ValueError, match="not a value of ours"):
        from_plain(Outer, GOOD | changed)


@pytest.mark.parametrize("missing", GOOD)
def test_a_field_without_a_default_is_required(missing: str) -> None:
    """A field that was added later has a default, because older rows lack it."""
    with pytest.raises(ValueError, match="not a value of ours"):
        from_plain(Outer, {name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-27", "2026-11-27T12:00:00Z", "2026-11-27T12:00:00.000000", "2026-11-27T12:00:00.000000+00:00",
        "2026-11-27 12:00:00.000000Z", "2026-11-27T12:00:00.000000+02:00", "20261127T120000.000000Z", "soon", 0, None,
    ],
)  # fmt: skip
def test_a_time_is_read_in_one_form_only(at: object) -> None:
    """A form that two readers could read differently is refused."""
    with pytest.raises(ValueError, match="not a value of ours"):
        from_plain(Inner, {"name": "k", "at": at})


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[" * 200_000, '{"a":' * 200_000, '{"count": NaN}', '{"share": Infinity}', "9" * 5000, "null", "[]",
        '"x"',
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_text_that_is_not_json_is_refused(text: str) -> None:
    """Nesting that exhausts the stack and numbers that Python does not convert raise the same ValueError."""
    with pytest.raises(ValueError, match="of ours") as refused:
        decode(Outer, text)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "changed",
    [{"colour": "s3cret"}, {"count": "s3cret"}, {"s3cret": 1}, {"inner": {"name": "k", "at": "s3cret"}}],
    ids=["word", "number", "name", "time"],
)
def test_an_error_of_a_record_contains_no_value(changed: dict[str, Any]) -> None:
    """The error is logged, and the value may be a code in the wrong field (R-101)."""
    with pytest.raises(ValueError, match="of ours") as refused:
        from_plain(Outer, GOOD | changed)
    assert "s3cret" not in repr(refused.value)


def test_a_row_of_a_newer_version_can_be_read() -> None:
    """At every depth, because two versions run at the same time. Known fields are checked as strictly as ever."""
    newer = GOOD | {"later": 1, "inner": {**GOOD["inner"], "later": 2}}
    assert from_plain(Outer, newer, lenient=True) == from_plain(Outer, GOOD)
    with pytest.raises(ValueError, match="not a value of ours"):
        from_plain(Outer, newer | {"count": True}, lenient=True)
