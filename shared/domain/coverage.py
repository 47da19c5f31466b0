"""Count who can reset a password by themselves: what is counted of one person, and what it adds to the sums.

    enabled      the directory lets the person sign in
    registered   and everything is confirmed that a registration asks for
    capable      and the confirmed methods could pass the gates of a reset, on that day

Capability comes and goes by itself: a new method rests, one that must be confirmed again closes, another one becomes
overdue. Each person therefore adds to the sum of a day, and takes away on another; what is capable on a day is the sum
of all days until then. Nothing has to be counted again because time has passed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from shared.domain.gates import asked_at_registration, needed_for_reset, proofs_by, stale_at
from shared.domain.person import MethodState, Person
from shared.domain.policy import Policy

MOST_GROUPS: Final = 40
"""Of one person, in the order of their names: all sums of a person change in one transaction of 100 rows."""

ON_DAY: Final = "capable@"

KNOBS: Final = (
    "gates",
    "methods",
    "methods_to_register",
    "require_strong_gate",
    "sign_in_factors",
    "reconfirm_days",
    "overdue_methods",
    "overdue_grace_days",
)
"""The settings that decide who is registered and who is capable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is counted of one person."""

    object_id: str
    enabled: bool
    privileged: bool
    """Whether the account has a role."""
    registered: bool
    methods: tuple[str, ...] = ()
    """The names of the methods that are confirmed and offered."""
    waiting: tuple[str, ...] = ()
    """Those that somebody else supplied, and the person has not confirmed."""
    lacks: tuple[str, ...] = ()
    capable: bool = False
    """On the day on which it was counted."""
    turns: tuple[str, ...] = ()
    """The later days (`YYYYMMDD`, UTC) on which that changes, each time to the opposite."""
    groups: tuple[str, ...] = ()


def standing_of(
    person: Person,
    policy: Policy,
    now: datetime,
    *,
    object_id: str,
    enabled: bool,
    privileged: bool,
    groups: Iterable[str] = (),
) -> Standing:
    """Return what is counted of this person. `now` in UTC."""
    person = replace(person, privileged=privileged)
    confirmed = [m for m in person.confirmed if m.name in policy.methods and not m.is_compromised]
    proofs = [replace(proof, is_stale=False) for proof in proofs_by(confirmed, policy, now)]
    lacks = asked_at_registration(policy, privileged=privileged).lacks(proofs)
    capable, turns = _capability(person, policy, now)
    return Standing(
        object_id=object_id,
        enabled=enabled,
        privileged=privileged,
        registered=not lacks,
        methods=tuple(sorted({method.name for method in confirmed})),
        waiting=tuple(sorted({m.name for m in person.methods if m.state is MethodState.PREFILLED})),
        lacks=tuple(lack.value for lack in lacks),
        capable=capable,
        turns=turns,
        groups=tuple(sorted(set(groups)))[:MOST_GROUPS],
    )


def _capability(person: Person, policy: Policy, now: datetime) -> tuple[bool, tuple[str, ...]]:
    """Return whether the person could reset now, and the days on which that changes."""
    grace = timedelta(days=policy.overdue_grace_days)
    moments = {method.since for method in person.confirmed}
    moments |= {method.renewal.closes_at for method in person.confirmed if method.renewal is not None}
    moments |= {at + grace for method in person.confirmed if (at := stale_at(method, policy)) is not None}
    capable, turns = _is_capable(person, policy, now), list[str]()
    last = capable
    for moment in sorted(moment for moment in moments if moment > now):
        at_moment = _is_capable(person, policy, moment)
        if at_moment != last:
            turns.append(f"{moment:%Y%m%d}")
            last = at_moment
    return capable, tuple(turns)


def _is_capable(person: Person, policy: Policy, at: datetime) -> bool:
    needed = needed_for_reset(policy, privileged=person.privileged)
    return needed.is_met_by(proofs_by(person.opening_gates(policy.methods, at), policy, at))


def as_of(standing: Standing | None, today: date) -> Standing | None:
    """Return the standing with the days that are over taken into account. So two of them can be compared."""
    if standing is None:
        return None
    over = sum(day <= f"{today:%Y%m%d}" for day in standing.turns)
    return replace(standing, capable=standing.capable ^ bool(over % 2), turns=standing.turns[over:])


def is_ready(standing: Standing) -> bool:
    """Whether nobody needs to ask this person to register."""
    return standing.registered or not standing.enabled


def contribution(standing: Standing | None) -> Counter[str]:
    """Return what this person adds to the sums. Only enabled accounts count, but for their number."""
    found = Counter[str]()
    if standing is None:
        return found
    found["people"] += 1
    if not standing.enabled:
        return found
    found["enabled"] += 1
    found["registered"] += standing.registered
    found["waiting"] += bool(standing.waiting) and not standing.registered
    found["capable"] += standing.capable
    found.update(f"method:{name}" for name in standing.methods)
    step = -1 if standing.capable else 1
    for day in standing.turns:
        found[f"{ON_DAY}{day}"] += step
        step = -step
    return found


def changed(sums: Mapping[str, int], before: Standing | None, after: Standing | None, today: date) -> dict[str, int]:
    """Return the sums after a person has changed. Days that are over become part of what is capable."""
    found = Counter(sums)
    found.update(contribution(after))
    found.subtract(contribution(before))
    return folded(found, today)


def folded(sums: Mapping[str, int], today: date) -> dict[str, int]:
    """Return the sums as of a day: without zeros, and with the days until then added to `capable`."""
    found = Counter[str]()
    for name, count in sums.items():
        is_over = name.startswith(ON_DAY) and name.removeprefix(ON_DAY) <= f"{today:%Y%m%d}"
        found["capable" if is_over else name] += count
    return {name: count for name, count in sorted(found.items()) if count}


def fingerprint(policy: Policy) -> str:
    """Return what tells two policies apart that count differently."""
    return hashlib.sha256(repr([getattr(policy, name) for name in KNOBS]).encode()).hexdigest()[:16]
