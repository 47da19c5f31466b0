"""The settings of the service. SESAME_ variables that the caller has set take precedence."""

import json
from collections.abc import Mapping

from local.stack.ports import LOOPBACK, Ports

DEFAULTS = {
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "4194304",
    "SESAME_HELPDESK": "+33 1 99 00 12 34",
    "SESAME_EMAIL_SENDER": "DoNotReply@sesame.example",
    "SESAME_SMS_SENDERS": "+18005550199, Sesame, Sesame:AU+CZ+FI+GB+IE+IT+NO+SI+SK",
    "SESAME_RP_ID": "localhost",
    "SESAME_TRUSTED_HOPS": "0",
    "SESAME_REMIND_SCHEDULE": "0 0 * * * *",
    "SESAME_PURGE_SCHEDULE": "0 30 3 * * *",
    "SESAME_SWEEP_SCHEDULE": "0 * * * * *",
}

LINE = {
    "SESAME_VOICE_CALLER": "+18005550199",
    "SESAME_VOICE_SPEECH_ENDPOINT": "https://speech.sesame.example",
    "SESAME_VOICE_RESOURCE_ID": "5e5a3e00-0000-4000-8000-000000000acc",
}
"""The line from which the local stack calls. Who declares no sender of texts, or no caller, tries it without."""
WITHOUT = ("SESAME_SMS_SENDERS", "SESAME_VOICE_CALLER")


def base_address(port: int) -> str:
    """Return the loopback address of a part."""
    return f"http://{LOOPBACK}:{port}"


def page_address(port: int) -> str:
    """Return the address of the pages. It has a name, because browsers have no passkeys at an IP address."""
    return f"http://localhost:{port}"


def service_environment(
    caller: Mapping[str, str], ports: Ports, keys: Mapping[str, str], storage: str
) -> dict[str, str]:
    """Return the caller's environment, with the settings of the service that the caller did not set."""
    settings = {
        **DEFAULTS,
        **keys,
        "SESAME_STORAGE_CONNECTION": storage,
        "SESAME_ACS_ENDPOINT": base_address(ports.inbox),
        "SESAME_RETURN_ADDRESSES": json.dumps({"Sample application": f"{base_address(ports.sample)}/welcome"}),
        "SESAME_WEB_ORIGINS": f"{base_address(ports.web)},{page_address(ports.web)}",
    }
    if all(caller.get(name, "given") for name in WITHOUT):
        settings |= LINE | {"SESAME_VOICE_CALLBACK": f"{base_address(next(iter(ports.api), ports.web))}/api"}
    chosen = settings | {name: value for name, value in caller.items() if name.startswith("SESAME_")}
    # Queue triggers and outputs read the platform's own setting name. Both names must refer to the same store.
    return {**caller, **chosen, "AzureWebJobsStorage": chosen["SESAME_STORAGE_CONNECTION"]}
