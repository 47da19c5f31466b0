"""Derive the codes by which a person can stop a change (rule 29). They are stored nowhere."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.domain.objection import change_of, code_of, may_object, still_open
from shared.domain.person import MAX_CHANGES, Change, Person
from shared.methods import ALL, SentCodeMethod
from shared.ports.keyring import Keyring

COMPARED: Final = MAX_CHANGES * (1 + sum(isinstance(method, SentCodeMethod) for method in ALL.values()))
"""Codes that are derived for each objection: as many as a row can have, so that the time tells nothing (rule 9)."""


@dataclass(frozen=True, slots=True)
class ObjectionCodes:
    """Each code is for one account, event and address, so that it tells who objects."""

    keyring: Keyring

    def of(self, person: Person, event: str, destination: str) -> str:
        """Return the code for the notice of that event to that address. Empty where it could stop nothing."""
        change = change_of(person, event)
        if change is None or not may_object(person, change, destination):
            return ""
        return self._code(person, event, destination)

    def change_by(self, person: Person, code: str, now: datetime) -> Change | None:
        """Return the change that this code stops. None for every other code, at the same cost."""
        candidates = [(change, change.event, destination) for change, destination in still_open(person, now)]
        found = None
        for place in range(max(COMPARED, len(candidates))):
            change, event, destination = candidates[place] if place < len(candidates) else (None, "", "")
            if hmac.compare_digest(self._code(person, event, destination), code) and change is not None:
                found = change
        return found

    def _code(self, person: Person, event: str, destination: str) -> str:
        # Under the index key, which never rotates: a code must be good for 72 hours whatever keys are removed.
        return code_of(self.keyring.digest("objection", person.account, event, destination))
