"""After the service is deployed: waits until it answers and Azure knows its functions. azd uploads the files only."""

import ast
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from operate.hooks.az import Failed, Stop, listed, one_line, say
from operate.hooks.environment import Environment

PATH = "/api/v1/health/ready"
FUNCTIONS = Path(__file__).parents[2] / "functions"
VERSION = "2022-03-01"
"""Of the App Service API: "Web Apps - List Functions" and "Sync Functions"."""


def main(given: Environment) -> None:
    """Ask until the service says that it can do its work.

    A service whose functions cannot be imported runs and answers 404 to everything.

    Raises:
        Stop: it does not say so after the last try, or Azure does not know a function of it.
    """
    address = given["API_BASE_URL"] + PATH
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise Stop(f"API_BASE_URL is {given['API_BASE_URL']!r}, which is not an https address.")
    tries, pause = given.patience
    for turn in range(1, tries + 1):
        said = _ask(address)
        if said == "200":
            _known(given)
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


def _known(given: Environment) -> None:
    """Wait until Azure lists every function, and have it read them again.

    A function that Azure does not list starts for no message and at no time. On Flex Consumption a deployment often
    leaves the list as it was (Azure/azure-functions-host issue 10169), and a function with a setting missing is left
    out without a word.
    """
    az, due = given.az(), set(names_of_functions())
    site = f"/resourceGroups/{given.group}/providers/Microsoft.Web/sites/{given['AZURE_FUNCTION_APP_NAME']}"
    asked = False

    def missing() -> set[str]:
        nonlocal asked
        if asked:
            az.rest("post", f"{site}/host/default/sync", VERSION)
        asked = True
        on = [one for one in listed(az.rest("get", f"{site}/functions", VERSION)) if not _is_disabled(one)]
        return due - {str(one.get("name", "")).rpartition("/")[2] for one in on}

    try:
        left = az.until(missing, lambda found: not found, "Azure to list the functions")
    except Failed as refusal:
        raise Stop(f"The functions of the service cannot be counted: {refusal}.") from refusal
    if left:
        raise Stop(
            f"The service answers, but Azure does not run {', '.join(sorted(left))}. Look for the reason in Application"
            " Insights, then run azd deploy api again."
        )


def _is_disabled(one: dict[str, object]) -> bool:
    properties = one.get("properties")
    return isinstance(properties, dict) and properties.get("isDisabled") is True


def names_of_functions() -> Iterator[str]:
    """Yield the name of each function: what a blueprint decorates (functions/_function.py)."""
    for file in FUNCTIONS.glob("*.py"):
        for made in ast.parse(file.read_text("utf-8")).body:
            if isinstance(made, ast.AsyncFunctionDef) and any(map(_registers, made.decorator_list)):
                yield made.name


def _registers(decorator: ast.expr) -> bool:
    first = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
    return isinstance(first, ast.Name) and first.id == "bp"


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
