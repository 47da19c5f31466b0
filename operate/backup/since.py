"""Finds in the audit log what happened between an export and its import, and what the import therefore brought back.

Only the events that the store still has can tell. They are there if the tables Audit... were not lost.
"""

import sys
from datetime import datetime
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.trail import Tag
from shared.ports.audit_log import By
from shared.wiring import Adapters

BROUGHT_BACK: Final = {
    Tag.ERASED: "was erased, and is registered again: repeat the erasure",
    Tag.CHANGE_STOPPED: "reported a change as not theirs: the change is back, and self-service is open again",
    Tag.PASSWORD_RESET: "has an old password again (embedded directory)",
    Tag.PASSWORD_CHANGED: "has an old password again (embedded directory)",
    Tag.METHOD_REMOVED: "removed a method, which is back",
    Tag.METHOD_CONFIRMED: "confirmed a method, which is lost",
}


async def brought_back(adapters: Adapters, since: datetime, until: datetime) -> list[str]:
    """Return a sentence for each person and kind of event. Raises StoreLost."""
    found: dict[tuple[str, str], datetime] = {}
    erased_after: set[str] = set()
    log, now = adapters.audit_log, adapters.clock.now()
    async for one in log.find(By.TIME, "", since, now + CLOCK_MARGIN, most=sys.maxsize):
        event = one.event
        if event.tag is Tag.ERASED and event.at >= until:
            erased_after.add(event.account)
        elif event.tag in BROUGHT_BACK and event.account and event.at < until:
            found.setdefault((event.account, BROUGHT_BACK[event.tag]), event.at)  # the newest comes first
    return [
        f"{await _name(adapters, AccountKey(account))} {words} ({at:%Y-%m-%d %H:%M} UTC)"
        for (account, words), at in found.items()
        if account not in erased_after
    ]


async def _name(adapters: Adapters, account: AccountKey) -> str:
    """Return the name in the directory, or else the id there, or else the key of the account."""
    person = (await adapters.people.read(account)).person
    entry = await adapters.directory.find(person.object_id) if person.object_id else None
    return entry.names[0] if entry else person.object_id or account
