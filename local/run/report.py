"""Reports a running stack: `.local/stack.json` for programs, a short table for people."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.stack.environment import base_address, page_address
from local.stack.keys import write_private
from local.stack.ports import Ports

Person = Mapping[str, Any]


def kept_people(path: Path) -> list[Person]:
    """Return the demo people that the seed stored."""
    people: list[Person] = json.loads(path.read_text("utf-8")) if path.exists() else []
    return people


def write_stack_file(path: Path, ports: Ports, people: Sequence[Person], processes: Mapping[str, int]) -> None:
    """Replace `stack.json` atomically. Only its owner can read it, because it contains the demo people's passwords."""
    document = {
        "api": base_address(ports.api[0]),
        "instances": [base_address(port) for port in ports.api],
        "web": page_address(ports.web),
        "sample": base_address(ports.sample),
        "inbox": base_address(ports.inbox),
        "people": [{name: person[name] for name in ("identifier", "password", "roles")} for person in people],
        "processes": dict(processes),
    }
    write_private(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def table(ports: Ports, people: Sequence[Person], data: Path, seconds: float) -> str:
    """Return the text that is printed when everything is up."""
    api = ", ".join(base_address(port) for port in ports.api)
    lines = [
        "",
        f"Sésame is up ({seconds:.1f} s).",
        "",
        f"  Web app   {page_address(ports.web)}",
        f"  Inbox     {base_address(ports.inbox)}   codes and notices arrive here",
        f"  Sample    {base_address(ports.sample)}   a sign-in page that asks people to register",
        f"  API       {api}",
    ]
    if people:
        width = max(len(str(person["identifier"])) for person in people)
        lines += ["", "  Demo people and their first passwords"]
        lines += [_person(person, width) for person in people]
        lines += [
            "",
            "  What to try",
            "    1. Web app, Manage my sign-in methods: sign in as one of them, add an email address and a phone.",
            "    2. Web app, I forgot my password: enter the two codes from the inbox, then a new password.",
        ]
    lines += ["", f"  Logs in {data / 'logs'}. Ctrl-C stops everything and keeps the data.", ""]
    return "\n".join(lines)


def _person(person: Person, width: int) -> str:
    return f"    {person['identifier']:<{width}}  {person['password']}  {person.get('story', '')}".rstrip()
