"""Define the contacts to which a code can be sent. `shared/validation` has already checked them.

The `repr` of a contact is its masked form, so a log, a trace or an exception never shows the whole contact (R-101).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from shared.domain.errors import InvalidInput

# Always the same number of dots: the length of a name would help to guess it.
_HIDDEN: Final = "\u2022" * 5

# The two-digit country codes of ITU-T E.164. 1 and 7 have one digit, all others have three.
_TWO_DIGIT_COUNTRY_CODES: Final = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class EmailAddress:
    """An email address. Mail is sent to exactly `text` (R-19): local part as typed, domain in lower-case ASCII."""

    text: str
    typed: str = ""
    """As its owner wrote it, where that differs."""
    kind: ClassVar[Literal["email"]] = "email"

    @classmethod
    def from_kept(cls, kept: str) -> "EmailAddress":
        """Return the address from its stored text. No address has a space."""
        text, _, typed = kept.partition(" ")
        return cls(text, typed)

    @property
    def kept(self) -> str:
        """The text to store."""
        return f"{self.text} {self.typed}" if self.typed else self.text

    @property
    def shown(self) -> str:
        """As its owner reads it."""
        return self.typed or self.text

    @property
    def domain(self) -> str:
        """The part after the last @."""
        return self.text.rpartition("@")[2]

    @property
    def canonical(self) -> str:
        """The form that is compared and counted, in lower case: two spellings of a mailbox must not pass two gates."""
        return self.text.lower()

    def mailbox(self, dotless: Collection[str]) -> str:
        """Return the mailbox for which sends are counted: without what follows a `+`, and without dots in `dotless`.

        Providers deliver all these spellings to one mailbox. Only the budget is shared; the address stays as typed.
        """
        local, _, domain = self.canonical.rpartition("@")
        bare = local.partition("+")[0] or local
        return f"{bare.replace('.', '') if domain in dotless else bare}@{domain}"

    @property
    def masked(self) -> str:
        """A form that its owner recognises: `b\u2022\u2022\u2022\u2022\u2022@e\u2022\u2022\u2022\u2022\u2022.org`."""
        local, _, domain = self.shown.rpartition("@")
        return f"{local[0]}{_HIDDEN}@{domain[0]}{_HIDDEN}.{domain.rpartition('.')[2]}"

    def __repr__(self) -> str:
        return f"<EmailAddress {self.masked}>"


def masked_name(name: str) -> str:
    """Return the name of an account as its owner recognises it: its first and last character, or a masked address."""
    local, _, domain = name.rpartition("@")
    if local and "." in domain[1:]:
        return EmailAddress(name).masked
    return f"{name[0]}{_HIDDEN}{name[-1] if len(name) > 3 else ''}"


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A phone number. `text` is in E.164 form, for example `+33639981234`, perhaps with an extension (RFC 3966):
    `+33155501234;ext=12`.
    """

    text: str
    kind: ClassVar[Literal["phone"]] = "phone"

    @property
    def canonical(self) -> str:
        """The number itself: E.164 has one form for each number. Two extensions are two phones."""
        return self.text

    @property
    def number(self) -> str:
        """The number that is dialled, without the extension."""
        return self.text.partition(";")[0]

    @property
    def extension(self) -> str:
        """The digits that are dialled after an answer. Empty without an extension."""
        return self.text.partition(";ext=")[2]

    @property
    def kept(self) -> str:
        """The text to store."""
        return self.text

    @property
    def shown(self) -> str:
        """As its owner reads it: `+33155501234 ext. 12`."""
        return self.text.replace(";ext=", " ext. ")

    @property
    def country_code(self) -> str:
        """The digits of the country or the numbering plan, without the plus."""
        digits = self.text[1:]
        if digits[0] in "17":
            return digits[0]
        return digits[:2] if _TWO_DIGIT_COUNTRY_CODES.match(digits) else digits[:3]

    @property
    def masked(self) -> str:
        """The country code and the last two digits: `+33 \u2022\u2022\u2022\u2022\u2022 34`."""
        return f"+{self.country_code} {_HIDDEN} {self.number[-2:]}"

    def __repr__(self) -> str:
        return f"<PhoneNumber {self.masked}>"


Contact = EmailAddress | PhoneNumber


def refuse_own_mailbox(contact: Contact, domains: Collection[str]) -> None:
    """Raise InvalidInput for a mailbox of these domains: who forgot the password could not open it either (M4)."""
    if isinstance(contact, EmailAddress) and contact.domain in domains:
        raise InvalidInput("contact", "domain_not_allowed")
