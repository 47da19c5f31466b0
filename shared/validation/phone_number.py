"""Check a phone number to which a code may be sent: valid, in an allowed country, and of an ordinary kind.

This check prevents toll fraud (R-73, A-25). Premium and shared-cost numbers pay the attacker for each message, personal
and satellite numbers cost many times the tariff, and nobody legitimate needs a country that is not on the list. Only
ASCII digits are accepted, because `int()` and libraries also read the digits of other scripts (A-32).

Numbers that are reserved for films and demonstrations are accepted, so that examples and tests never call a real
person. Those that the library does not accept are in a table here: +44 7700 900xxx (Ofcom) and +33 6 39 98 xx xx
(Arcep). The library accepts +1 NPA 555 01xx (NANPA) and +49 171 39200 xx (Germany). These numbers reach nobody, so
they prove nothing.
"""

import re
from collections.abc import Collection
from typing import Final

from shared.domain.contact import PhoneNumber
from shared.domain.errors import InvalidInput

MAX_CHARACTERS: Final = 40  # fifteen digits (E.164) and the separators that people type

_TYPED: Final = re.compile(r"\+?[0-9(][0-9 ()./-]*", re.ASCII)
_RESERVED_FOR_DEMONSTRATION: Final = (
    (re.compile(r"\+447700900[0-9]{3}", re.ASCII), "GB"),
    (re.compile(r"\+3363998[0-9]{4}", re.ASCII), "FR"),
)


def phone_number(
    text: str,
    *,
    countries: Collection[str],
    default_country: str | None = None,
    allow_fixed: bool = False,
    field: str = "contact",
) -> PhoneNumber:
    """Return the number in E.164, or raise InvalidInput at `field`.

    `countries` are the allowed ISO 3166 codes, in capitals. An empty list allows no country. `default_country` is the
    country of a number without a plus; if it is None, such a number is malformed. `allow_fixed` is for an office phone.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(field, "too_long")
    typed = text.strip(" ")
    if _TYPED.fullmatch(typed) is None:
        raise InvalidInput(field, "malformed")
    e164, country, is_ordinary = _read(typed, default_country, field, allow_fixed=allow_fixed)
    if country not in countries or not is_ordinary:
        raise InvalidInput(field, "not_allowed")
    return PhoneNumber(e164)


def _read(typed: str, default_country: str | None, field: str, *, allow_fixed: bool) -> tuple[str, str | None, bool]:
    """Return the number in E.164, its country, and whether it is of a kind that may be registered."""
    import phonenumbers  # noqa: PLC0415  (56 ms of cold start)

    kinds = phonenumbers.PhoneNumberType
    ordinary = {kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE} | ({kinds.FIXED_LINE, kinds.VOIP} if allow_fixed else set())
    try:
        parsed = phonenumbers.parse(typed, default_country)
    except phonenumbers.NumberParseException:
        raise InvalidInput(field, "malformed") from None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    for pattern, country in _RESERVED_FOR_DEMONSTRATION:
        if pattern.fullmatch(e164):
            return e164, country, True
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidInput(field, "malformed")
    return e164, phonenumbers.region_code_for_number(parsed), phonenumbers.number_type(parsed) in ordinary
