"""Phone numbers: ordinary numbers of allowed countries, in one form, and none that pays an attacker."""
# ruff: noqa: RUF001  (digits of other scripts are part of the subject)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.validation.phone_number import phone_number

COUNTRIES = ("FR", "GB", "DE", "US", "IT")


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("+33612345678", "+33612345678"), (" +33 6 12 34 56 78 ", "+33612345678"),
        ("+33 (0)6.12.34.56.78", "+33612345678"), ("+49 151/123-45678", "+4915112345678"),
        ("+1 (425) 555-0123", "+14255550123"), ("+39 312 345 6789", "+393123456789"),
    ],
)  # fmt: skip
def test_spellings_of_one_phone_number_have_one_form(typed: str, e164: str) -> None:
    """E.164 is stored, compared, counted and called."""
    assert phone_number(typed, countries=COUNTRIES).text == e164


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0033 6 12 34 56 78", "FR", "+33612345678"),
        ("(425) 555-0123", "US", "+14255550123"),
        ("+44 7400 123456", "FR", "+447400123456"),
    ],
)
def test_a_national_number_needs_a_country(typed: str, country: str, e164: str) -> None:
    """The default country applies to a number without a plus, and never to one with a plus."""
    assert phone_number(typed, countries=COUNTRIES, default_country=country).text == e164
    if not typed.startswith("+"):
        with pytest.raises(InvalidInput, match="contact: malformed"):
            phone_number(typed, countries=COUNTRIES)


@pytest.mark.parametrize(
    "number",
    ["+14255550100", "+12125550199", "+447700900000", "+447700900999", "+33639980000", "+33639989999", "+491713920012"],
)
def test_phone_numbers_reserved_for_demonstrations_are_accepted(number: str) -> None:
    """They reach nobody: NANPA, Ofcom, Arcep and the German regulator do not assign them."""
    assert phone_number(number, countries=COUNTRIES).text == number


@pytest.mark.parametrize("number", ["+33639980000", "+447700900000"])
def test_reserved_phone_numbers_need_an_allowed_country(number: str) -> None:
    """The exception is from the library's tables, not from the policy."""
    with pytest.raises(InvalidInput, match="contact: not_allowed"):
        phone_number(number, countries=["US"])


@pytest.mark.parametrize("countries", [(), ("US",), ("fr",)])
def test_only_phone_numbers_of_listed_countries_are_allowed(countries: tuple[str, ...]) -> None:
    """An empty list allows none, so a missing setting does not allow every country (R-73)."""
    with pytest.raises(InvalidInput, match="contact: not_allowed"):
        phone_number("+33612345678", countries=countries)


@pytest.mark.parametrize("number", ["+12425550123", "+18762345678", "+12687641234", "+447781123456", "+77011234567"])
def test_a_shared_country_code_is_not_the_country(number: str) -> None:
    """+1 is also the Caribbean, where much toll fraud ends, and +44 also the Channel Islands."""
    with pytest.raises(InvalidInput, match=r"contact: (not_allowed|malformed)"):
        phone_number(number, countries=[*COUNTRIES, "RU"])


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+33899123456", "premium rate"), ("+19002345678", "premium rate"), ("+449098790000", "premium rate"),
        ("+33820123456", "shared cost"), ("+33800123456", "toll free"), ("+18005550100", "toll free"),
        ("+447012345678", "personal number"), ("+447640123456", "pager"), ("+881612345678", "satellite"),
        ("+883510001234567", "international network"), ("+33970123456", "voice over IP"),
        ("+33123456789", "fixed line"),
    ],
)  # fmt: skip
def test_premium_and_special_phone_numbers_are_refused(number: str, kind: str) -> None:
    """They pay a third party, cost many times the tariff, or cannot receive a text message (A-25)."""
    with pytest.raises(InvalidInput, match=r"contact: (not_allowed|malformed)"):
        phone_number(number, countries=[*COUNTRIES, "001"] if kind == "international network" else COUNTRIES)


@pytest.mark.parametrize("number", ["+33123456789", "+33199001234", "+442079460123", "+33970123456", "+14255550123"])
def test_an_office_phone_may_be_a_fixed_line(number: str) -> None:
    """An office phone gets calls, not text messages."""
    assert phone_number(number, countries=COUNTRIES, allow_fixed=True).text == number


@pytest.mark.parametrize("number", ["+33899123456", "+33820123456", "+447012345678", "+447640123456"])
def test_an_office_phone_must_be_an_ordinary_number(number: str) -> None:
    """Premium, shared-cost, personal and pager numbers are refused."""
    with pytest.raises(InvalidInput, match="office_phone: not_allowed"):
        phone_number(number, countries=COUNTRIES, allow_fixed=True, field="office_phone")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+", "+()", "hello", "+33 6 12 34 56", "+33 6 12 34 56 78 90", "+0612345678", "++33612345678",
        "+33612345678\n", "+33612345678\x00", "+33612345678, +33612345679", "+33612345678;ext=1", "+33612345678 x1",
        "tel:+33612345678", "+1 425 FLOWERS", "+３３６１２３４５６７８", "+٣٣٦١٢٣٤٥٦٧٨", "\uff0b33612345678",
        "+33\u00a0612345678", "+33612345678\u200b", "+3361234567_8", "00 33 6 12 34 56 78",
    ],
)  # fmt: skip
def test_text_that_is_not_a_phone_number_is_malformed(text: str) -> None:
    """Digits must be ASCII (A-32). Extensions, lists and letters are refused."""
    with pytest.raises(InvalidInput, match="contact: malformed"):
        phone_number(text, countries=COUNTRIES)


def test_a_long_phone_number_is_refused_before_parsing() -> None:
    """Forty characters are enough for every number."""
    with pytest.raises(InvalidInput, match="contact: too_long"):
        phone_number("+" + "3" * 100_000, countries=COUNTRIES)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=45), st.from_regex(r"\+?[0-9 ()./-]{0,25}", fullmatch=True)),
    st.sampled_from([None, *COUNTRIES]),
)
def test_every_text_is_a_stable_phone_number_or_invalid_input(text: str, country: str | None) -> None:
    """Read again, a stored number does not change."""
    try:
        number = phone_number(text, countries=COUNTRIES, default_country=country)
    except InvalidInput:
        return
    assert phone_number(number.text, countries=COUNTRIES) == number
