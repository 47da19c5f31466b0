"""The country of a phone number, which decides whether a text can reach it and who sends it."""

from shared.domain.contact import PhoneNumber


def country_of(number: PhoneNumber) -> str:
    """Return the ISO 3166 code of the number's country, or "" if it has none.

    Numbers that are reserved for demonstration are not in every plan of the library: they count as numbers of the main
    country of their code.
    """
    import phonenumbers  # noqa: PLC0415  (56 ms of cold start)

    try:
        parsed = phonenumbers.parse(number.text)
    except phonenumbers.NumberParseException:
        return ""
    code = parsed.country_code or 0
    country = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code)
    return country if country in phonenumbers.SUPPORTED_REGIONS else ""
