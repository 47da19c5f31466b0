"""Read a phone number as people write it at home, and check that a code may be sent to it.

Read: the national form of the organisation's country, `00` and the country's own international prefix for the plus, a
plus that a spreadsheet dropped, `tel:` with its parameters (RFC 3966), `(0)`, every separator, an extension, and the
old form of numbers whose plan has changed (`numbering_plans`). If a text can be read in several ways, the first reading
is taken that passes every check.

Checked: the number is in use, its country is allowed, and it is of an ordinary kind. This prevents toll fraud (R-73,
A-25). Premium and shared-cost numbers pay the attacker for each message, personal and satellite numbers cost many times
the tariff, and nobody legitimate needs a country that is not on the list.

Numbers that are reserved for films and demonstrations are accepted, so that examples and tests never call a real
person. Those that the library does not accept are in a table here: +44 7700 900xxx (Ofcom) and +33 6 39 98 xx xx
(Arcep). The library accepts +1 NPA 555 01xx (NANPA) and +49 171 39200 xx (Germany). These numbers reach nobody, so
they prove nothing.
"""

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from shared.domain.contact import PhoneNumber
from shared.domain.errors import InvalidInput, Reason
from shared.validation.numbering_plans import mobile_form, newer_forms
from shared.validation.typed_text import cleaned

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as Parsed

MAX_CHARACTERS: Final = 120  # a `tel:` URI with parameters, and marks that nobody sees

_AROUND: Final = " '\"<>=,;.`"
"""What stands around a number that was copied from a list, a formula or a sentence."""

_LABEL: Final = re.compile(r"(?:[a-z\u00c0-\u024f. ]{1,20}:(?://)?|t[e\u00e9]l\.?(?= ))\s*", re.IGNORECASE)
"""`tel:`, `callto://`, `Mobile:`."""

_REMARK: Final = re.compile(r"\((?!ext|poste|x)[^()0-9+]*\)", re.IGNORECASE)
"""`(mobile)`, behind or before a number."""

_EXTENSION: Final = re.compile(
    r"[ ,;(]*(?:(?:ext(?:ension|n)?|poste|durchwahl|int(?:erno)?|anexo|ramal|toestel|x)\s*[.:]?|#)"
    r"\s*([0-9]{1,8})[ )#]*$"
    r"|,{1,3}\s*([0-9]{1,8})#?$",
    re.ASCII | re.IGNORECASE,
)
_SEPARATORS: Final = re.compile(r"[ ()\[\]./\\_*~\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\u30fc-]")
"""Also the dots that designers set, and the long vowel mark that a Japanese keyboard gives for a dash."""

_NUMBER: Final = re.compile(r"\+?[0-9]+", re.ASCII)
_EXPONENT: Final = re.compile(r"[0-9][.,]?[0-9]*e\+?[0-9]{1,2}", re.ASCII | re.IGNORECASE)

_RESERVED_FOR_DEMONSTRATION: Final = (
    (re.compile(r"\+447700900[0-9]{3}", re.ASCII), "GB"),
    (re.compile(r"\+3363998[0-9]{4}", re.ASCII), "FR"),
)

_TELLING: Final = ("not_mobile", "not_ordinary", "country_not_allowed")
"""Of several refused readings, one that is a number tells more than one that is none."""


class _No(Exception):
    """A reading that is refused, with what is wrong with it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def phone_number(
    text: str,
    *,
    countries: Collection[str],
    home_country: str = "",
    allow_fixed: bool = False,
    field: str = "contact",
) -> PhoneNumber:
    """Return the number in E.164, of an office phone with its extension, or raise InvalidInput at `field`.

    `countries` are the allowed ISO 3166 codes, in capitals. An empty list allows no country. `home_country` is the
    country of a number without a plus; if it is empty, such a number cannot be read. `allow_fixed` is for an office
    phone.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(field, "too_long")
    try:
        number, extension = _parts(cleaned(text))
        if extension and not allow_fixed:
            raise _No("has_extension")
        e164 = _first_reading(number, countries, home_country, allow_fixed=allow_fixed)
    except _No as no:
        raise InvalidInput(field, no.reason) from None
    return PhoneNumber(f"{e164};ext={extension}" if extension else e164)


def _parts(typed: str) -> tuple[str, str]:
    """Return the digits, perhaps behind a plus, and the extension."""
    bare = _REMARK.sub("", unquote(typed).partition("?")[0]).strip(_AROUND)
    bare = _LABEL.sub("", bare, count=1).strip(_AROUND)
    first, *rest = bare.split(";")
    parameters = dict(parameter.strip().lower().partition("=")[::2] for parameter in rest)
    if all(parameters.values()):
        bare = first
    extension = _SEPARATORS.sub("", parameters.get("ext", ""))
    if not extension and (found := _EXTENSION.search(bare)):
        bare, extension = bare[: found.start()], found[1] or found[2]
    number = _SEPARATORS.sub("", bare)
    context = _SEPARATORS.sub("", parameters.get("phone-context", ""))
    if context.startswith("+") and not number.startswith("+"):
        number = context + number
    if _NUMBER.fullmatch(number) and (not extension or extension.isdecimal()):
        return number, extension
    if not number:
        raise _No("missing")
    if _EXPONENT.fullmatch(re.sub("[+ ]", "", bare)):
        raise _No("rounded")
    raise _No("several_numbers" if number.count("+") > 1 or re.search("[,;|&]", number) else "unknown_characters")


def _first_reading(number: str, countries: Collection[str], home_country: str, *, allow_fixed: bool) -> str:
    refusals: list[Reason] = []
    for reading, country in dict.fromkeys(_readings(number, home_country)):
        try:
            return _checked(reading, country, countries, allow_fixed=allow_fixed)
        except _No as no:
            refusals.append(no.reason)
    telling = [reason for reason in refusals if reason in _TELLING]
    if not home_country and not number.startswith(("+", "00")) and not telling:
        raise _No("no_country_code")
    raise _No((telling or refusals)[0])


def _readings(number: str, home_country: str) -> Iterator[tuple[str, str]]:
    """Yield what the digits can mean, the most likely first: each with the country whose form it has, if not with a +.

    The library knows each country's own international prefix; 00 is understood everywhere.
    """
    if number.startswith("+") and not number.startswith("+0"):
        yield number, ""
        return
    digits = number.removeprefix("+")
    if home_country:
        yield digits, home_country
    if digits.startswith("00"):
        yield f"+{digits.lstrip('0')}", ""
    elif digits.startswith("011"):  # the international prefix of North America, typed by a colleague there
        yield f"+{digits[3:]}", ""
    else:
        yield f"+{digits}", ""  # a spreadsheet took it for a number and dropped the plus


def _checked(reading: str, country: str, countries: Collection[str], *, allow_fixed: bool) -> str:
    """Return the number in E.164. Raises _No if it may not be registered."""
    import phonenumbers  # noqa: PLC0415  (56 ms of cold start)

    try:
        parsed = phonenumbers.parse(reading, country or None)
    except phonenumbers.NumberParseException as error:
        raise _No(_PARSE_FAULTS.get(error.error_type, "too_short")) from None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    reserved = next((where for pattern, where in _RESERVED_FOR_DEMONSTRATION if pattern.fullmatch(e164)), None)
    if reserved is not None:
        if reserved not in countries:
            raise _No("country_not_allowed")
        return e164
    parsed = _as_it_is_now(parsed, e164, allow_fixed=allow_fixed)
    if not phonenumbers.is_valid_number(parsed):
        raise _No(_LENGTH_FAULTS.get(phonenumbers.is_possible_number_with_reason(parsed), "unassigned"))
    if phonenumbers.region_code_for_number(parsed) not in countries:
        raise _No("country_not_allowed")
    kinds, kind = phonenumbers.PhoneNumberType, phonenumbers.number_type(parsed)
    if kind not in {kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE}:
        if kind not in {kinds.FIXED_LINE, kinds.VOIP}:
            raise _No("not_ordinary")
        if not allow_fixed:
            raise _No("not_mobile")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


_PARSE_FAULTS: Final[dict[int, Reason]] = {0: "unknown_country", 4: "too_long"}
"""By `NumberParseException.error_type`."""
_LENGTH_FAULTS: Final[dict[int, Reason]] = {
    1: "unknown_country", 2: "too_short", 3: "too_long", 4: "too_short", 5: "wrong_length",
}  # fmt: skip
"""By `phonenumbers.ValidationResult`."""


def _as_it_is_now(parsed: "Parsed", e164: str, *, allow_fixed: bool) -> "Parsed":
    """Return the number in the form of today's numbering plan."""
    import phonenumbers  # noqa: PLC0415  (as above)

    if phonenumbers.is_valid_number(parsed):
        forms = [] if allow_fixed else [mobile_form(e164)]
    else:
        forms = list(newer_forms(e164))
    candidates = (phonenumbers.parse(form) for form in forms)
    return next((candidate for candidate in candidates if phonenumbers.is_valid_number(candidate)), parsed)
