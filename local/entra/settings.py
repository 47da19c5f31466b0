"""The settings with which the service uses this tenant."""

import ssl
from pathlib import Path

from local.entra.kept import KeptTenant
from local.slapd.certificates import certificates
from local.stack.environment import base_address

CERTIFICATES = "entra"
"""The folder of the certificates of the sign-in pages, below that of the data."""
SECRET = "local"  # noqa: S105  only processes of this machine reach the endpoint


def pages_address(tls_port: int) -> str:
    """Return the address of the sign-in pages. MSAL uses no other than https."""
    return f"https://localhost:{tls_port}"


def service_settings(data: Path, port: int) -> dict[str, str]:
    """Return the variables of the service, and where its managed identity gets tokens (App Service)."""
    return {
        "SESAME_DIRECTORY": "entra",
        "SESAME_DIRECTORY_GRAPH": base_address(port),
        "SESAME_DIRECTORY_ADMINISTRATORS": KeptTenant(data).administrators,
        "IDENTITY_ENDPOINT": f"{base_address(port)}/identity",
        "IDENTITY_HEADER": SECRET,
    }


def sign_in_settings(data: Path, tls_port: int) -> dict[str, str]:
    """Return the variables with which people sign in there, and the certificate's authority for Python's clients."""
    kept, files = KeptTenant(data), certificates(data / CERTIFICATES)
    apps, system = kept.apps(), ssl.get_default_verify_paths().cafile
    trusted = data / CERTIFICATES / "trusted.pem"  # it takes the place of the system's file
    trusted.write_bytes((Path(system).read_bytes() if system else b"") + files.authority.read_bytes())
    return {
        "SESAME_ENTRA_TENANT": kept.id,
        "SESAME_ENTRA_API": apps.api,
        "SESAME_ENTRA_PAGE": apps.page,
        "SESAME_ENTRA_AUTHORITY": pages_address(tls_port),
        "SSL_CERT_FILE": str(trusted),
    }
