"""Signs a member of staff in over HTTP, for the commands that act with their role: `--as NAME`, `--to ADDRESS`.

The service checks the role at each call and knows who did what. The password is asked for, or is the first line of the
standard input; never an argument, which other users of the machine can see.
"""

import argparse
import getpass
import os
import sys
from dataclasses import dataclass, field
from typing import Any, Final

from operate.service_api import CallFailed, ServiceApi

NO_REASON: Final = "Say why, with --reason."
NO_PASSWORDS: Final = "People sign in at Microsoft Entra here, and this command knows passwords only. Use the API."


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who has signed in."""

    api: ServiceApi
    token: str
    name: str = ""
    password: str = field(default="", repr=False)

    def again(self) -> "Staff":
        """Sign in again, after the session has become too old. Raises CallFailed."""
        return _session(self.api, self.name, self.password)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer. Raises CallFailed."""
        return self.api.post(path, body, self.token)

    def get(self, path: str) -> dict[str, Any]:
        """Return the answer. Raises CallFailed."""
        return self.api.get(path, self.token)


def add_arguments(parser: argparse.ArgumentParser, *, address: str = "--to") -> None:
    """Add what `signed_in` reads. `address`: the option for the address, where `--to` means something else."""
    parser.add_argument("--as", dest="administrator", metavar="NAME", help="the administrator who signs in")
    parser.add_argument(
        address, dest="page", metavar="ADDRESS", help="the address of the pages; else those of the running stack"
    )


def signed_in(given: argparse.Namespace) -> Staff:
    """Return the session. Raises CallFailed."""
    stack = os.environ.get("SESAME_WEB_ORIGINS", "")  # noqa: TID251  of the running stack (local/with_stack.py)
    api = ServiceApi.of_page(given.page or stack.split(",")[0])
    name = given.administrator or asked("Administrator: ")
    password = getpass.getpass(f"Password of {name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    return _session(api, name, password)


def _session(api: ServiceApi, name: str, password: str) -> Staff:
    try:
        token = str(api.post("session", {"identifier": name, "password": password})["token"])
    except CallFailed as refused:
        raise CallFailed(NO_PASSWORDS) if refused.code == "not_found" else refused from None
    return Staff(api, token, name, password)


def asked(question: str) -> str:
    """Ask at the terminal; without one, the answer is empty."""
    return input(question) if sys.stdin.isatty() else ""


def reason_of(given: argparse.Namespace) -> str:
    """Return why, from `--reason` or the terminal. Raises CallFailed where neither says it."""
    if reason := given.reason or asked("Reason: "):
        return str(reason)
    raise CallFailed(NO_REASON, reason="missing")
