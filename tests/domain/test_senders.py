"""Senders of texts: which one is used for which country, by table, and which ones cannot be declared."""

import phonenumbers
import pytest

from shared.domain.contact import PhoneNumber
from shared.domain.sender_reach import MOBILE_PREFIXES, OUTSIDE_THE_US, TOLL_FREE_CODES, SenderKind
from shared.domain.senders import faults_of_countries, reached_by, sender_to
from shared.validation.phone_country import country_of
from shared.validation.senders import senders

COUNTRIES = ("US", "CA", "PR", "GB", "FR", "DE", "IE", "IT", "BE", "NL", "PL", "JP")
USED = {
    # what is declared: the sender for each of COUNTRIES, "-" for none
    "+18005550199": "+18005550199 +18005550199 +18005550199 - - - - - - - - -",
    "+18885550199:US": "+18885550199 - - - - - - - - - - -",
    "+14255550100": "+14255550100 - - - - - - - - - - -",
    "24680:US": "24680 - - - - - - - - - - -",
    "24680:CA": "- 24680 - - - - - - - - - -",
    "60777:GB": "- - - 60777 - - - - - - - -",
    "+447700900123": "- - - +447700900123 - - - - - - - -",
    "+32460000000, +31612345678": "- - - - - - - - +32460000000 +31612345678 - -",
    "Contoso": "- - - - Contoso Contoso - - - Contoso Contoso -",
    "Contoso:FR": "- - - - Contoso - - - - - - -",
    "Contoso:GB+IE+IT": "- - - Contoso - - Contoso Contoso - - - -",
    "My Org 24, +48601000000, 24680:US": "24680 - - - My_Org_24 My_Org_24 - - - My_Org_24 My_Org_24 -",
    "+48601000000, Contoso, 24680:US": "24680 - - - Contoso Contoso - - - Contoso +48601000000 -",
    "none": "- - - - - - - - - - - -",
}  # fmt: skip


@pytest.mark.parametrize("declared", USED)
def test_the_first_sender_that_reaches_the_country_is_used(declared: str) -> None:
    """Each kind against countries of each kind; and whatever has no sender has a fault that says why."""
    found, faults = senders(declared)
    assert faults == []
    chosen = {country: sender_to(country, found) for country in COUNTRIES}
    assert [sender.text.replace(" ", "_") if sender else "-" for sender in chosen.values()] == USED[declared].split()
    refused = faults_of_countries(COUNTRIES, found)
    assert [fault.split()[4] for fault in refused] == [f"{country}:" for country in chosen if chosen[country] is None]
    assert {country for country, sender in chosen.items() if sender} <= {*reached_by(found)}


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("0170 1234567", "is not a number"),
        ("Contoso24680x", "is not a number"),
        ("Sésame", "is not a number"),
        ("1234", "is not a number"),
        ("1234567", "is not a number"),
        ("", "is not a number"),
        ("24680", "its country must follow"),
        ("24680:US+CA", "one country only"),
        ("24680:FR", "short code, which cannot send to FR"),
        ("Contoso:US", "an alphanumeric sender, which cannot send to US"),
        ("+18005550199:GB", "a toll-free number, which cannot send to GB"),
        ("+447700900123:FR", "a mobile number, which cannot send to FR"),
        ("Contoso:fr", "'fr' is not a country"),
        ("Contoso:", "'' is not a country"),
        ("+33639980001", "+33639980001 cannot send texts"),
        ("+4915123456789", "cannot send texts"),
        ("+14165550100", "cannot send texts"),
        ("+442079460000", "cannot send texts"),
    ],
)
def test_a_sender_that_cannot_be_is_refused_with_the_reason(entry: str, fault: str) -> None:
    """Among others that can."""
    found, (said,) = senders(f"Contoso, {entry}, +18005550199")
    assert fault in said
    assert [sender.text for sender in found] == ["Contoso", "+18005550199"]


def test_the_area_codes_and_prefixes_are_those_of_the_numbering_plans() -> None:
    """Of every area code of North America, and of the mobile numbers that can send, as libphonenumber knows them."""
    for code in map(str, range(200, 1000)):
        number = PhoneNumber(f"+1{code}2345678")
        country = country_of(number)
        kind = phonenumbers.number_type(phonenumbers.parse(number.text))
        assert (code in TOLL_FREE_CODES) is (kind == phonenumbers.PhoneNumberType.TOLL_FREE), code
        if kind == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE:
            assert (code in OUTSIDE_THE_US) is (country != "US"), code
    for country, prefixes in MOBILE_PREFIXES.items():
        example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
        assert f"{example.country_code}{example.national_number}".startswith(prefixes), country


@pytest.mark.parametrize(
    ("number", "country"),
    [("+447700900123", "GB"), ("+33639980001", "FR"), ("+17875550100", "PR"), ("+14165550100", "CA"), ("+88213", "")],
)
def test_a_number_has_the_country_of_its_plan(number: str, country: str) -> None:
    """Reserved numbers too; a network of no country has none."""
    assert country_of(PhoneNumber(number)) == country


def test_a_name_hears_no_reply() -> None:
    """Only a number can be answered with STOP or START."""
    found, _ = senders("+18005550199, +14255550100, +447700900123, 24680:US, Contoso")
    assert [sender.kind for sender in found] == list(SenderKind)
    assert [sender.hears_replies for sender in found] == [True, True, True, True, False]
