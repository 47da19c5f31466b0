"""One row as a line of JSON, in the form of the service itself, so that other tools can read it.

Source: Microsoft Learn, "Payload format for Table service operations": a type that JSON does not have is in a second
property, `NAME@odata.type`. Times are written with microseconds, the finest that the service uses.
"""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from azure.data.tables import EdmType, EntityProperty

SUFFIX: Final = "@odata.type"

_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "Edm.Int64": lambda text: EntityProperty(int(text), EdmType.INT64),
    "Edm.Double": float,
    "Edm.DateTime": lambda text: datetime.fromisoformat(text).astimezone(UTC),
    "Edm.Guid": UUID,
    "Edm.Binary": lambda text: base64.b64decode(text, validate=True),
}


def line_of(entity: Mapping[str, Any]) -> str:
    """Return the row without its timestamp and ETag. Raises TypeError for a type that a table does not have."""
    written: dict[str, Any] = {}
    for name, value in entity.items():
        written[name], kind = _written(value)
        if kind:
            written[name + SUFFIX] = kind
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def entity_of(line: str) -> dict[str, Any]:
    """Return the row with the types of the SDK. Raises ValueError for a line that `line_of` did not write."""
    data = json.loads(line)
    if not isinstance(data, dict) or not all(type(data.get(key)) is str for key in ("PartitionKey", "RowKey")):
        raise ValueError("not a row")
    kinds = {name.removesuffix(SUFFIX): data[name] for name in data if name.endswith(SUFFIX)}
    if not kinds.keys() <= data.keys() or not set(kinds.values()) <= _READERS.keys():
        raise ValueError("a type that a row does not have")
    values = {name: value for name, value in data.items() if not name.endswith(SUFFIX)}
    return {name: _READERS[kinds[name]](value) if name in kinds else value for name, value in values.items()}


def _written(value: Any) -> tuple[Any, str]:
    match value:
        case EntityProperty(edm_type=EdmType.INT64):
            return str(value.value), "Edm.Int64"
        case bool() | str() | int():
            return value, ""
        case float():
            return repr(value), "Edm.Double"
        case datetime():
            return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z", "Edm.DateTime"
        case UUID():
            return str(value), "Edm.Guid"
        case bytes():
            return base64.b64encode(value).decode(), "Edm.Binary"
    raise TypeError(f"{type(value).__name__} is not a type of a row")
