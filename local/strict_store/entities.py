"""What the table service refuses in one entity.

Source: Microsoft Learn, "Understanding the Table service data model". Strings and keys are counted as the page does, in
UTF-16: two bytes for each code unit.

Azurite itself refuses a property over 64 KiB. A merge is judged by what it brings, without what the row has.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from local.strict_store.errors import INVALID_INPUT, OUT_OF_RANGE_INPUT, ServiceError

KEY_BYTES: Final = 1024
ENTITY_BYTES: Final = 1024 * 1024
PROPERTIES: Final = 252
NAME_CHARACTERS: Final = 255
LENGTH_BYTES: Final = 4
"""What the length of a string or of bytes takes beside them."""
FIRST_YEAR: Final = "1601"

KEYS: Final = ("PartitionKey", "RowKey")
SYSTEM: Final = (*KEYS, "Timestamp")
TYPE: Final = "@odata.type"
TYPED_SIZES: Final = {
    "Edm.Boolean": 1,
    "Edm.Int32": 4,
    "Edm.Int64": 8,
    "Edm.Double": 8,
    "Edm.DateTime": 8,
    "Edm.Guid": 16,
}
UNTYPED_SIZES: Final = {bool: 1, int: 4, float: 8}
TYPES: Final = {*TYPED_SIZES, "Edm.String", "Edm.Binary", None}

# The page allows "%", but a key is part of a URL, and clients have decoded it twice: no key should have one.
FORBIDDEN_IN_KEYS: Final = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
NAME: Final = re.compile(r"[^\W\d]\w*")
"""A C# identifier, roughly. The dash is excluded since version 2009-04-14."""

KEY_OUT_OF_RANGE: Final = "The '{0}' parameter of value '{1}' is out of range."
IN_A_URL: Final = ServiceError(400, "InvalidInput", "Bad Request - Error in query syntax.")
PROPERTY_VALUE_TOO_LARGE: Final = ServiceError(
    400,
    "PropertyValueTooLarge",
    "The property value exceeds the maximum allowed size (64KB). If the property value is a string, it is UTF-16 "
    "encoded and the maximum number of characters should be 32K or less.",
)
ENTITY_TOO_LARGE: Final = ServiceError(
    400, "EntityTooLarge", "The entity is larger than the maximum allowed size (1MB)."
)
TOO_MANY_PROPERTIES: Final = ServiceError(
    400,
    "TooManyProperties",
    "The entity contains more properties than allowed. Each entity can include up to 252 properties to store data. "
    "Each entity also has 3 system properties.",
)
PROPERTY_NAME_TOO_LONG: Final = ServiceError(
    400, "PropertyNameTooLong", "The property name exceeds the maximum allowed length (255)."
)
PROPERTY_NAME_INVALID: Final = ServiceError(400, "PropertyNameInvalid", "The property name is invalid.")


def fault_of_url_keys(keys: Mapping[str, str]) -> ServiceError | None:
    """Return why the service refuses keys in the address of an entity."""
    for value in keys.values():
        if "/" in value or "\\" in value:
            return IN_A_URL
        if FORBIDDEN_IN_KEYS.search(value):
            return OUT_OF_RANGE_INPUT
        if _utf16(value) > KEY_BYTES:
            return PROPERTY_VALUE_TOO_LARGE
    return None


def fault_of_entity(entity: Mapping[str, Any]) -> ServiceError | None:
    """Return why the service refuses an entity, as it stands in the body of a write."""
    for name in KEYS:
        value = entity.get(name, "")
        if isinstance(value, str) and FORBIDDEN_IN_KEYS.search(value):
            return _out_of_range(name, value)
        if isinstance(value, str) and _utf16(value) > KEY_BYTES:
            return PROPERTY_VALUE_TOO_LARGE
    own = {name: value for name, value in entity.items() if "odata." not in name and name not in SYSTEM}
    if len(own) > PROPERTIES:
        return TOO_MANY_PROPERTIES
    size = LENGTH_BYTES + sum(_utf16(str(entity.get(name, ""))) for name in KEYS)
    for name, value in own.items():
        kind = entity.get(name + TYPE)
        if fault := _fault_of_property(name, value, kind):
            return fault
        size += 8 + _utf16(name) + _size(value, kind)
    return ENTITY_TOO_LARGE if size > ENTITY_BYTES else None


def _fault_of_property(name: str, value: Any, kind: str | None) -> ServiceError | None:
    if len(name) > NAME_CHARACTERS:
        return PROPERTY_NAME_TOO_LONG
    if not NAME.fullmatch(name):
        return PROPERTY_NAME_INVALID
    if kind not in TYPES:
        return INVALID_INPUT
    if kind == "Edm.DateTime" and str(value) < FIRST_YEAR:
        return _out_of_range(name, str(value))
    return None


def _size(value: Any, kind: str | None) -> int:
    """Return the bytes that a value takes ("How to calculate the Azure Table storage row size", Microsoft)."""
    if kind in TYPED_SIZES:
        return TYPED_SIZES[kind]
    if not isinstance(value, str):
        return UNTYPED_SIZES.get(type(value), 0)
    return LENGTH_BYTES + (len(value) * 3 // 4 - value.count("=") if kind == "Edm.Binary" else _utf16(value))


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass"))


def _out_of_range(name: str, value: str) -> ServiceError:
    return ServiceError(400, "OutOfRangeInput", KEY_OUT_OF_RANGE.format(name, value))
