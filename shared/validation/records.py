"""Write the service's own dataclasses as JSON and read them back: rows, tokens and queue messages.

Reading is strict: exact types (`true` is not 1), no missing field and no unknown field. Only a row may have unknown
fields, because a newer version of the service may have added one. Everything else raises ValueError, whose message
never quotes a value (R-101). The reader of a class is made from its annotations on first use and cached.

    datetime            ISO 8601 in UTC with microseconds: 2026-11-27T18:30:00.000000Z, and no other form
    tuple, Mapping      array, object
    NewType, StrEnum    the JSON form of their base type
    X | None            X or null

Queue messages are padded to one size, so that the size does not tell for whom a message is (R-94).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from shared.domain.notices import MOST_RETURNS
from shared.domain.person import AttemptId, CodeId
from shared.domain.trail import AuditEvent, CodeOrder, Kind, NoticeOrder, Order, ReminderOrder, WakeOrder

T = TypeVar("T")
Reader = Callable[[Any], Any]

EVENT_BYTES: Final = 832
"""The size of a message for each of its events, with room for the longest values. A longer one raises, as a bug."""

MOST_EVENTS: Final = 40
"""Events of one message. In base64 it is far below the 64 KiB of a queue message, and its rows are below the 100 of one
transaction (Microsoft Learn, "Put Message" and "Performing entity group transactions").
"""

ORDER_BYTES: Final = 704
"""The size of every order, with room for the longest values. A longer order raises, because it is a bug."""

_ACCOUNT: Final = re.compile("[a-z0-9-]{1,64}", re.ASCII)
_RECORD: Final = re.compile("[a-z0-9-]{1,64}", re.ASCII)
_DAY: Final = re.compile("[0-9]{8}([0-9]{2})?", re.ASCII)
"""The parts of messages that become keys of rows (R-90)."""

_CHANNELS: Final = {"email", "sms", "voice"}
_SMALL: Final = range(100)
"""More gates than a reset has, and more codes than one gate has."""

_KINDS: Final[dict[str, type[Order]]] = {
    Kind.CODE: CodeOrder,
    Kind.NOTICE: NoticeOrder,
    Kind.REMINDER: ReminderOrder,
    Kind.WAKE: WakeOrder,
}


def encode(value: object) -> str:
    """Return the value as JSON without blanks. Raises TypeError for a type without a JSON form, ValueError for NaN."""
    return json.dumps(value, default=_plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def decode(kind: type[T], text: str, *, lenient: bool = False) -> T:
    """Read JSON as `kind`. `lenient` ignores unknown fields. Raises ValueError for text of another form."""
    return from_plain(kind, parsed(text), lenient=lenient)


def from_plain(kind: type[T], data: object, *, lenient: bool = False) -> T:
    """Read parsed JSON as `kind`, as `decode` does."""
    read: Reader = _reader(kind, lenient)  # type: ignore[arg-type]  # classes can be hashed, whatever their metaclass
    return cast("T", read(data))


def parsed(text: str, *, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Parse JSON without NaN and infinities. Raises ValueError, also for nesting that exhausts the stack."""
    try:
        return json.loads(text, parse_constant=_refused, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        raise ValueError("not JSON of ours") from None  # the cause has the text


def _refused(kind: object) -> Any:
    raise ValueError(f"not a value of ours: {getattr(kind, '__name__', 'constant')}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _written(value)
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _written(at: datetime) -> str:
    if at.utcoffset() is None:
        raise ValueError("a time without a zone")
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


@cache
def _reader(kind: Any, lenient: bool) -> Reader:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, NewType):
        return _reader(kind.__supertype__, lenient)
    if kind is datetime:
        return _instant
    if kind in {str, bool, int, float}:
        return lambda value: value if type(value) is kind else _refused(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        members = {member.value: member for member in kind}
        return lambda value: members[value] if type(value) is str and value in members else _refused(kind)
    if is_dataclass(kind):
        return _fields_of(cast("type[Any]", kind), lenient)
    if origin in {Union, UnionType} and NoneType in arguments and len(arguments) == 2:
        inner = _reader(next(argument for argument in arguments if argument is not NoneType), lenient)
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return _items(arguments, lenient)
    if origin in {Mapping, dict} and arguments[0] is str:
        values = _reader(arguments[1], lenient)
        return lambda value: {k: values(v) for k, v in value.items()} if type(value) is dict else _refused(dict)
    raise TypeError(f"{kind} cannot be read from JSON")


def _instant(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value) if type(value) is str else None
    except ValueError:
        at = None
    if at is None or at.utcoffset() != timedelta(0) or _written(at) != value:
        return cast("datetime", _refused(datetime))
    return at


def _items(kinds: tuple[Any, ...], lenient: bool) -> Reader:
    readers = [_reader(kind, lenient) for kind in kinds if kind is not Ellipsis]
    if kinds[-1] is Ellipsis:
        return lambda value: tuple(map(readers[0], value)) if type(value) is list else _refused(tuple)
    return lambda value: (
        tuple(read(item) for read, item in zip(readers, value, strict=True))
        if type(value) is list and len(value) == len(readers)
        else _refused(tuple)
    )


def _fields_of(kind: type[Any], lenient: bool) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name], lenient) for field in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def read(value: Any) -> Any:
        if type(value) is not dict or needed - value.keys() or (value.keys() - readers.keys() and not lenient):
            _refused(kind)
        return kind(**{name: readers[name](item) for name, item in value.items() if name in readers})

    return read


# -- queue messages --


def encode_order(order: Order) -> str:
    """Return the order as one queue message."""
    kind = next(name for name, of in _KINDS.items() if isinstance(order, of))
    return padded({"kind": kind, "order": order}, ORDER_BYTES)


def decode_order(text: str) -> Order:
    """Read an order from a queue message. Raises ValueError if the service cannot have written it."""
    message = _message(text, ORDER_BYTES)
    name = message.get("kind") if isinstance(message, dict) else None
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None or not isinstance(message, dict):
        raise ValueError("not an order")
    order: Order = from_plain(kind, message.get("order"))
    if not _is_possible(order):
        raise ValueError("not an order")
    return order


def _is_possible(order: Order) -> bool:
    if isinstance(order, WakeOrder):
        return True
    if not _ACCOUNT.fullmatch(order.account):
        return False
    match order:
        case CodeOrder(code=CodeId(attempt=AttemptId(gate=gate), channel=channel, send=send)):
            return channel in _CHANNELS and gate in _SMALL and send in _SMALL[1:] and order.code_key > 0
        case NoticeOrder():
            return 0 <= order.returned <= MOST_RETURNS
        case ReminderOrder():
            return bool(_DAY.fullmatch(order.day))


def _message(text: str, most: int) -> Any:
    return parsed(text, pairs=_object) if len(text.encode()) <= most else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse what the service never writes: a name twice, and characters that no text of ours has."""
    made = dict(pairs)
    if len(made) != len(pairs) or not all(value.isprintable() for value in made.values() if isinstance(value, str)):
        raise ValueError("not a message of ours")
    return made


def encode_events(events: Sequence[AuditEvent], record_id: str) -> list[str]:
    """Return the events of one step as queue messages. `record_id` makes their recording idempotent."""
    portions = {first: events[first : first + MOST_EVENTS] for first in range(0, len(events), MOST_EVENTS)}
    return [
        padded({"id": f"{record_id}-{first}", "events": some}, EVENT_BYTES * len(some))
        for first, some in portions.items()
    ]


def decode_events(text: str) -> tuple[tuple[AuditEvent, ...], str]:
    """Read events and their record id from a queue message. Raises ValueError if the service cannot have written it."""
    message = _message(text, MOST_EVENTS * EVENT_BYTES)
    if not isinstance(message, dict):
        raise ValueError("not events")  # noqa: TRY004  the input is wrong, not the program
    events, record_id = from_plain(tuple[AuditEvent, ...], message.get("events")), from_plain(str, message.get("id"))
    if not _RECORD.fullmatch(record_id) or not all(_ACCOUNT.fullmatch(event.account or "none") for event in events):
        raise ValueError("not events")
    return events, record_id


def padded(message: dict[str, object], size: int) -> str:
    """Return the message padded to `size` bytes. Raises ValueError if it is longer."""
    bare = len(encode({**message, "pad": ""}).encode())
    if bare > size:
        raise ValueError(f"a message of {bare} bytes, where {size} are the rule")
    return encode({**message, "pad": " " * (size - bare)})
