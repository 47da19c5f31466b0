"""The custom mail domain: its states of verification, its DNS records, and the request to verify them.

`az communication` is an extension; the same calls of Azure Resource Manager need none (REST reference, Communication
Services, Domains - Get and Domains - Initiate Verification).
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from operate.hooks.az import Az, Failed, Stop, listed, say
from operate.hooks.environment import Environment

VERSION = "2025-09-01"
NEEDED = ("Domain", "SPF", "DKIM", "DKIM2")
"""The records that Azure wants to see verified before a domain is linked. DMARC can be added later."""
VERIFIED = "Verified"
Properties = dict[str, Any]
"""The properties of a domain in Azure; empty if it does not exist."""


def states(found: Properties) -> dict[str, str]:
    """Return the state of each needed record, as Azure names it; NotStarted for a domain that does not exist yet."""
    said = found.get("verificationStates") or {}
    return {record: str((said.get(record) or {}).get("status") or "NotStarted") for record in NEEDED}


def unverified(found: dict[str, str]) -> dict[str, str]:
    """Return the records that are not verified."""
    return {record: state for record, state in found.items() if state != VERIFIED}


def describe(given: Environment, az: Az) -> Properties:
    """Return the properties of the domain, by the name of the domain: an email service has a generated one."""
    services = az.rest("get", f"/resourceGroups/{given.group}{_SERVICES}", VERSION)
    for service in listed(services):
        place = f"/resourceGroups/{given.group}{_SERVICES}/{service['name']}/domains"
        for domain in listed(az.rest("get", place, VERSION)):
            if str(domain.get("name", "")).lower() == given["EMAIL_DOMAIN"].lower():
                return dict(domain.get("properties") or {})
    return {}


def verify(given: Environment) -> None:
    """Ask Azure to verify each record that is not verified: `run.sh verify_domain`, after the records are added."""
    az = given.az()
    place = f"/resourceGroups/{given.group}{_SERVICES}/{given['EMAIL_SERVICE_NAME']}/domains/{given['EMAIL_DOMAIN']}"
    try:
        for record in unverified(states(describe(given, az))):
            # In a file: a JSON text on a command line does not survive every shell of Windows.
            with tempfile.TemporaryDirectory() as folder:
                body = Path(folder, "body.json")
                body.write_text(json.dumps({"verificationType": record}), "utf-8")
                az.rest("post", f"{place}/initiateVerification", VERSION, "--body", f"@{body}")
        for record, state in states(describe(given, az)).items():
            say(f"{record:<8} {state}")
    except Failed as refusal:
        raise Stop(
            f"Azure does not verify {given['EMAIL_DOMAIN']} ({refusal}): try again in some minutes."
        ) from refusal


_SERVICES = "/providers/Microsoft.Communication/emailServices"
