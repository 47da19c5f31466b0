"""Office phone: set by an administrator only, proved by a call, perhaps to an extension (M2)."""

from shared.domain.contact import Contact, PhoneNumber
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy
from shared.methods.family import SentCodeMethod


class OfficePhone(SentCodeMethod):
    """Proves that the person can be reached at the desk."""

    name = "office_phone"
    evidence = EvidenceClass.PHONE_LINE
    channels = ("voice",)
    headers = """
        officephone
        telephonenumber businessphones businessphone workphone officenumber
        telephonefixe telephoneprofessionnel telephonebureau telephonedubureau teldebureau telbureau
    """
    set_by_administrator = True

    def contact(self, text: str, policy: Policy) -> Contact:
        from shared.validation.phone_number import phone_number  # cold start: most requests have no contact

        return phone_number(text, countries=policy.countries, home_country=policy.home_country, allow_fixed=True)

    def stored(self, text: str) -> Contact:
        return PhoneNumber(text)
