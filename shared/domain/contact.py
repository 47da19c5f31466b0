"""Where a code can be sent: an email address or a phone number, already judged by `shared/validation`.

A contact prints as its masked form, so that one that strays into a log, a trace or an exception says nothing (R-101).
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

# As many dots whatever they hide: the length of a name narrows it down.
_HIDDEN: Final = "\u2022" * 5

# ITU-T E.164 assigns country codes of one digit (1 and 7), of two (these) and of three (all others).
_TWO_DIGIT_COUNTRY_CODES: Final = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class EmailAddress:
    """`text` is what mail is sent to, byte for byte (R-19): the local part as typed, the domain in lower-case ASCII."""

    text: str
    kind: ClassVar[Literal["email"]] = "email"

    @property
    def domain(self) -> str:
        """The part after the last @."""
        return self.text.rpartition("@")[2]

    @property
    def canonical(self) -> str:
        """The form that is compared and counted: most mailboxes ignore case, and two of them must not be two gates."""
        return self.text.lower()

    @property
    def masked(self) -> str:
        """Enough for its owner to recognise, `b\u2022\u2022\u2022\u2022\u2022@e\u2022\u2022\u2022\u2022\u2022.org`."""
        return f"{self.text[0]}{_HIDDEN}@{self.domain[0]}{_HIDDEN}.{self.domain.rpartition('.')[2]}"

    def __repr__(self) -> str:
        return f"<EmailAddress {self.masked}>"


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """`text` is the number in E.164, `+33639981234`."""

    text: str
    kind: ClassVar[Literal["phone"]] = "phone"

    @property
    def canonical(self) -> str:
        """E.164 has one form for each number."""
        return self.text

    @property
    def country_code(self) -> str:
        """The digits that lead to a country or a numbering plan, without the plus."""
        digits = self.text[1:]
        if digits[0] in "17":
            return digits[0]
        return digits[:2] if _TWO_DIGIT_COUNTRY_CODES.match(digits) else digits[:3]

    @property
    def masked(self) -> str:
        """Country and the last two digits, `+33 \u2022\u2022\u2022\u2022\u2022 34`."""
        return f"+{self.country_code} {_HIDDEN} {self.text[-2:]}"

    def __repr__(self) -> str:
        return f"<PhoneNumber {self.masked}>"


Contact = EmailAddress | PhoneNumber
