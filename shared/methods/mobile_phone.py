"""Mobile phone: a code by SMS to a number one carries (M3). Voice is another channel of the same method and number."""

from typing import Final

from shared.domain.contact import Contact, PhoneNumber
from shared.domain.policy import Policy
from shared.methods.base import Method
from shared.validation.phone_number import phone_number


class _MobilePhone:
    name: Final = "mobile_phone"
    channels: Final = ("sms",)

    def contact(self, text: str, policy: Policy) -> Contact:
        return phone_number(text, countries=policy.countries)

    def stored(self, text: str) -> Contact:
        return PhoneNumber(text)


MOBILE_PHONE: Final[Method] = _MobilePhone()
