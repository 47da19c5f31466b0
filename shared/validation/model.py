"""Turn plain data from outside into a typed value, or raise InvalidInput.

Types are not converted (`"1"` and `true` are not 1, A-31) and unknown fields are refused. The messages of pydantic may
quote a value and are never used; only the place and the kind of a fault are.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, Final, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.domain.errors import InvalidInput, Reason

M = TypeVar("M", bound=BaseModel)


class Request(BaseModel):
    """Base class of request bodies: exact fields, exact types, bounded lengths (R-80)."""

    # Built on first use, so that a cold start builds only the models that its first request needs.
    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True, extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True
    )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show no field: a request in a log must not reveal a password (R-101)."""
        return iter(())


class Answer(BaseModel):
    """Base class of answers. The values are trusted, so they are read from any object with the same names."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",
        frozen=True,
        defer_build=True,
        from_attributes=True,
        hide_input_in_errors=True,
        json_schema_serialization_defaults_required=True,
    )

    @classmethod
    def of(cls, value: object) -> Self:
        """Return the answer with the values of an object or a dict that has the same names."""
        return cls.model_validate(value)


class SparseAnswer(Answer):
    """Base class of answers that omit fields without a value."""

    model_config: ClassVar[ConfigDict] = ConfigDict(json_schema_serialization_defaults_required=False)


def into(model: type[M], data: object) -> M:
    """Read parsed JSON as `model`. Raises InvalidInput with the place of the first fault, such as `rows[3].email`.

    For an unknown key the place is the object that contains it, because the key itself is text of the caller.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _invalid_input(model, error) from None  # the error has the data


REASONS: Final[dict[str, Reason]] = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    **dict.fromkeys(
        ("enum", "literal_error", "greater_than", "greater_than_equal", "less_than", "less_than_equal"), "not_allowed"
    ),
}
"""Stable words for pydantic's kinds of faults. A kind that ends with `_type` is `wrong_type`, others `malformed`."""


def _invalid_input(model: type[BaseModel], error: ValidationError) -> InvalidInput:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    # A wrong value is more useful to report than a missing one.
    fault = next((fault for fault in faults if fault["type"] != "missing"), faults[0])
    kind, place = fault["type"], fault["loc"]
    reason = REASONS.get(kind, "wrong_type" if kind.endswith("_type") else "malformed")
    return InvalidInput(_path(model, place[:-1] if kind == "extra_forbidden" else place), reason)


def _path(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """Return the place, such as `rows[3].email`. A key of the caller, as in a mapping, becomes `[...]`."""
    known = _names(model)
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if part in known else "[...]"
    return path.removeprefix(".") or "body"


@cache
def _names(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of the fields of a model and of the models inside it."""
    inner = [found for field in model.model_fields.values() for found in _models(field.annotation)]
    return frozenset(model.model_fields).union(*(_names(found) for found in inner))


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models(argument)]
