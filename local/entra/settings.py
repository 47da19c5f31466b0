"""The settings with which the service uses this tenant."""

from pathlib import Path

from local.entra.kept import KeptTenant
from local.stack.environment import base_address

SECRET = "local"  # noqa: S105  only processes of this machine reach the endpoint


def service_settings(data: Path, port: int) -> dict[str, str]:
    """Return the variables of the service, and where its managed identity gets tokens (App Service)."""
    return {
        "SESAME_DIRECTORY": "entra",
        "SESAME_DIRECTORY_GRAPH": base_address(port),
        "SESAME_DIRECTORY_ADMINISTRATORS": KeptTenant(data).administrators,
        "IDENTITY_ENDPOINT": f"{base_address(port)}/identity",
        "IDENTITY_HEADER": SECRET,
    }
