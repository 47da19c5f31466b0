"""Make the canonical form of a typed name, which every route, limit and key uses (R-98).

The form is the one in which directories compare names (RFC 4518, string preparation of LDAP): the text is cleaned
(`typed_text`), then Unicode's compatibility normalisation and case folding are applied (NFKC and Default Case Folding,
the Unicode Standard, section 3.13). The profile UsernameCaseMapped of RFC 8265 only maps to lower case; a name in
capitals then has another sigma, another sharp s and other ligatures than the same name in small letters.

* At most 320 bytes of UTF-8 as typed, checked first, because normalisation is slow on hostile text (A-29).
* The Turkish capital i with a dot folds to `i`. The dotless i stays another letter: nothing folds it to `i`.
* Letters of different scripts stay different, however alike they look.

Two names with one form are one name: an account cannot be made when the other exists, a directory in which both lead
to accounts leads to none of them (rule 8), and messages go only to the stored contact (A-20, CVE-2019-19844).

Characters that no name has (control characters, slashes, quotes) are no error in a lookup. They stay in the canonical
form, so that such a name gets the answer of an unknown name (A-21, R-90). Where accounts are made, `new_identifier`
refuses what cannot be seen (rule 8).
"""

import re
import unicodedata
from typing import Final, NewType

from shared.domain.errors import InvalidInput
from shared.validation.typed_text import IGNORABLE, cleaned

CanonicalIdentifier = NewType("CanonicalIdentifier", str)

MAX_BYTES: Final = 320  # 64 + "@" + 255, the longest address; security.md section 5

UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Cs", "Co", "Zl", "Zp"})
"""The Unicode categories of control, format, private and unassigned characters and of line breaks."""

FINAL_SIGMA: Final = re.compile(r"\u03c3\b")

_DOTTED_I: Final = "i\u0307"
"""What the Turkish capital i with a dot folds to. It looks like `i`."""


def canonical_identifier(text: str, *, field: str = "identifier") -> CanonicalIdentifier:
    """Return the canonical form. Raises InvalidInput for text that is blank, too long or has no UTF-8 form."""
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:  # half of a surrogate pair; `parse_object` refuses it earlier
        raise InvalidInput(field, "malformed") from None
    if size > MAX_BYTES:
        raise InvalidInput(field, "too_long")
    canonical = cleaned(_folded(_folded(cleaned(text))))  # folding once can leave something to normalise
    if not canonical:
        raise InvalidInput(field, "too_short")
    return CanonicalIdentifier(canonical)


def new_identifier(text: str, *, field: str = "identifier") -> CanonicalIdentifier:
    """Return the canonical form of a name for a new account.

    Raises InvalidInput also for characters that cannot be seen, whether cleaning removes them or not: whoever makes the
    account must see its name, and a line break would make two names of one.
    """
    canonical = canonical_identifier(text, field=field)
    if any(character in IGNORABLE or unicodedata.category(character) in UNSEEN for character in text.strip(" ")):
        raise InvalidInput(field, "not_allowed")
    return canonical


def spellings_of(name: str) -> set[str]:
    """Return a canonical name as it may stand in a directory.

    Case folding makes `ss` of a sharp s and one sigma of both, and servers compare letters that are only made small
    (OpenLDAP 2.5): they find neither `Straße` nor a Greek name in `-ς` by its canonical form.
    """
    return {name, name.replace("ss", "\u00df"), FINAL_SIGMA.sub("\u03c2", name)}


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace(_DOTTED_I, "i")
    return unicodedata.normalize("NFKC", folded)
