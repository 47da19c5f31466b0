"""Contacts: how they compare and what of them is shown."""

import pytest

from shared.domain.contact import Contact, EmailAddress, PhoneNumber


def test_an_address_keeps_what_was_typed_and_compares_without_case() -> None:
    """Mail goes to the bytes that were confirmed (R-19); two spellings of one mailbox are one destination (R-26)."""
    address = EmailAddress("Alice.Martin@example.org")
    assert address.text == "Alice.Martin@example.org"
    assert address.canonical == EmailAddress("ALICE.martin@example.org").canonical == "alice.martin@example.org"
    assert address.kind == "email"


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("alice@example.org", "a•••••@e•••••.org"),
        ("a@b.fr", "a•••••@b•••••.fr"),
        ("alice@mail.students.example.co.uk", "a•••••@m•••••.uk"),
    ],
)
def test_a_masked_address_hides_all_lengths(address: str, masked: str) -> None:
    """First letters, the last label and the same dots for everybody."""
    assert EmailAddress(address).masked == masked


@pytest.mark.parametrize(
    ("number", "country_code", "masked"),
    [
        ("+14255550123", "1", "+1 ••••• 23"),
        ("+79123456789", "7", "+7 ••••• 89"),
        ("+33639981234", "33", "+33 ••••• 34"),
        ("+447700900123", "44", "+44 ••••• 23"),
        ("+352621123456", "352", "+352 ••••• 56"),
        ("+4712345678", "47", "+47 ••••• 78"),
    ],
)
def test_a_masked_number_shows_country_and_two_digits(number: str, country_code: str, masked: str) -> None:
    """Country codes have one to three digits, and nothing tells how many digits are hidden."""
    assert PhoneNumber(number).country_code == country_code
    assert PhoneNumber(number).masked == masked
    assert PhoneNumber(number).canonical == number
    assert PhoneNumber(number).kind == "phone"


def test_country_codes_agree_with_the_numbering_plan() -> None:
    """The short table of two-digit codes says what the numbering library says, for every country."""
    import phonenumbers

    for country_code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        assert PhoneNumber(f"+{country_code}5550123").country_code == str(country_code)


@pytest.mark.parametrize("contact", [EmailAddress("alice@example.org"), PhoneNumber("+33639981234")])
def test_a_contact_prints_masked(contact: Contact) -> None:
    """A contact in a log line, a trace or an error says no more than the mask (R-101)."""
    for printed in (repr(contact), str(contact), f"{contact}", f"{[contact]}"):
        assert contact.masked in printed
        assert contact.text not in printed
