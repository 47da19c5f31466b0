"""Contacts: how they are compared, and how much of them is shown."""

import phonenumbers
import pytest

from shared.domain.contact import Contact, EmailAddress, PhoneNumber, masked_name


def test_an_address_is_kept_as_typed_and_compared_without_case() -> None:
    """Mail goes to the exact text that was confirmed (R-19). Two spellings of a mailbox are one destination (R-26)."""
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
def test_a_masked_address_hides_the_lengths_of_its_parts(address: str, masked: str) -> None:
    """It shows first letters and the last label, and always the same number of dots."""
    assert EmailAddress(address).masked == masked


@pytest.mark.parametrize(
    ("number", "country_code", "masked"),
    [
        ("+14255550123", "1", "+1 ••••• 23"), ("+79123456789", "7", "+7 ••••• 89"),
        ("+33639981234", "33", "+33 ••••• 34"), ("+447700900123", "44", "+44 ••••• 23"),
        ("+352621123456", "352", "+352 ••••• 56"), ("+4712345678", "47", "+47 ••••• 78"),
    ],
)  # fmt: skip
def test_a_masked_number_shows_the_country_code_and_two_digits(number: str, country_code: str, masked: str) -> None:
    """Country codes have one to three digits, and the number of hidden digits is not visible."""
    assert PhoneNumber(number).country_code == country_code
    assert PhoneNumber(number).masked == masked
    assert PhoneNumber(number).canonical == number
    assert PhoneNumber(number).kind == "phone"


@pytest.mark.parametrize("country_code", phonenumbers.COUNTRY_CODE_TO_REGION_CODE, ids="+{}".format)
def test_a_country_code_agrees_with_the_numbering_plan(country_code: int) -> None:
    """The table of two-digit codes agrees with the numbering library."""
    assert PhoneNumber(f"+{country_code}5550123").country_code == str(country_code)


@pytest.mark.parametrize(
    "contact", [EmailAddress("alice@example.org"), PhoneNumber("+33639981234")], ids=lambda contact: contact.kind
)
def test_the_repr_of_a_contact_is_masked(contact: Contact) -> None:
    """A contact in a log line, a trace or an error shows the masked form only (R-101)."""
    printed = f"{contact!r} {contact!s} {contact} {[contact]}"
    assert printed.count(contact.masked) == 4
    assert contact.text not in printed


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("camille.ready", "c•••••y"),
        ("CORP\\camille", "C•••••e"),
        ("camille@corp.example", "c•••••@c•••••.example"),
        ("camille@corp", "c•••••p"),
        ("@x.example", "@•••••e"),
        ("bob", "b•••••"),
        ("b", "b•••••"),
    ],
)
def test_a_masked_name_shows_its_ends_and_hides_its_length(name: str, masked: str) -> None:
    """Its owner recognises it; others who see the email learn too little to sign in with. A short one shows less."""
    assert masked_name(name) == masked
