"""Shows the coverage, lists who is not ready, and counts again: `./sesame coverage`, `./sesame recount`.

It reads over HTTP as an administrator, so that the service checks the role and records who listed people.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operate.service_api import CallFailed
from operate.sheet import sheet
from operate.staff import Staff, add_arguments, signed_in

DONE, FAILED = 0, 1


def main() -> int:
    """Run the command and return its exit code."""
    given = _arguments().parse_args()
    try:
        staff = signed_in(given)
        if given.recount:
            return _recounted(staff)
        return _listed(staff, given) if given.not_ready else _shown(staff)
    except CallFailed as refused:
        print(refused, file=sys.stderr)
    except OSError as fault:
        print(f"{given.out}: {fault.strerror}.", file=sys.stderr)
    return FAILED


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./sesame coverage",
        description="Show how many people can reset a password by themselves, or list who is not ready.",
        epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong arguments.",
    )
    parser.add_argument("--not-ready", action="store_true", help="list the people who are enabled and not registered")
    parser.add_argument("--recount", action="store_true", help="count everybody again (./sesame recount)")
    parser.add_argument("--format", choices=("csv", "jsonl"), default="csv", help="of the list")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the list to a new file")
    add_arguments(parser)
    return parser


def _shown(staff: Staff) -> int:
    coverage = staff.get("admin/coverage")
    print(f"{'':<40} {'accounts':>9} {'enabled':>9} {'registered':>16} {'capable':>16} {'to confirm':>11}")
    for one in (coverage["everybody"], *coverage["groups"]):
        shares = [_share(one[name], one["enabled"]) for name in ("registered", "capable")]
        name = one["group"] or "everybody"
        print(f"{name:<40} {one['people']:>9} {one['enabled']:>9} {shares[0]:>16} {shares[1]:>16} {one['waiting']:>11}")
    print()
    for name, count in sorted(coverage["everybody"]["methods"].items()):
        print(f"{name:<40} {_share(count, coverage['everybody']['enabled']):>36}")
    if not coverage["is_current"]:
        since = (
            "Nobody has counted everybody yet" if coverage["recounted_at"] is None else "The policy has changed since"
        )
        print(f"\n{since}: run ./sesame recount.")
    return DONE


def _share(count: int, of: int) -> str:
    return f"{count} ({100 * count / of:.1f} %)" if of else str(count)


def _listed(staff: Staff, given: argparse.Namespace) -> int:
    count = 0
    with sheet(given.out, given.format) as write:
        for person in _pages(staff, "admin/coverage/not-ready", "people"):
            words = {name: " ".join(person[name]) for name in ("methods", "waiting", "lacks")}
            write({**person, **words, "groups": "; ".join(person["groups"])} if given.format == "csv" else person)
            count += 1
    print(f"{count} people are not ready, of those that the service knows.", file=sys.stderr)
    return DONE


def _recounted(staff: Staff) -> int:
    people, corrected = 0, 0
    portion: dict[str, Any] = {"next": None}
    while True:
        portion = staff.post("admin/coverage/recount", {"next": portion["next"]} if portion["next"] else {})
        people, corrected = people + portion["people"], corrected + portion["corrected"]
        if sys.stderr.isatty():
            print(f"\r{portion['share']:>4.0%}  {people} people", end="", file=sys.stderr, flush=True)
        if portion["next"] is None:
            break
    print(f"{people} people counted; {corrected} of them had been counted otherwise.")
    return DONE


def _pages(staff: Staff, path: str, name: str) -> Iterator[dict[str, Any]]:
    page = staff.post(path, {})
    while True:
        yield from page[name]
        if page["next"] is None:
            return
        page = staff.post(path, {"next": page["next"]})


if __name__ == "__main__":
    sys.exit(main())
