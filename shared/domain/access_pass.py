"""Decide which proofs are enough for a Temporary Access Pass (rule 22).

It signs in like a password and a second factor. Codes that are sent to a mailbox and a phone are not enough: whoever
has taken over both could register a passkey of their own with it.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.domain.gates import PAIR, Lack, Proof, Requirement, needed_for_reset
from shared.domain.person import NEVER_FIRST, EvidenceClass

if TYPE_CHECKING:  # it uses this module: a setting that nobody could meet is refused
    from shared.domain.policy import Policy


class PassBy(StrEnum):
    """What one of the proofs must be, the setting `temporary_access_pass`."""

    OFF = "off"
    """There are no passes."""
    PHISHING_RESISTANT = "phishing_resistant"
    """One that resists phishing: a passkey, which asks for its owner (rule 26)."""
    APP_OR_CODE = "app_or_code"
    """A device or a saved code, as one of two."""


def needed_for_access_pass(policy: "Policy") -> Requirement:
    """Return what a pass needs, beside what a reset of everybody needs. Answers to questions count for nothing."""
    needed = replace(needed_for_reset(policy, privileged=False), worthless=NEVER_FIRST)
    if policy.temporary_access_pass == PassBy.APP_OR_CODE:
        kinds = frozenset({EvidenceClass.DEVICE, EvidenceClass.PAPER})
        return replace(needed, gates=max(needed.gates, PAIR), one_of=kinds)
    return replace(needed, phishing_resistant=True)


def lacks_for_access_pass(policy: "Policy", proofs: Iterable[Proof], *, privileged: bool) -> tuple[Lack, ...] | None:
    """Return what these proofs lack. None where nothing would be enough: it is off, or the account has a role."""
    if policy.temporary_access_pass == PassBy.OFF or privileged:
        return None
    return needed_for_access_pass(policy).lacks(proofs)
