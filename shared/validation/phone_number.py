"""A phone number that a code may be sent to: valid, in a country the organisation allows, and of an ordinary kind.

This is the first fence against toll fraud (R-73, A-25): premium and shared-cost numbers pay whoever makes us call
them, personal and satellite numbers cost many times the tariff, and a country that nobody works in is only ever
dialled by a fraud. Numbers are typed in ASCII digits, since `int()` and libraries read other scripts as digits (A-32).

Numbers reserved for films and demonstrations are let in where the library does not know them as valid, so that
examples and tests never ring anybody: +44 7700 900xxx (Ofcom) and +33 6 39 98 xx xx (Arcep) stand in a table here;
+1 NPA 555 01xx (NANPA) and the German +49 171 39200 xx need no help. They reach nobody, so they open nothing.
"""

import re
from collections.abc import Collection
from typing import Final

from shared.domain.contact import PhoneNumber
from shared.domain.errors import InvalidInput

MAX_CHARACTERS: Final = 40  # fifteen digits (E.164) and what people put between them

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

    `countries` are the ISO 3166 codes allowed, in capitals; none means none. `default_country` reads a national
    number; without it only a number with a plus is understood. `allow_fixed` is for an office phone.
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
