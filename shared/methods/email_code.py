"""Email: a code to an address that can be read without the password that is being reset (M4)."""

from shared.domain.contact import Contact, EmailAddress
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy
from shared.methods.family import SentCodeMethod


class Email(SentCodeMethod):
    """Proves that the person can read a mailbox."""

    name = "email"
    evidence = EvidenceClass.MAILBOX
    channels = ("email",)
    headers = """
        email
        authenticationemail
        alternateemailaddress alternateemailaddresses othermails recoveryemail
        privateemail personalemail emailpersonnel emaildesecours adressedesecours adresseemaildesecours mailpersonnel
        emailaddress adresseemail adressemail adresseelectronique adressedemessagerie courriel adressecourriel
        mail
    """

    def contact(self, text: str, policy: Policy) -> Contact:
        from shared.validation.email_address import email_address  # cold start: most requests have no contact

        return email_address(text, refused_domains=policy.refused_email_domains)

    def stored(self, text: str) -> Contact:
        return EmailAddress.from_kept(text)
