"""Read the senders of texts that an operator declares.

`+18005550199, 24680:US, Contoso, Contoso:GB+IT`: separated by commas, each with the countries that it is used for after
a colon, where they do not follow from its kind. No quotation marks, because azd writes a value into a JSON file as it
is. Only the standard library is needed, because the hooks of a deployment run without any other (operate/hooks).
"""

import re
from typing import Final

from shared.domain.sender_reach import (
    MOBILE_PREFIXES,
    NEEDS_NO_REGISTRATION,
    OUTSIDE_THE_US,
    REACH,
    TOLL_FREE_CODES,
    SenderKind,
)
from shared.domain.senders import Sender

NONE: Final = "none"
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_NANP: Final = re.compile(r"\+1([2-9][0-9]{2})[2-9][0-9]{6}", re.ASCII)
_SHORT_CODE: Final = re.compile(r"[0-9]{5,6}", re.ASCII)
_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)


def senders(text: str) -> tuple[tuple[Sender, ...], list[str]]:
    """Return the declared senders, in their order, and every fault. No text, or `none`, declares none."""
    if text.strip().lower() in {"", NONE}:
        return (), []
    declared, faults = [], []
    for entry in text.split(","):
        try:
            declared.append(_sender(entry.strip()))
        except ValueError as fault:
            faults.append(str(fault))
    return tuple(declared), faults


def _sender(entry: str) -> Sender:
    """Read one entry. Raises ValueError with the fault."""
    text, colon, listed = (part.strip() for part in entry.partition(":"))
    kind, reach = _kind(text)
    if not colon:
        if kind is SenderKind.SHORT_CODE:
            raise ValueError(f"{text} is a short code, so its country must follow, such as {text}:US")
        return Sender(text, kind, reach & NEEDS_NO_REGISTRATION if kind is SenderKind.NAME else reach)
    countries = [country.strip() for country in listed.split("+")]
    for country in countries:
        if not _COUNTRY.fullmatch(country):
            raise ValueError(f"{text}: {country!r} is not a country (ISO 3166), such as US")
        if country not in reach:
            raise ValueError(f"{text} is {kind.phrase}, which cannot send to {country}")
    if kind is SenderKind.SHORT_CODE and len(countries) > 1:
        raise ValueError(f"{text} is a short code, which sends to one country only")
    return Sender(text, kind, frozenset(countries))


def _kind(text: str) -> tuple[SenderKind, frozenset[str]]:
    """Return the kind of a sender by its form, and every country that it could send to. Raises ValueError."""
    if _SHORT_CODE.fullmatch(text):
        return SenderKind.SHORT_CODE, REACH[SenderKind.SHORT_CODE]
    if _NAME.fullmatch(text):
        return SenderKind.NAME, REACH[SenderKind.NAME]
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number such as +18005550199, a short code or a name of 11 characters")
    if found := _NANP.fullmatch(text):
        if found[1] in TOLL_FREE_CODES:
            return SenderKind.TOLL_FREE, REACH[SenderKind.TOLL_FREE]
        if found[1] not in OUTSIDE_THE_US:
            return SenderKind.LOCAL, REACH[SenderKind.LOCAL]
    for country, prefixes in MOBILE_PREFIXES.items():
        if text[1:].startswith(prefixes):
            return SenderKind.MOBILE, frozenset({country})
    raise ValueError(
        f"{text} cannot send texts: Communication Services has toll-free numbers of North America, local numbers of "
        f"the US, and mobile numbers of {', '.join(sorted(MOBILE_PREFIXES))}"
    )


def caller_fault(text: str) -> str:
    """Return why this cannot be the number from which codes are spoken, or "".

    Calls are made from toll-free and geographic numbers of Communication Services (Microsoft Learn, "Number types").
    Which numbers an installation owns is not known here; the provider refuses others.
    """
    if _SHORT_CODE.fullmatch(text):
        return f"{text} is a short code, which sends texts only. Declare a toll-free or geographic number"
    if _NAME.fullmatch(text):
        return f"{text} is a name, which sends texts only. Declare a toll-free or geographic number"
    if not _NUMBER.fullmatch(text):
        return f"{text!r} is not a number such as +18005550199"
    # Where mobile numbers have no beginning of their own, nothing tells them from geographic ones.
    told_apart = [prefix for prefixes in MOBILE_PREFIXES.values() for prefix in prefixes if len(prefix) > 2]
    if text[1:].startswith(tuple(told_apart)):
        return f"{text} is a mobile number, which sends texts only. Declare a toll-free or geographic number"
    return ""
