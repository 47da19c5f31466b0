"""Reads each row as the service does, with the keys that are configured: a restore with other keys is worth nothing."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from operate.backup.folder import Folder, Manifest, Refused
from shared.adapters.azure_tables import ACCOUNTS, DUE, NAMES, OPT_OUTS, PEOPLE
from shared.adapters.azure_tables._table import Row
from shared.adapters.azure_tables.audit_log import event_of
from shared.adapters.azure_tables.names import ROW as NAME_ROW
from shared.adapters.azure_tables.opt_outs import ROW as OPT_OUT_ROW
from shared.adapters.azure_tables.people import stored_person
from shared.adapters.directories.embedded import entry_of
from shared.ports.keyring import Unreadable
from shared.wiring import Adapters

NOT_READABLE: Final = "rows that this version of the service cannot read"
OTHER_INDEX_KEY: Final = "rows that were made with another SESAME_INDEX_KEY, or for another SESAME_DIRECTORY"
NOT_OPENED: Final = "contacts or secrets that SESAME_SEAL_KEYS does not open: their owners must register them again"
NO_PEPPER: Final = "passwords of a version that SESAME_PEPPERS does not have: their owners must reset them"

OPENED: Final = "contacts and secrets that SESAME_SEAL_KEYS opens"
"""Not a fault. If there is none, the keys are not the right ones."""

_DUE: Final = re.compile(r"(remind|forget|owed)-[0-9]{8}([0-9]{2})?-[0-9a-f]")


def judged(adapters: Adapters, folder: Folder, manifest: Manifest) -> Counter[str]:
    """Return how often the files have each of the words above. Raises Refused if they are of no use with these keys."""
    found: Counter[str] = Counter()
    for file in manifest.files:
        for row in folder.rows(file.table):
            found.update(remarks(adapters, file.table, row))
    fatal = [f"{found[fault]} {fault}" for fault in (NOT_READABLE, OTHER_INDEX_KEY) if found[fault]]
    if found[NOT_OPENED] and not found[OPENED]:
        fatal.append(f"{found[NOT_OPENED]} contacts or secrets, and SESAME_SEAL_KEYS opens none of them")
    if fatal:
        raise Refused(
            f"The export has {', and '.join(fatal)}. Use the keys and the directory that it was taken with, and the"
            " same or a later version of the service."
        )
    return found


def remarks(adapters: Adapters, table: str, values: Mapping[str, Any]) -> list[str]:
    """Return what there is to say about one row."""
    try:
        return list(_JUDGES.get(table, _event)(adapters, values))
    except (KeyError, ValueError, TypeError, AttributeError):
        return [NOT_READABLE]


def _name(_: Adapters, values: Mapping[str, Any]) -> Iterator[str]:
    if values["RowKey"] == NAME_ROW and not isinstance(values["account"], str):
        yield NOT_READABLE


def _person(adapters: Adapters, values: Mapping[str, Any]) -> Iterator[str]:
    person = stored_person(Row(values, "")).person
    key = person.account if person.object_id is None else adapters.keyring.account_key(person.object_id)
    if {person.account, key} != {values["PartitionKey"]}:
        yield OTHER_INDEX_KEY
    entries = (person.methods, person.pending, person.removed)
    for sealed in [entry.sealed for kind in entries for entry in kind]:
        try:
            adapters.keyring.open(sealed.text, account=person.account, purpose=sealed.purpose)
            yield OPENED
        except Unreadable:
            yield NOT_OPENED


def _account(adapters: Adapters, values: Mapping[str, Any]) -> Iterator[str]:
    if values["RowKey"] == NAME_ROW:
        return _name(adapters, values)
    return _entry(adapters, values)


def _entry(adapters: Adapters, values: Mapping[str, Any]) -> Iterator[str]:
    entry = entry_of(Row(values, ""))
    if entry is not None and adapters.keyring.account_key(entry.object_id) != values["PartitionKey"]:
        yield OTHER_INDEX_KEY
    if values["password"] and int(values["password"].partition("$")[0]) not in adapters.settings.peppers:
        yield NO_PEPPER


def _due(_: Adapters, values: Mapping[str, Any]) -> Iterator[str]:
    if not _DUE.fullmatch(values["PartitionKey"]):
        yield NOT_READABLE


def _opt_out(_: Adapters, values: Mapping[str, Any]) -> Iterator[str]:
    if (
        values["RowKey"] != OPT_OUT_ROW
        or not isinstance(values["opted_out"], bool)
        or not isinstance(values["at"], str)
    ):
        yield NOT_READABLE


def _event(_: Adapters, values: Mapping[str, Any]) -> Iterator[str]:
    event_of(values)
    yield from ()


_JUDGES: Final[Mapping[str, Callable[[Adapters, Mapping[str, Any]], Iterator[str]]]] = {
    NAMES: _name,
    PEOPLE: _person,
    ACCOUNTS: _account,
    DUE: _due,
    OPT_OUTS: _opt_out,
}
