"""Phone numbers: read as people write them at home, in one form, and none that pays an attacker."""
# ruff: noqa: RUF001  (digits of other scripts are part of the subject)

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.validation.phone_number import MAX_CHARACTERS, phone_number

COUNTRIES = ("FR", "GB", "DE", "US", "IT")
MOBILE = phonenumbers.PhoneNumberType.MOBILE
EVERYWHERE = sorted(
    region for region in phonenumbers.SUPPORTED_REGIONS if phonenumbers.example_number_for_type(region, MOBILE)
)


@pytest.mark.parametrize("region", EVERYWHERE)
def test_a_mobile_number_of_every_country_is_read_as_at_home(region: str) -> None:
    """In the national form, abroad, with 00, as a link, and as a spreadsheet leaves it, without the plus."""
    example = phonenumbers.example_number_for_type(region, MOBILE)
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    formats = phonenumbers.PhoneNumberFormat
    spellings = [
        *(phonenumbers.format_number(example, form) for form in (formats.NATIONAL, formats.INTERNATIONAL)),
        phonenumbers.format_number(example, formats.RFC3966), e164, f"00{e164[1:]}", e164[1:],
    ]  # fmt: skip
    read = {phone_number(text, countries=EVERYWHERE, home_country=region).text for text in spellings}
    assert read == {e164}


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("+33 (0)6.12.34.56.78", "+33612345678"), ("+49 151/123-45678", "+4915112345678"),
        ("\u202d+33 6 12\u00a034 56 78\u202c", "+33612345678"),
        ("+33\u200b6\u202f12\u2009345678\ufeff", "+33612345678"),
        ("+33 6\u201112\u201134\u201356\u201478", "+33612345678"), ("\t+33612345678\n", "+33612345678"),
        ("\uff0b33612345678", "+33612345678"), ("+３３６１２３４５６７８", "+33612345678"),
        ("+٣٣٦١٢٣٤٥٦٧٨", "+33612345678"), ("०६१२३४५६७८", "+33612345678"), ("6 12 34 56 78", "+33612345678"),
        ("(+33) 6 12 34 56 78", "+33612345678"), ("+0033612345678", "+33612345678"),
        ("00 33 612345678", "+33612345678"),
        ("011 44 7400 123456", "+447400123456"), ("tel:06-12-34-56-78;phone-context=+33", "+33612345678"),
        ("tel:+33-6-12-34-56-78;phone-context=example.org", "+33612345678"),
        ("Mobile : 06 12 34 56 78", "+33612345678"),
        ("'+33612345678", "+33612345678"),
        ("06 12 34 56 78 (mobile)", "+33612345678"), ("tel:%2B33612345678", "+33612345678"),
        ("sms:+33612345678?body=x", "+33612345678"), ("33 (0)6 12 34 56 78", "+33612345678"),
        ('="+33612345678"', "+33612345678"), ("<+33612345678>,", "+33612345678"),
    ],
)  # fmt: skip
def test_spellings_of_one_phone_number_have_one_form(typed: str, e164: str) -> None:
    """What cannot be seen, dashes, digits of every script, labels and brackets make no difference."""
    assert phone_number(typed, countries=COUNTRIES, home_country="FR").text == e164


@pytest.mark.parametrize(
    ("typed", "home", "e164"),
    [
        ("+52 1 55 1234 5678", "", "+525512345678"), ("044 55 1234 5678", "MX", "+525512345678"),
        ("+54 11 2345 6789", "", "+5491123456789"), ("011 15 2345-6789", "AR", "+5491123456789"),
        ("+55 11 8123 4567", "", "+5511981234567"), ("(11) 8123-4567", "BR", "+5511981234567"),
        ("+225 07 12 34 56", "", "+2250707123456"), ("+225 05 12 34 56", "", "+2250505123456"),
        ("40 12 34 56", "CI", "+2250140123456"), ("+229 97 00 00 00", "", "+2290197000000"),
        ("+237 7712 3456", "", "+237677123456"),
        ("0168 123 4567", "VN", "+84381234567"), ("+56 9123 4567", "", "+56991234567"),
        ("+7 701 123 4567", "", "+77011234567"),
    ],
)  # fmt: skip
def test_a_number_whose_plan_has_changed_is_read_in_its_new_form(typed: str, home: str, e164: str) -> None:
    """As in people's contacts. The library knows today's plans only."""
    assert phone_number(typed, countries=EVERYWHERE, home_country=home).text == e164


@pytest.mark.parametrize(
    "number",
    ["+14255550100", "+12125550199", "+447700900000", "+447700900999", "+33639980000", "+33639989999", "+491713920012"],
)
def test_phone_numbers_reserved_for_demonstrations_are_accepted(number: str) -> None:
    """They reach nobody: NANPA, Ofcom, Arcep and the German regulator do not assign them."""
    assert phone_number(number, countries=COUNTRIES).text == number


@pytest.mark.parametrize(
    ("number", "countries"),
    [
        ("+33639980000", ("US",)), ("+447700900000", ("US",)), ("+33612345678", ()), ("+33612345678", ("US",)),
        ("+33612345678", ("fr",)), ("+18762345678", COUNTRIES), ("+12687641234", COUNTRIES),
        ("+447781123456", COUNTRIES), ("+77011234567", ("RU",)), ("+881612345678", COUNTRIES),
    ],
)  # fmt: skip
def test_only_phone_numbers_of_listed_countries_are_allowed(number: str, countries: tuple[str, ...]) -> None:
    """An empty list allows none (R-73). +1 is also the Caribbean, where much toll fraud ends."""
    with pytest.raises(InvalidInput, match="contact: country_not_allowed"):
        phone_number(number, countries=countries)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+33899123456", "premium rate"), ("+19002345678", "premium rate"), ("+33820123456", "shared cost"),
        ("+33800123456", "toll free"), ("+447012345678", "personal number"), ("+447640123456", "pager"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("allow_fixed", [True, False])
def test_premium_and_special_phone_numbers_are_refused(number: str, kind: str, *, allow_fixed: bool) -> None:
    """They pay a third party or cost many times the tariff (A-25)."""
    with pytest.raises(InvalidInput, match="contact: not_ordinary"):
        phone_number(number, countries=COUNTRIES, allow_fixed=allow_fixed)


@pytest.mark.parametrize("number", ["+33123456789", "+33199001234", "+442079460123", "+33970123456"])
def test_a_fixed_line_is_for_an_office_phone_only(number: str) -> None:
    """An office phone gets calls, a mobile phone text messages."""
    assert phone_number(number, countries=COUNTRIES, allow_fixed=True).text == number
    with pytest.raises(InvalidInput, match="contact: not_mobile"):
        phone_number(number, countries=COUNTRIES)


@pytest.mark.parametrize("typed", ["tel:+33155501234;ext=12", "+33 1 55 50 12 34 poste 12", "01 55 50 12 34 x12",
                                   "+33155501234,,12#", "+33 1 55 50 12 34 (ext. 12)"])  # fmt: skip
def test_an_extension_is_kept_for_an_office_phone_and_refused_for_a_mobile_one(typed: str) -> None:
    """A text message cannot be sent to an extension."""
    office = phone_number(typed, countries=COUNTRIES, home_country="FR", allow_fixed=True)
    assert (office.text, office.number, office.shown) == ("+33155501234;ext=12", "+33155501234", "+33155501234 ext. 12")
    assert office.masked.endswith(" 34")
    with pytest.raises(InvalidInput, match="contact: has_extension"):
        phone_number(typed, countries=COUNTRIES, home_country="FR")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"), ("\u200b \u202f", "missing"), ("+", "unknown_characters"), ("hello", "unknown_characters"),
        ("+33 6 12 34 56", "too_short"), ("06 12 34", "too_short"), ("1", "too_short"),
        ("+33 6 12 34 56 78 90", "too_long"), ("+" + "3" * 100, "too_long"), ("+" + "3" * MAX_CHARACTERS, "too_long"),
        ("+999 612345678", "unknown_country"), ("+33 0 0", "too_short"), ("+1 242 55", "too_short"),
        ("+336123,45678,+336", "several_numbers"), ("+33612345678, +33612345679", "several_numbers"),
        ("+33612345678;+33612345679", "several_numbers"), ("++33612345678", "several_numbers"),
        ("+33612345678\x00", "unknown_characters"), ("+1 425 FLOWERS", "unknown_characters"),
        ("+336¹2345678", "unknown_characters"), ("3.36E+10", "rounded"), ("+84 141 234 567", "unassigned"),
    ],
)  # fmt: skip
def test_a_refused_phone_number_says_what_is_wrong(text: str, reason: str) -> None:
    """A stable word for each fault. Letters, signs and control characters are no separators."""
    with pytest.raises(InvalidInput) as refused:
        phone_number(text, countries=[*COUNTRIES, "VN"], home_country="FR")
    assert (refused.value.field, refused.value.reason) == ("contact", reason)


def test_without_a_country_of_its_own_an_organisation_needs_the_country_code() -> None:
    """A number with 00 or a dropped plus has it."""
    for text in ("06 12 34 56 78", "612345678"):
        with pytest.raises(InvalidInput, match="contact: no_country_code"):
            phone_number(text, countries=COUNTRIES)
    for text in ("0033612345678", "33612345678"):
        assert phone_number(text, countries=COUNTRIES).text == "+33612345678"


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=45), st.from_regex(r"\+?[0-9 ()./;=ext-]{0,25}", fullmatch=True)),
    st.sampled_from(["", *COUNTRIES]),
    st.booleans(),
)
def test_every_text_is_a_stable_phone_number_or_invalid_input(text: str, country: str, allow_fixed: bool) -> None:
    """Read again, a stored number does not change."""
    try:
        number = phone_number(text, countries=COUNTRIES, home_country=country, allow_fixed=allow_fixed)
    except InvalidInput:
        return
    assert phone_number(number.text, countries=COUNTRIES, allow_fixed=allow_fixed) == number
