"""What each kind of sender of texts reaches: the only place where it is written down.

Microsoft Learn, Azure Communication Services, read on 28 November 2026:

- "SMS overview" (`concepts/sms/concepts`, dated 10 July 2023, with the registration in the United Kingdom of 19 April
  2024): toll-free numbers, short codes, dynamic and preregistered alphanumeric sender IDs
- "Choosing the Right Phone Number for Your Business Messaging Needs" (`concepts/sms/sms-number-types`, dated 30 October
  2024, with mobile numbers of 2025): local numbers (10DLC) and mobile numbers
- "SMS FAQ" (`concepts/sms/sms-faq`): a short code and a 10DLC number reach their own country only; since 3 October 2025
  Ireland blocks names that are not registered; a short code has five or six digits, a name at most 11 characters

Where Microsoft adds a country, add it here. Countries are ISO 3166 codes; Puerto Rico is one of its own. Messaging
Connect, where a partner sends, is not offered: its requests need a key of the partner.
"""

from enum import StrEnum
from typing import Final


class SenderKind(StrEnum):
    """The kinds, in the words of faults and documents."""

    TOLL_FREE = "toll-free number"
    LOCAL = "local number"
    MOBILE = "mobile number"
    SHORT_CODE = "short code"
    NAME = "alphanumeric sender"

    @property
    def phrase(self) -> str:
        """The kind with its article."""
        return f"an {self}" if self is SenderKind.NAME else f"a {self}"


def _countries(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEEDS_NO_REGISTRATION: Final = _countries("AT CH DE DK EE ES FR LT LV NL PL PT SE")
"""Where a name can send as soon as names are enabled ("dynamic")."""
NEEDS_REGISTRATION: Final = _countries("AU CZ FI GB IE IT NO SI SK")
"""Where a name can send once it is registered there, which takes four to five weeks ("preregistered")."""

MOBILE_PREFIXES: Final = {
    "AU": ("614",), "BE": ("324",), "DK": ("45",), "FI": ("3584", "35850"), "IE": ("3538",), "LV": ("3712",),
    "NL": ("316", "3197"), "PL": ("48",), "SE": ("467",), "GB": ("447",),
}  # fmt: skip
"""The countries whose mobile numbers can send, and how those begin (ITU-T E.164, national numbering plans)."""

REACH: Final = {
    SenderKind.TOLL_FREE: _countries("CA PR US"),
    SenderKind.LOCAL: _countries("US"),
    SenderKind.MOBILE: frozenset(MOBILE_PREFIXES),
    SenderKind.SHORT_CODE: _countries("CA GB US"),
    SenderKind.NAME: NEEDS_NO_REGISTRATION | NEEDS_REGISTRATION,
}
"""Where a sender of this kind can send at all. All but toll-free numbers and names reach their own country only."""

HEARS_REPLIES: Final = frozenset(SenderKind) - {SenderKind.NAME}
"""The kinds to which a person can text STOP and START. A name receives nothing ("SMS FAQ")."""

TOLL_FREE_CODES: Final = _countries("800 833 844 855 866 877 888")
OUTSIDE_THE_US: Final = _countries(
    "204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 474 506 514 "
    "519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905 942 "
    "242 246 264 268 284 340 345 441 473 649 658 664 670 671 684 721 758 767 784 787 809 829 849 868 869 876 939"
)
"""Area codes after +1 (North American Numbering Plan): toll-free; of Canada, the Caribbean and the Pacific."""
