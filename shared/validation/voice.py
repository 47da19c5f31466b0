"""Read the settings of the line from which codes are spoken: all of them, or none."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from shared.domain.calls import Line
from shared.validation.senders import caller_fault

CALLER, SPEECH = "SESAME_VOICE_CALLER", "SESAME_VOICE_SPEECH_ENDPOINT"
CALLBACK, RESOURCE = "SESAME_VOICE_CALLBACK", "SESAME_VOICE_RESOURCE_ID"
ALL: Final = (CALLER, SPEECH, CALLBACK, RESOURCE)

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_LONGEST_ADDRESS: Final = 256
"""Of the API, so that the address for the reports of a call, with its token, has fewer than 1,024 characters."""


def line(environ: Mapping[str, str], *, on_azure: bool) -> tuple[Line | None, list[str]]:
    """Return the line and every fault. No setting means no calls."""
    given = {name: environ.get(name, "").strip() for name in ALL}
    if not any(given.values()):
        return None, []
    faults = [f"{name} is missing: the settings of calls are set together" for name in ALL if not given[name]]
    if given[CALLER] and (fault := caller_fault(given[CALLER])):
        faults.append(f"{CALLER}: {fault}")
    if given[RESOURCE] and not _GUID.fullmatch(given[RESOURCE].lower()):
        faults.append(f"{RESOURCE} must be the immutable id of the Communication Services resource, a GUID")
    faults += [
        f"{name} must be an https address without user, query and fragment"
        for name in (SPEECH, CALLBACK)
        if given[name] and not _is_address(given[name], on_azure=on_azure)
    ]
    made = Line(
        caller=given[CALLER],
        speech=given[SPEECH],
        callback=given[CALLBACK].rstrip("/"),
        resource=given[RESOURCE].lower(),
    )
    return (None if faults else made), faults


def _is_address(text: str, *, on_azure: bool) -> bool:
    """Whether it is one that Call Automation takes: https only. Without TLS just on this machine, for the stand-in."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK and not on_azure)
    return safe and bool(host) and not set("?#@ ") & set(text) and len(text) <= _LONGEST_ADDRESS
