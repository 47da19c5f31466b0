"""The canonical form of a name: one form per person, and no collisions that a stranger could use."""
# ruff: noqa: RUF001  (characters that look like others are the subject here)

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.validation.identifier import MAX_BYTES, canonical_identifier
from shared.validation.typed_text import cleaned, shown_text
from tests.cost import least_seconds

UNASSIGNED = {"Cn", "Co", "Cs"}  # these have no mapping
names = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and len(text.encode()) <= 100)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("alice", "alice"), ("Alice", "alice"), ("  ALICE ", "alice"), ("\u00a0alice\u3000", "alice"),
        ("alice@Example.ORG", "alice@example.org"), ("ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "alice@example.org"),
        ("Rene\u0301", "ren\u00e9"), ("ÉLODIE", "élodie"), ("ΣΊΣΥΦΟΣ", "σίσυφοσ"), ("σίσυφος", "σίσυφοσ"),
        ("ｶﾞ", "ガ"), ("a  b", "a b"),
        ("Straße", "strasse"), ("STRASSE", "strasse"), ("ﬁona", "fiona"), ("ſam", "sam"), ("ⓐlice", "alice"),
        ("İrem", "irem"), ("\u212aelvin", "kelvin"), ("user\u0661\u0662", "user12"),
        ("jean\u2011pierre", "jean-pierre"), ("o\u2019brien", "o'brien"), ("\u202dalice\u202c", "alice"),
        ("\u2068alice\u2069", "alice"), ("al\u00adice", "alice"), ("alice\u200b", "alice"), ("\ufeffalice", "alice"),
        ("\talice\r\n", "alice"), ("al\u202fice", "al ice"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_have_one_canonical_form(typed: str, canonical: str) -> None:
    """Case, width, composition, blanks, what cannot be seen and what keyboards put in make no difference."""
    assert canonical_identifier(typed) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mıke", "mike"),  # Turkish dotless i, which upper-cases to I
        ("аlice", "alice"),  # Cyrillic a
        ("alice\x1b", "alice"),
        ("alice\x00", "alice"),
        ("alice/", "alice"),
        ("al ice", "alice"),
    ],
)
def test_look_alike_names_stay_different(one: str, other: str) -> None:
    """A letter of another script and a control character make another name (A-20, A-21)."""
    assert canonical_identifier(one) != canonical_identifier(other)


@pytest.mark.parametrize("character", [*"/\\#?'\"%*()&|<>`{}[]~^;:,\x00\x1b\x7f", "\ufffe"])
def test_no_character_of_a_name_is_an_error(character: str) -> None:
    """A name with characters that storage keys, filters or RFC 8265 forbid is an unknown name (R-90, R-91)."""
    assert character in canonical_identifier(f"ali{character}ce")
    assert canonical_identifier(character)


@pytest.mark.parametrize("blank", ["", " ", "   ", "\u00a0", "\u3000 \u2003", "\t\n", "\u200b\ufeff", "\u2800"])
def test_a_blank_name_is_refused(blank: str) -> None:
    """Text of which nothing is left is the only one of allowed length that is not a name."""
    with pytest.raises(InvalidInput, match="identifier: too_short"):
        canonical_identifier(blank)


@pytest.mark.parametrize(
    ("longest", "too_long"),
    [("a" * 320, "a" * 321), ("é" * 160, "é" * 160 + "a"), ("\U0001f600" * 80, "\U0001f600" * 81)],
)
def test_the_length_limit_of_a_name_is_in_bytes(longest: str, too_long: str) -> None:
    """320 bytes of UTF-8 as typed are accepted and 321 are not."""
    assert canonical_identifier(longest) == longest
    with pytest.raises(InvalidInput, match="identifier: too_long"):
        canonical_identifier(too_long)


def test_the_length_of_a_name_is_checked_before_normalisation() -> None:
    """NFC takes seconds for forty thousand combining marks. They are refused at once (A-29)."""
    name = "a" + "\u0301\u0323" * 20_000
    with pytest.raises(InvalidInput):
        canonical_identifier(name)
    assert least_seconds(lambda: canonical_identifier(name), expecting=InvalidInput) < 0.05


def test_a_name_with_half_a_surrogate_pair_is_refused() -> None:
    """It has no UTF-8 form, so no key can be made from it."""
    with pytest.raises(InvalidInput, match="identifier: malformed"):
        canonical_identifier("a\ud800")


@settings(max_examples=500)
@given(names)
def test_the_canonical_form_of_a_name_is_stable(name: str) -> None:
    """Applied again, it changes nothing."""
    try:
        once = canonical_identifier(name)
    except InvalidInput:
        assert not cleaned(name)
        return
    assert canonical_identifier(once) == once


def test_the_canonical_form_of_every_character_is_stable() -> None:
    """For each Unicode character, alone and between letters, because hypothesis only takes samples."""
    for code_point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code_point)) not in UNASSIGNED:
            once = canonical_identifier(f"a{chr(code_point)}b")
            assert canonical_identifier(once) == once, hex(code_point)


@given(names)
def test_a_name_in_lower_case_has_the_same_canonical_form(name: str) -> None:
    """Mapping it to lower case first changes nothing."""
    try:
        assert canonical_identifier(name.lower()) == canonical_identifier(name)
    except InvalidInput:
        assert not cleaned(name)


@given(st.text(max_size=400))
def test_every_text_is_a_name_or_invalid_input(text: str) -> None:
    """A canonical name can always be encoded as UTF-8 for its key."""
    try:
        assert canonical_identifier(text).encode()
    except InvalidInput:
        assert len(text.encode()) > MAX_BYTES or not cleaned(text)


def test_the_longest_name_has_a_canonical_form() -> None:
    """Also the one that becomes longest, eighteen letters for each."""
    assert canonical_identifier("\ufdfa" * (MAX_BYTES // 3))


@given(st.text(max_size=60))
def test_cleaned_text_is_stable(text: str) -> None:
    """Applied again, cleaning changes nothing. What is shown keeps its dashes and digits."""
    assert cleaned(cleaned(text)) == cleaned(text)
    assert shown_text(shown_text(text)) == shown_text(text)


def test_the_name_of_an_app_keeps_what_is_meant() -> None:
    """Emoji are joined with characters that show nothing alone; a mark that turns the text around is removed."""
    meant = "Léa\u2019s \U0001f469\u200d\U0001f4bb\u2014\u0661"
    assert shown_text(f"  \u202e{meant}\u00a0\n") == meant
