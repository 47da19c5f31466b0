"""Write the queue messages of imports, and read them back."""

import re
from typing import Final

from shared.validation.records import encode, from_plain, parsed

LONGEST: Final = 200
_ID: Final = re.compile("[0-9]{8}-[A-Za-z0-9_-]{22}", re.ASCII)


def encode_import(import_id: str) -> str:
    """Return the order to work on an import as a queue message. It names the import and nothing else."""
    return encode({"import": import_id})


def decode_import(text: str) -> str:
    """Read the id of an import from a queue message. Raises ValueError if the service cannot have written it."""
    message = parsed(text) if len(text) <= LONGEST else None
    if not isinstance(message, dict) or message.keys() != {"import"}:
        raise ValueError("not an order")
    import_id = from_plain(str, message["import"])
    if not _ID.fullmatch(import_id):
        raise ValueError("not an order")
    return import_id
