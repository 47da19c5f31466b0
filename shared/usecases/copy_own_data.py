"""Give people a copy of everything that is kept about them, as data that they can read (GDPR art. 15 and 20; M12).

Each field of a row is either listed in COPIED or in LEFT_OUT; a test compares both with the classes. What is left out
would help whoever steals the copy, or is random or a digest and says nothing to anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.domain import person as row
from shared.domain.account import DirectoryEntry
from shared.domain.forgetting import leaves_at
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.usecases._activity import Activity
from shared.usecases._sealing import Sealing
from shared.usecases._signed_in import SignedIn

MOST_EVENTS: Final = 1000
"""One answer of the store. The limits of a day keep a year of most people below it."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COPIED: Final[Mapping[type, tuple[str, ...]]] = {
    row.Person: _names(
        "privileged language wanted_language time_zone methods pending removed changes frozen_at freeze emptied "
        "lost_at guarded_until attempts sent_codes failures known_clients sign_in_failures sign_in_closed_at notices "
        "erased_at recent completion_until completions reminder_day reminder expiry asked unproved_at snooze "
        "had_method activation_request activation"
    ),
    row.RegisteredMethod: _names(
        "sealed state source set_at label confirmed_at usable_from suspect_at suspect_reason reached_at renewal "
        "provenance offer"
    ),
    row.Provenance: _names("basis attested_by"),
    row.Offer: _names("sealed at provenance"),
    row.Renewal: _names("at days compromised"),
    row.PendingMethod: _names("sealed source expires_at label proved fully_proved is_stored sent_at"),
    row.ActivationRequest: _names("reason at"),
    row.Activation: _names("expires_at approved rests"),
    row.Freeze: _names("reason"),
    row.RemovedContact: _names("sealed removed_at since label"),
    row.Change: _names("at method fully_proved"),
    row.Attempt: _names("id leaves_at tries"),
    row.AttemptId: _names("purpose gate method"),
    row.SentCode: _names("id claimed_at leaves_at refused spoken"),
    row.CodeId: _names("attempt channel send"),
    row.Failures: _names("since count reserved checked consecutive suspended_until"),
    row.Notice: _names("template at method origin provisional attempts next_at left"),
    row.Completion: _names("at leaves_at state repeats"),
    row.Reminder: _names("day at sent"),
    row.Asked: _names("status since"),
    row.Expiry: _names("at entry told_at claim"),
    row.Snooze: _names("of until count"),
}

LEFT_OUT: Final[Mapping[type, tuple[str, ...]]] = {
    # Keys, versions and nonces of rows; what strangers' deliveries left; the name, which is below in full.
    row.Person: _names("account object_id masked_name version session_version password_stamp decoys completion ring"),
    row.Provenance: _names("import_id"),
    row.PendingMethod: _names("attempt nonce replaces code code_key opening"),
    row.ActivationRequest: _names("serial asked_by"),
    row.Activation: _names("serial mac spent_by"),
    row.Freeze: _names("by"),
    row.Change: _names("event gone new"),
    row.Attempt: _names("passed nonce"),
    row.AttemptId: _names("verification"),
    row.SentCode: _names("code_key destination nonce"),
    row.Notice: _names("event verification sent"),
    row.Completion: _names("spent version mac"),
    row.Reminder: _names("nonce"),
}


@dataclass(frozen=True, slots=True)
class CopyOwnData:
    """Works while self-service is frozen, too: the right to a copy does not end there."""

    signed_in: SignedIn
    sealing: Sealing
    activity: Activity
    clock: Clock

    async def __call__(self, token: str, trail: Trail) -> dict[str, Any]:
        """Return the copy. Raises SignInRequired, also if the directory no longer lets the person in, and TryAgain."""
        caller = await self.signed_in.for_a_view(token)
        entry = await self.signed_in.entry_now(caller, trail)
        events = await self.activity.of(caller.person, most=MOST_EVENTS, everything=True)
        trail.record(Tag.DATA_COPIED, self.clock.now(), account=caller.session.account)
        return {
            "made_at": self.clock.now(),
            "directory": _of_the_directory(entry),
            "registration": self._plain(caller.person, caller.person),
            "activity": [_fields(event) for event in events],
        }

    def _plain(self, value: Any, person: row.Person) -> Any:
        if type(value) in COPIED:
            names = (name for name in COPIED[type(value)] if name != "sealed")
            made = self._opened(value, person) | {name: self._plain(getattr(value, name), person) for name in names}
            if isinstance(value, row.RemovedContact):
                made["kept_until"] = leaves_at(value)
            if isinstance(value, row.Person):
                made["known_clients"] = len(value.known_clients)  # digests of networks
            return made
        if isinstance(value, Mapping):
            return {key: self._plain(item, person) for key, item in value.items()}
        if isinstance(value, tuple):
            return [self._plain(item, person) for item in value]
        return value

    def _opened(self, value: Any, person: row.Person) -> dict[str, Any]:
        sealed: row.Sealed | None = getattr(value, "sealed", None)
        if sealed is None:
            return {}
        contact = self.sealing.open_contact(person.account, sealed)
        kind = {"method": sealed.method, "proves": sealed.evidence.kind}
        return {**kind, "contact": contact.shown} if contact else {**kind, "secret": "kept, and shown to nobody"}


def _of_the_directory(entry: DirectoryEntry) -> dict[str, Any]:
    return {
        "names": entry.names,
        "enabled": entry.enabled,
        "roles": sorted(entry.roles),
        "password_changed_at": entry.password_changed_at,
    }


def _fields(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}
