"""The rules for a new password: the lengths, and every way to extend a known word to the minimum length."""
# ruff: noqa: RUF001  (look-alikes are part of the subject)

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.password_folding import folded
from shared.domain.password_rules import PasswordLimits, Rule, check_password, normalised_for_embedded
from tests.cost import least_seconds

LISTED = "password letmein dragon monkey soleil motdepasse purple iloveyou horse battery 2000"
BLOCKLIST = frozenset(map(folded, LISTED.split()))
CONTEXT = ("Sésame", "Contoso", "alice.martin@example.org")


def broken(candidate: str, **limits: int) -> set[Rule]:
    """Return the rules that a candidate breaks."""
    results = check_password(candidate, blocklist=BLOCKLIST, context_words=CONTEXT, limits=PasswordLimits(**limits))
    return {result.rule for result in results if not result.passed}


@pytest.mark.parametrize(
    "passphrase",
    [
        "correct horse battery staple",
        "my dragon eats only green apples",
        "a password is never enough of one",
        "kv9x-Wq2m-77Lp-aZ",
        "lettres a poster demain",
        "Tr0ub4dor&3-Zanzibar",
        "\U0001f600" * 15,
        "".join(map(chr, range(0x1F600, 0x1F60F))),
        "пароль из четырёх слов",
        "Contoso pays me every month",
        "dragon monkey purple letmein",
        "836120001729405",
    ],
)
def test_a_long_passphrase_is_accepted(passphrase: str) -> None:
    """No composition rules, any script, spaces and emoji. It may contain a listed word (R-40, R-42, R-43)."""
    assert broken(passphrase) == set()


@pytest.mark.parametrize("character", ["x", "é", "\u0416", "\U0001f600"])
def test_the_length_of_a_password_counts_code_points(character: str) -> None:
    """Fourteen are too few and fifteen are enough, whatever their size in bytes or UTF-16 (R-40)."""
    assert Rule.LENGTH in broken(character * 14)
    assert Rule.LENGTH not in broken(character * 15)


def test_the_length_of_a_password_is_measured_before_normalisation() -> None:
    """Eight letters with eight combining marks are sixteen code points as typed (R-44)."""
    assert Rule.LENGTH not in broken("e\u0301" * 8)
    assert Rule.LENGTH in broken(unicodedata.normalize("NFC", "e\u0301" * 8))


def test_a_password_that_is_too_long_is_refused_and_never_cut() -> None:
    """256 are accepted and 257 are not; neither are more than 1024 bytes (R-41, A-29)."""
    words = "the quick brown fox jumps over "
    assert broken((words * 9)[:256]) == set()
    assert broken((words * 9)[:257]) == {Rule.TOO_LONG}
    assert Rule.TOO_LONG not in broken("\U0001f600" * 256)
    assert Rule.TOO_LONG in broken("\U0001f600" * 256, max_bytes=1023)


def test_the_policy_sets_the_lengths_of_a_password() -> None:
    """Eight if the sign-in has a second factor, and a smaller maximum if a directory has one."""
    assert broken("kv9xWq2m", min_length=8) == set()
    assert Rule.TOO_LONG in broken("kv9xWq2m" * 9, max_length=64)


@pytest.mark.parametrize(
    "candidate",
    [
        "password", "PASSWORD", "P@ssw0rd", "pässwörd", "password1", "1password!", "Password2026!!!!",
        "--motdepasse--12345", *["ｐａｓｓｗｏｒｄ", "$oleil 2026", "s0leil0123456789"],
    ],
)  # fmt: skip
def test_a_listed_password_is_found_in_any_spelling(candidate: str) -> None:
    """Case, accents, look-alikes, width, and digits or punctuation around the word make no difference."""
    assert Rule.BLOCKLISTED in broken(candidate)


@pytest.mark.parametrize(
    "candidate",
    [
        "passwordpassword", "Password-Password-", "password1password2", "p4ssw0rdp4ssw0rd", "letmeinletmeinletmein",
        "dragonmonkeydragon", "dragon2026monkey!", "dragon.monkey.dragon.monkey", "dragonmonkeyhorse",
        "contosodragon2026", "aaaaaaaaaaaaaaa", "abababababababa", "x1?x1?x1?x1?x1?x1?", "éééééééééééééééé",
        "ъыъыъыъыъыъыъыъы",
    ],
)  # fmt: skip
def test_a_password_of_listed_words_repeated_or_joined_is_refused(candidate: str) -> None:
    """Repeating a word or joining two or three short ones adds almost nothing to guess."""
    assert Rule.REPEATED_OR_JOINED in broken(candidate)


@pytest.mark.parametrize(
    "candidate",
    [
        "abcdefghijklmno", "zyxwvutsrqponml", "123456789012345", "098765432109876", "qwertyuiopasdfgh",
        "azertyuiopqsdfgh", "qwertzuiopasdfgh", "1qaz2wsx3edc4rfv", "aqzsedrftgyhujik", "QwertyUiop12345!",
        "112233445566778", "1-2-3-4-5-6-7-8-9-0", "abcd efgh ijkl mnop", "bob1234567890123",
    ],
)  # fmt: skip
def test_a_password_that_follows_an_alphabet_or_a_keyboard_is_refused(candidate: str) -> None:
    """Alphabet, digits, and the QWERTY, AZERTY and QWERTZ keyboards in any direction."""
    assert Rule.SEQUENCE in broken(candidate)


@pytest.mark.parametrize(
    "candidate",
    [
        "contoso20262027", "C0nt0s0-C0nt0s0!", "sesame!sesame!2026", "SÉSAMESÉSAMESÉSAME", "alice.martin.1985",
        "AliceMartin@2026", "martinalice_007_007", "contosoalice 2026 abc", "alice.martin@example.org",
    ],
)  # fmt: skip
def test_a_password_of_known_names_and_digits_is_refused(candidate: str) -> None:
    """An attacker knows the product, the organisation and the identifier (OWASP ASVS 5.0 6.2.11)."""
    assert Rule.CONTEXT in broken(candidate)


def test_a_known_name_of_two_letters_is_ignored() -> None:
    """A part of a name with two letters occurs in many passwords."""
    results = check_password("io is my favourite", blocklist=frozenset(), context_words=["io", "", "a.b@c.de", "-"])
    assert all(result.passed for result in results)


def test_every_password_rule_is_reported_in_order() -> None:
    """A page can show for each rule whether it is met while the person types."""
    results = check_password("", blocklist=BLOCKLIST)
    assert [result.rule for result in results] == list(Rule)
    assert [result.rule for result in results if not result.passed] == [Rule.LENGTH]


@pytest.mark.parametrize("start", ["k", "kv", "kv9", "kv9x-W", "my p"])
def test_the_beginning_of_a_good_password_is_only_too_short(start: str) -> None:
    """The live check reports no other rule for the first letters."""
    assert broken(start) == {Rule.LENGTH}


def test_a_password_of_the_embedded_directory_is_normalised_to_nfc_only() -> None:
    """Composed and decomposed letters are one password. Case, width and ligatures are not folded (R-44, C6)."""
    assert normalised_for_embedded("e\u0301t\u00e9") == normalised_for_embedded("\u00e9te\u0301") == "\u00e9t\u00e9"
    assert normalised_for_embedded("Ａﬁ\u212a ") == "Ａﬁ\u004b "


HOSTILE = {
    "one letter": "a" * 256,
    "two letters": "ab" * 128,
    "a long period": "aaaaaaaaaaaaaaab" * 16,
    "a listed word": "password" * 32,
    "almost a listed word": "passwor" * 36,
    "digits and marks": "1!" * 128,
    "a character that decomposes into eighteen": "\ufdfa" * 256,
    "letters with two accents": "a\u0301\u0323" * 85,
    "accents only": "\u0301" * 256,
    "emoji": "\U0001f600" * 256,
    "five megabytes": "x" * 5_000_000,
    "a million characters that decompose": "\ufdfa" * 1_000_000,
}


@pytest.mark.parametrize("candidate", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_password_is_checked_in_milliseconds(candidate: str) -> None:
    """Repetition, long decompositions, many combining marks, or megabytes of text (A-29)."""
    assert least_seconds(lambda: broken(candidate)) < 0.05


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_every_text_can_be_checked_as_a_password(candidate: str) -> None:
    """No text raises, and only the lengths decide the length rules."""
    rules = broken(candidate)
    assert (Rule.LENGTH in rules) == (len(candidate) < 15)
    assert (Rule.TOO_LONG in rules) == (len(candidate) > 256 or len(candidate.encode()) > 1024)


@given(st.text(max_size=100))
def test_folding_a_password_twice_changes_nothing(text: str) -> None:
    """Otherwise an entry of the list would not match the password that it was made from."""
    assert folded(folded(text)) == folded(text)


@given(
    st.lists(st.sampled_from(sorted(BLOCKLIST)), min_size=1, max_size=2),
    st.integers(1, 4),
    st.text("0123456789!-_ ", max_size=9),
)
def test_one_or_two_listed_words_are_never_accepted(words: list[str], times: int, ending: str) -> None:
    """However often they are repeated and whatever follows them."""
    assert broken("".join(words) * times + ending) & {Rule.REPEATED_OR_JOINED, Rule.BLOCKLISTED}
