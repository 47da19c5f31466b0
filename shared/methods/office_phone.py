"""Office phone: set by an administrator only, proved by a voice call (M2).

No channel of this build places calls, so the method can be prefilled and shown but not yet prove anything.
"""

from typing import Final

from shared.domain.contact import Contact, PhoneNumber
from shared.domain.policy import Policy
from shared.methods.base import Method
from shared.validation.phone_number import phone_number


class _OfficePhone:
    name: Final = "office_phone"
    channels: Final = ()

    def contact(self, text: str, policy: Policy) -> Contact:
        return phone_number(text, countries=policy.countries, allow_fixed=True)

    def stored(self, text: str) -> Contact:
        return PhoneNumber(text)


OFFICE_PHONE: Final[Method] = _OfficePhone()
