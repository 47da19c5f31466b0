"""Check a new password: long enough, and not easy to guess. There are no composition rules (R-42).

Sources: NIST SP 800-63B-4 3.1.1.2 and OWASP ASVS 5.0 V6.2, as requirements R-40 to R-44 state them.
A password is compared *whole*: a long passphrase that only contains a listed word is accepted (R-43). Refused are short
secrets that were extended to the minimum length by repetition, joining, a keyboard sequence or decoration.
"""

import re
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shared.domain.password_folding import FoldedText, folded, folded_text, with_and_without_decoration
from shared.domain.password_patterns import characters_outside_runs, period, pieces

MIN_LENGTH: Final = 15  # code points, where a password alone signs in (NIST SP 800-63B-4 3.1.1.2)
MAX_LENGTH: Final = 256  # code points; OWASP ASVS 5.0 6.2.9 asks for at least 64, Entra and this service take 256
MAX_BYTES: Final = 1024  # of UTF-8; bounds what is normalised and hashed

FEWEST_TO_GUESS: Final = 6  # characters that must be left without patterns and known words; our choice
FEWEST_JOINED_WORDS: Final = 3  # distinct listed words that may make a password ("three random words", NCSC) ...
FEWEST_JOINED_LETTERS: Final = 20  # ... of this many letters; four may be of any length
SHORTEST_CONTEXT_WORD: Final = 3  # a shorter part of a name occurs in many passwords

_WORDS: Final = re.compile(r"[^\W_]+")
_SEPARATORS: Final = re.compile(r"[\s._,/-]")


class Rule(StrEnum):
    """The rules, in the order in which a page shows them. The values are part of the HTTP contract."""

    LENGTH = "length"
    TOO_LONG = "too_long"
    BLOCKLISTED = "blocklisted"
    REPEATED_OR_JOINED = "repeated_or_joined"
    SEQUENCE = "sequence"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule, and whether the candidate complies with it."""

    rule: Rule
    passed: bool | None
    """None where it cannot be known yet, because the person's names are not known."""
    limit: int | None = None
    """In code points, for the two rules on length. A page shows it before anything is typed."""

    def unknown(self) -> "RuleResult":
        """Return a copy whose verdict is not known."""
        return replace(self, passed=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLimits:
    """The lengths that the policy sets. A longer password is refused, never cut (R-41)."""

    min_length: int = MIN_LENGTH
    max_length: int = MAX_LENGTH
    max_bytes: int = MAX_BYTES


DEFAULT_LIMITS: Final = PasswordLimits()


def check_password(
    candidate: str,
    *,
    blocklist: Container[str],
    context_words: Iterable[str] = (),
    limits: PasswordLimits = DEFAULT_LIMITS,
) -> tuple[RuleResult, ...]:
    """Return the result of every rule for `candidate`.

    Args:
        candidate: The password as typed. Its length is measured before any normalisation (R-44).
        blocklist: Common passwords, each in the form of `password_folding.folded`.
        context_words: Names of the product, the organisation and the person. Identifiers are split into words.
        limits: The lengths allowed.
    """
    too_long = len(candidate) > limits.max_length or _size(candidate) > limits.max_bytes
    read = candidate[: limits.max_length]  # bounds the work of the other rules
    text, context = folded_text(read), _folded_context(context_words)
    broken = {
        Rule.LENGTH: len(candidate) < limits.min_length,
        Rule.TOO_LONG: too_long,
        Rule.BLOCKLISTED: _is_listed(read, blocklist),
        Rule.REPEATED_OR_JOINED: _is_repeated(text.text) or _is_joined(text, _EitherList(blocklist, context)),
        Rule.SEQUENCE: _is_sequence(read),
        Rule.CONTEXT: _is_context(text, context),
    }
    bounds = {Rule.LENGTH: limits.min_length, Rule.TOO_LONG: limits.max_length}
    return tuple(RuleResult(rule, not broken[rule], bounds.get(rule)) for rule in Rule)


def normalised_for_embedded(password: str) -> str:
    """Return the form that the embedded directory hashes and checks: NFC only (R-44, RFC 8265 OpaqueString).

    Call it only on text that passed the length rules, here and at sign-in: NFC is slow on long hostile text (A-29).
    """
    return unicodedata.normalize("NFC", password)


@dataclass(frozen=True, slots=True)
class _EitherList:
    listed: Container[str]
    context: frozenset[str]

    def __contains__(self, word: object) -> bool:
        return word in self.listed or word in self.context


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _folded_context(context_words: Iterable[str]) -> frozenset[str]:
    parts = {part for entry in context_words for part in [*_WORDS.findall(entry), "".join(_WORDS.findall(entry))]}
    return frozenset(word for word in map(folded, parts) if len(word) >= SHORTEST_CONTEXT_WORD)


def _is_listed(candidate: str, blocklist: Container[str]) -> bool:
    """Whether the blocklist has the whole password, or the password without decoration such as `1!` around it."""
    return any(folded(form) in blocklist for form in with_and_without_decoration(candidate) if form)


def _is_repeated(text: str) -> bool:
    """Whether a few characters are repeated. Emoji are not checked: fifteen of them are a valid password (R-40)."""
    of_keys = all(character.isalnum() or character.isascii() for character in text)
    length = period(text)
    return of_keys and 0 < length < FEWEST_TO_GUESS and 2 * length <= len(text)


def _is_joined(text: FoldedText, words: Container[str]) -> bool:
    """Whether the text is one or two listed words, joined or repeated, or three short ones."""
    found = pieces(text, words)
    if not found:
        return False
    distinct = len(set(found))
    return distinct < FEWEST_JOINED_WORDS or (distinct == FEWEST_JOINED_WORDS and text.letters < FEWEST_JOINED_LETTERS)


def _is_sequence(candidate: str) -> bool:
    """Whether the text is mostly runs along an alphabet or a keyboard. Case and separators are ignored."""
    keys = _SEPARATORS.sub("", candidate.lower())
    return characters_outside_runs(keys) < min(FEWEST_TO_GUESS, len(keys))


def _is_context(text: FoldedText, context: frozenset[str]) -> bool:
    """Whether the text is names of the product, the organisation or the person, with few other letters."""
    covered = [False] * len(text.text)
    for word in context:
        start = text.text.find(word)
        while start >= 0:
            covered[start : start + len(word)] = [True] * len(word)
            start = text.text.find(word, start + 1)
    left = sum(not (hidden or decoration) for hidden, decoration in zip(covered, text.decoration, strict=True))
    return any(covered) and left < FEWEST_TO_GUESS
