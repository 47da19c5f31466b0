"""The settings with which the service uses this server."""

from local.slapd.entries import ADMINISTRATORS, AUDITORS, DECOY, HELPDESK, PEOPLE, POLICIES, SERVICE
from local.slapd.server import Slapd


def service_settings(slapd: Slapd) -> dict[str, str]:
    """Return the variables of the service."""
    return {
        "SESAME_DIRECTORY": "openldap",
        "SESAME_DIRECTORY_SERVERS": slapd.address,
        "SESAME_DIRECTORY_BASE_DN": PEOPLE,
        "SESAME_DIRECTORY_BIND_DN": SERVICE,
        "SESAME_DIRECTORY_BIND_PASSWORD": slapd.service_password,
        "SESAME_DIRECTORY_DECOY_DN": DECOY,
        "SESAME_DIRECTORY_AUTHORITY": str(slapd.files.authority),
        "SESAME_DIRECTORY_POLICIES_DN": POLICIES,
        "SESAME_DIRECTORY_ADMINISTRATORS_DN": ADMINISTRATORS,
        "SESAME_DIRECTORY_HELPDESK_DN": HELPDESK,
        "SESAME_DIRECTORY_AUDITORS_DN": AUDITORS,
        "SESAME_DIRECTORY_DEFAULT_POLICY_DN": f"cn=default,{POLICIES}",
        "SESAME_DIRECTORY_EMAIL_ATTRIBUTE": "mail",
    }
