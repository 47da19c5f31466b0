"""Email: a code to an address that can be read without the password being reset (M4)."""

from typing import Final

from shared.domain.contact import Contact, EmailAddress
from shared.domain.policy import Policy
from shared.methods.base import Method
from shared.validation.email_address import email_address


class _Email:
    name: Final = "email"
    channels: Final = ("email",)

    def contact(self, text: str, policy: Policy) -> Contact:
        return email_address(text, refused_domains=policy.refused_email_domains)

    def stored(self, text: str) -> Contact:
        return EmailAddress(text)


EMAIL: Final[Method] = _Email()
