"""The settings that reach the service. Whatever the caller has set as SESAME_... wins."""

from collections.abc import Mapping

from local.stack.ports import LOOPBACK, Ports

DEFAULTS = {
    "SESAME_PRODUCT_NAME": "Sésame",
    "SESAME_EMAIL_SENDER": "DoNotReply@sesame.example",
    "SESAME_SMS_SENDER": "+14255550100",
    "SESAME_TRUSTED_HOPS": "0",
    "SESAME_REMIND_SCHEDULE": "0 0 * * * *",
    "SESAME_PURGE_SCHEDULE": "0 30 3 * * *",
}


def base_address(port: int) -> str:
    """Return the address of a part on loopback."""
    return f"http://{LOOPBACK}:{port}"


def service_environment(
    caller: Mapping[str, str], ports: Ports, keys: Mapping[str, str], storage: str
) -> dict[str, str]:
    """Return the caller's environment with everything that the service needs and the caller left open."""
    settings = {
        **DEFAULTS,
        **keys,
        "SESAME_STORAGE_CONNECTION": storage,
        "SESAME_ACS_ENDPOINT": base_address(ports.inbox),
        "SESAME_WEB_ORIGINS": f"{base_address(ports.web)},http://localhost:{ports.web}",
    }
    chosen = settings | {name: value for name, value in caller.items() if name.startswith("SESAME_")}
    # Queue triggers and outputs read the platform's own name: one store, whoever names it.
    return {**caller, **chosen, "AzureWebJobsStorage": chosen["SESAME_STORAGE_CONNECTION"]}
