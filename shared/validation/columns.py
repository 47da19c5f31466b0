"""Find out which column of a file is which, by the names that programs and people give to columns.

A column has several names in the exports of one program, and not all mean the same: `authenticationPhoneNumber` is for
this, `mobilePhone` is in the address book. So each name has a rank, and the best one that a file has is taken. The
others are told as columns that were not read.

Sources of the names: templates and exports of Microsoft Entra ("Bulk create users", "Download users") and Microsoft
365 ("Add multiple users"), `Get-ADUser`, bulk upload of Google Workspace, inetOrgPerson of LDAP.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from shared.domain.errors import InvalidInput
from shared.validation.typed_text import cleaned

Names = Mapping[str, str]
"""By column, its names without accents, blanks and signs: a line for each rank, the best first."""

OWN_NAMES: Final[Names] = {
    "identifier": """
        identifier identifiant
        emailaddressrequired
        userprincipalname upn nomdutilisateurprincipal
        username login loginname logonname signinname accountname nomdutilisateur nomdecompte nomdeconnexion
        benutzername anmeldename
        samaccountname
        uid account compte user userid utilisateur nomdouverturedesession
    """,
    "language": """
        language
        preferredlanguage languepreferee
        langue lang locale sprache
    """,
    "permission": """
        permission consent consentement autorisation accord
    """,
}
"""Those that are no contacts. A method says the names of its own (shared/methods/family.py)."""

OF_VERDICTS: Final = frozenset({"line", "verdict", "code", "reasons", "duplicate of", "activation"})
"""The columns that our own file of verdicts adds. They are not read, and not told as unknown."""

LONGEST: Final = 64
"""Characters of an unknown column that are told."""

MOST_TOLD: Final = 50

_PROPERTY: Final = re.compile(r"\[([^\]]*)\]")


def plain(header: str) -> str:
    """Return a header without accents, blanks, signs and capitals."""
    text = unicodedata.normalize("NFKD", cleaned(header)).casefold()
    return "".join(character for character in text if character.isalnum())


def known(header: Iterable[str], names: Names, given: Iterable[str] = ()) -> int:
    """Return how many of these columns have a name that is known, or one that the caller gives."""
    ours, ranks = {plain(name) for name in given}, _ranks(names)
    return sum(_ranked(name, ranks) is not None or plain(name) in ours for name in header)


def columns_of(header: Sequence[str], names: Names, given: Mapping[str, str]) -> tuple[dict[int, str], tuple[str, ...]]:
    """Return the column of each place that is read, and the headers that are not.

    `given` names headers by column; an empty one means that the column is not read. Two headers of the same rank are
    both read. Raises InvalidInput for a header that is not there, and for a column that is not offered.
    """
    places: dict[int, str] = {}
    for column, name in given.items():
        if column not in names:
            raise InvalidInput("columns", "not_offered")
        there = [place for place, each in enumerate(header) if plain(each) == plain(name)]
        if name and not there:
            raise InvalidInput("columns", "unknown")
        places |= dict.fromkeys(there if name else [], column)
    best: dict[str, int] = {}
    ranks = _ranks(names)
    ranked = {place: found for place, name in enumerate(header) if (found := _ranked(name, ranks)) is not None}
    for place, (column, rank) in ranked.items():
        if place not in places and column not in given:
            best[column] = min(rank, best.get(column, rank))
    places |= {
        place: column for place, (column, rank) in ranked.items() if best.get(column) == rank and place not in places
    }
    unread = [cleaned(name)[:LONGEST] for place, name in enumerate(header) if place not in places and cleaned(name)]
    told = dict.fromkeys(name for name in unread if name.lower().replace("_", " ") not in OF_VERDICTS)
    return places, tuple(told)[:MOST_TOLD]


def _ranks(names: Names) -> Mapping[str, tuple[str, int]]:
    return {
        name: (column, rank)
        for column, ranks in names.items()
        for rank, together in enumerate(ranks.splitlines())
        for name in together.split()
    }


def _ranked(name: str, ranks: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    """Return the column and the rank of a header: `Mobile phone [mobilePhone]` is that of the property in brackets."""
    inside = _PROPERTY.search(name)
    for each in (inside[1] if inside else "", name, _PROPERTY.sub("", name)):
        if found := ranks.get(plain(each)):
            return found
    return None
