"""The settings with which the service uses this domain."""

from local.samba.domain import ADMINISTRATORS, DECOY, PEOPLE, SERVICE
from local.samba.server import Samba


def service_settings(samba: Samba) -> dict[str, str]:
    """Return the variables of the service."""
    return {
        "SESAME_DIRECTORY": "active_directory",
        "SESAME_DIRECTORY_SERVERS": samba.address,
        "SESAME_DIRECTORY_BASE_DN": PEOPLE,
        "SESAME_DIRECTORY_BIND_DN": SERVICE,
        "SESAME_DIRECTORY_BIND_PASSWORD": samba.service_password,
        "SESAME_DIRECTORY_DECOY_DN": DECOY,
        "SESAME_DIRECTORY_AUTHORITY": str(samba.files.authority),
        "SESAME_DIRECTORY_ADMINISTRATORS_DN": ADMINISTRATORS,
        "SESAME_DIRECTORY_EMAIL_ATTRIBUTE": "mail",
    }
