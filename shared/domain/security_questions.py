"""List the security questions of this build, and define those of an organisation (M5).

A good question has an answer that people remember for years, that does not change, that few others know, and that has
many possible values (OWASP Choosing and Using Security Questions Cheat Sheet). So none asks for what public records and
social networks tell, such as a mother's maiden name, a birthplace, a school or a pet. The texts are in the catalogues
(`shared/messages/*.json`, `questions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BUILT_IN: Final = (
    "first_soft_toy", "driving_instructor", "school_trip", "first_manager", "first_concert", "first_dish",
    "childhood_neighbour", "hiding_place", "strictest_teacher", "first_book", "lost_thing", "first_flight",
    "not_attended", "first_purchase", "grandparents_dish", "family_nickname", "first_love", "first_film",
    "learnt_to_swim", "best_present",
)  # fmt: skip
"""Their ids, which stand in rows. An id never gets another meaning, and none is removed: its answers would be lost."""

OWN: Final = "own_"
"""The ids of an organisation's questions begin with it, so that a later question of ours never takes one of them."""

MOST_OWN: Final = 20
"""Microsoft Entra, "Authentication methods - security questions": at most 20 custom questions."""


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question of the organisation."""

    id: str
    """Begins with `OWN`."""
    texts: Mapping[str, str]
    """By language. In a language without a text, people read the first one."""

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.id
