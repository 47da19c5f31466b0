"""Mobile phone: a code by SMS, or by a call, to a mobile number (M3)."""

from shared.domain.contact import Contact, PhoneNumber
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy
from shared.methods.family import SentCodeMethod


class MobilePhone(SentCodeMethod):
    """Proves that the person can receive messages or calls to a telephone number."""

    name = "mobile_phone"
    evidence = EvidenceClass.PHONE_LINE
    channels = ("sms", "voice")
    headers = """
        authenticationphonenumber authenticationphone
        mobilephone
        recoveryphone
        mobile mobilenumber mobilephonenumber cell cellphone handy gsm portable telephoneportable telephonemobile
        telmobile telportable numerodeportable numerodemobile mobiltelefon
    """

    def contact(self, text: str, policy: Policy) -> Contact:
        from shared.validation.phone_number import phone_number  # cold start: most requests have no contact

        return phone_number(text, countries=policy.countries, home_country=policy.home_country)

    def stored(self, text: str) -> Contact:
        return PhoneNumber(text)
