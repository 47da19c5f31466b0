"""Searches and exports the audit log: `./sesame audit search`, `./sesame audit export`.

It reads over HTTP as an administrator, so that the service checks the role and records who read.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from operate.service_api import CallFailed
from operate.sheet import sheet
from operate.staff import Staff, add_arguments, signed_in
from shared.domain.audit_schema import Result, asim_record
from shared.domain.trail import Tag

DONE, FAILED = 0, 1
PAGE: Final = 500


def main() -> int:
    """Run the command and return its exit code."""
    given = _arguments().parse_args()
    try:
        return _searched(given) if given.command == "search" else _exported(given)
    except CallFailed as refused:
        field = {"person": given.person, "actor": given.actor}.get(refused.field)
        print(f"Nobody has the name {field}." if field else str(refused), file=sys.stderr)
    except OSError as fault:
        print(f"{given.out}: {fault.strerror}.", file=sys.stderr)
    return FAILED


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./sesame audit",
        description="Search or export the audit log. Times are UTC: 2026-11-28, or 2026-11-28T08:00:00Z.",
        epilog="Fields and actions: docs/audit-schema.md. Exit codes: 0 done, 1 refused or failed, 2 wrong arguments.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (("search", "show the newest events"), ("export", "write all of them to a file")):
        command = commands.add_parser(name, help=about)
        command.add_argument("--person", metavar="NAME", help="what happened to this account")
        command.add_argument("--actor", metavar="NAME", help="what this administrator did")
        command.add_argument("--reference", help="what this support reference leads to")
        command.add_argument("--action", dest="actions", metavar="ACTION", action="append", choices=[*map(str, Tag)])
        command.add_argument("--result", choices=[*map(str, Result)])
        command.add_argument("--from", dest="since", metavar="TIME", type=_moment, help="else 31 days before --to")
        command.add_argument("--to", dest="until", metavar="TIME", type=_moment, help="not included; else now")
        if name == "search":
            command.add_argument("--most", type=int, default=50, help="events to show (50)")
        else:
            command.add_argument("--format", choices=("jsonl", "csv", "asim"), default="jsonl")
            command.add_argument("--out", type=Path, metavar="FILE", help="a new file; else the standard output")
        add_arguments(command, address="--page")
    return parser


def _moment(text: str) -> str:
    """Return the time as the service takes it. Raises ValueError."""
    with suppress(ValueError):
        return datetime.combine(date.fromisoformat(text), time(), UTC).isoformat()
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _searched(given: argparse.Namespace) -> int:
    left = given.most
    for event in _events(signed_in(given), given, min(PAGE, max(1, left))):
        who = event["person"] or event["person_key"][:8]
        by = f" by {event['actor'] or event['actor_key'][:8]}" if event["actor_key"] else ""
        more = [event[name] for name in ("method", "cause", "reason", "network", "device", "reference") if event[name]]
        what = f"{event['at'][:19]}Z  {event['result']:<7}  {event['action']:<34}"
        print(f"{what} {who}{by}  {' · '.join(more)}".rstrip())
        left -= 1
        if left <= 0:
            break
    return DONE


def _exported(given: argparse.Namespace) -> int:
    count, staff = 0, signed_in(given)
    with sheet(given.out, given.format) as write:
        for event in _events(staff, given, PAGE):
            write(asim_record(event) if given.format == "asim" else event)
            count += 1
    print(f"{count} events.", file=sys.stderr)
    return DONE


def _events(staff: Staff, given: argparse.Namespace, most: int) -> Iterator[dict[str, Any]]:
    """Yield what is found, newest first, a page at a time."""
    names = ("person", "actor", "reference", "actions", "result", "since", "until")
    body = {name: value for name in names if (value := getattr(given, name)) is not None}
    page = staff.post("admin/audit", {**body, "most": most})
    while True:
        yield from page["events"]
        if page["next"] is None:
            return
        again: dict[str, Any] = {name: body[name] for name in ("actions", "result") if name in body}
        page = staff.post("admin/audit", {**again, "most": most, "next": page["next"]})


if __name__ == "__main__":
    sys.exit(main())
