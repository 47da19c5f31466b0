"""After the service is deployed: waits until it answers. azd is content when the files are uploaded."""

import http.client
import time
import urllib.error
import urllib.request

from operate.hooks.az import Stop, one_line, say
from operate.hooks.environment import Environment

PATH = "/api/v1/health/ready"


def main(given: Environment) -> None:
    """Ask until the service says that it can do its work.

    A service whose functions cannot be imported runs and answers 404 to everything.

    Raises:
        Stop: it does not say so after the last try.
    """
    address = given["API_BASE_URL"] + PATH
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise Stop(f"API_BASE_URL is {given['API_BASE_URL']!r}, which is not an https address.")
    tries, pause = given.patience
    for turn in range(1, tries + 1):
        said = _ask(address)
        if said == "200":
            say(f"The service is ready: {address}")
            return
        if turn == 1:
            say(f"Waiting for {address} ({said}) ...")
        if turn < tries:
            time.sleep(pause)
    raise Stop(
        f"The service was deployed but does not answer: {address} says {said}. Look at its exceptions in Application"
        " Insights, then run azd deploy api again."
    )


def _ask(address: str) -> str:
    """Return the status of an answer, or why there was none."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  (the scheme is checked by the caller)
            return str(answer.status)
    except urllib.error.HTTPError as refusal:
        return str(refusal.code)
    except (OSError, http.client.HTTPException, ValueError) as fault:  # also what is not HTTP, or half of it
        reason = getattr(fault, "reason", fault) or type(fault).__name__
        return f"nothing ({one_line(str(reason))})"
