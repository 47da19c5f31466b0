"""What is left for a person after the resources are made, in order."""

import json
import os

from operate.hooks import mail_domain
from operate.hooks.az import Az, Failed, Stop
from operate.hooks.environment import ROOT, Environment
from operate.hooks.refusals import POLICY
from shared.methods import evidence_by_name, is_offered
from shared.settings import policy_from

LAUNCHER = "pwsh operate/hooks/run.ps1" if os.name == "nt" else "sh operate/hooks/run.sh"
"""How a person calls a step, in the folder of the checkout."""


def text(given: Environment, az: Az) -> str:
    """Return the addresses and the list.

    Raises:
        Stop: Azure does not tell how far the mail domain is.
    """
    steps = [
        _administrator(given),
        _texts(given),
        _calls(given),
        _mail(given, az),
        _alerts(given),
        _entra(given),
        _KEYS,
    ]
    parts = [
        f"\nWeb app   {given.get('WEB_BASE_URL')}\nService   {given.get('API_BASE_URL')}   (after azd deploy)",
        "LEFT FOR A PERSON",
        *(f"{number}. {step}" for number, step in enumerate(filter(None, steps), 1)),
    ]
    return "\n\n".join(parts)


def _administrator(given: Environment) -> str:
    address = " YOUR_PUBLIC_IPV4_ADDRESS" if given.yes("VNET_ENABLED") else ""
    return f"""Create the first administrator, in a checkout in which ./sesame check has run once:

     {LAUNCHER} administrator NAME{address}

   az has to be signed in as a person who can assign roles on the storage account."""


def _texts(given: Environment) -> str:
    policy, _ = policy_from(json.loads((ROOT / POLICY).read_text("utf-8")))
    evidence = evidence_by_name()
    others = [name for name in policy.methods if is_offered(name, {"email"})]
    texted = [name for name in policy.methods if is_offered(name, {"email", "sms"}) and name not in others]
    if given.get("SMS_SENDERS") or not texted:
        return ""
    enough = len({evidence[name].kind for name in others}) >= policy.gates
    until = f"people can reset with {' and '.join(others)}" if enough else "nobody can finish a reset"
    return f"""Declare who sends texts: nobody is offered {" or ".join(texted)} yet. docs/deploy.md says which sender
   reaches which country. In the portal, open Communication Services {given["AZURE_COMMUNICATION_NAME"]}
   > Phone numbers, or > Alphanumeric Sender ID. You need a paid subscription; what must be verified or registered
   takes weeks. Then:

     azd env set SMS_SENDERS +18005550199
     azd provision

   Until then {until.replace("_", " ")}."""


def _calls(given: Environment) -> str:
    policy, _ = policy_from(json.loads((ROOT / POLICY).read_text("utf-8")))
    called = [name for name in policy.methods if not is_offered(name, {"email", "sms"})]
    if given.get("VOICE_CALLER") or not called:
        return ""
    return f"""Name the number that calls people: nobody is offered {" or ".join(called)} yet. It is a toll-free or
   geographic number of Communication Services {given["AZURE_COMMUNICATION_NAME"]}. docs/deploy.md has its cost. Then:

     azd env set VOICE_CALLER +18005550199
     azd provision"""


def _mail(given: Environment, az: Az) -> str:
    domain = given.get("EMAIL_DOMAIN")
    if not domain:
        return f"""Set up a mail domain. {given.get("EMAIL_SENDER", "The sender")}
   sends 5 messages a minute and 10 an hour at most, enough for a trial only:

     azd env set EMAIL_DOMAIN mail.example.org
     azd provision"""
    if given.yes("EMAIL_DOMAIN_VERIFIED"):
        return f"""Raise the email quota. {domain} sends 30 messages a minute and 100 an hour at most. Open a support
   ticket (Service and subscription limits > Communication Services email) when fewer than 1 % of messages bounce."""
    try:
        return _verification(domain, mail_domain.describe(given, az))
    except Failed as refusal:
        raise Stop(f"Azure does not tell the state of {domain} ({refusal}): run azd provision again.") from refusal


def _verification(domain: str, found: mail_domain.Properties) -> str:
    states = mail_domain.states(found)
    missing = mail_domain.unverified(states)
    if not missing:
        return f"""Link {domain}, which Azure has verified:

     azd env set EMAIL_DOMAIN_VERIFIED true
     azd provision"""
    records = found.get("verificationRecords") or {}
    entries = [(record, records.get(record) or {}) for record in missing]
    lines = [
        f"Verify {domain}. Azure says of its records:",
        "",
        *(f"     {record:<8} {state}" for record, state in states.items()),
        "",
        "   Add to your DNS zone (type, name, value):",
        "",
        *(
            f"     {entry.get('type', 'TXT')}  {entry.get('name', '')}  {entry.get('value', '')}"
            for _, entry in entries
        ),
        "",
        "   Some minutes later, ask Azure to look. Repeat it until each record is Verified; link the domain only then:",
        "",
        f"     {LAUNCHER} verify_domain",
        "     azd env set EMAIL_DOMAIN_VERIFIED true",
        "     azd provision",
    ]
    return "\n".join(lines)


def _alerts(given: Environment) -> str:
    if given.get("ALERT_EMAIL"):
        return ""
    return """Name who receives alerts. Without an address they appear in the portal only:

     azd env set ALERT_EMAIL operator@example.org
     azd provision"""


def _entra(given: Environment) -> str:
    if given.get("DIRECTORY", "embedded") != "entra":
        return "Microsoft Graph: no consent is needed, because the accounts are not in Entra ID."
    rights = """Grant the managed identity its permissions on Microsoft Graph: docs/deploy.md, "Microsoft Entra"."""
    if given.get("ENTRA_API"):
        return rights
    return f"""{rights} Then register the API and the
   pages, so that people can sign in at Microsoft:

     {LAUNCHER} register_sign_in
     azd up"""


_KEYS = f"""At the very end, give up your right to read and write keys. azd provision --no-state gives it again:

     {LAUNCHER} give_up_keys"""
