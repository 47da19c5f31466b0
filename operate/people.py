"""Finds people and acts on them with a role: `./sesame people show NAME`, `freeze`, `erase` and so on.

It signs in over HTTP, so that the service checks the role, and knows who did what to whom and why.
No contact, password or code is an argument, which other users of the machine can see.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from operate import activate
from operate.person_shown import line_of, page_of, timeline_of
from operate.service_api import CallFailed
from operate.staff import Staff, add_arguments, asked, signed_in
from shared.domain.language import LANGUAGES

DONE, FAILED, USAGE, UNKNOWN = 0, 1, 2, 4

EXIT_CODES: Final = (
    "Exit codes: 0 done, 1 refused or failed, 2 wrong arguments, 3 waits for a second administrator, "
    "4 nobody has that name."
)
SAID: Final = {
    "not_registered": "The person has no such method: see ./sesame people show.",
    "not_offered": "There is no method of that name.",
    "own_account": "This is your own account. Another administrator must do it.",
    "privileged": "The account has a role itself, and your role does not allow this for it.",
    "out_of_scope": "The person is not among those for whom your role is good.",
}
"""What the reasons of a refusal mean here."""


@dataclass(frozen=True, slots=True)
class Act:
    """One command: what it asks of the service, and what it says of the answer."""

    about: str
    path: str
    says: Callable[[dict[str, Any]], str]
    needs_reason: bool = True
    sure: str = ""
    """What is asked before, at a terminal. Elsewhere it takes `--yes`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Fields of the request that are arguments, with their help text."""
    switches: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)


METHOD: Final = {"method": "such as mobile_phone; see `show`"}
ACTS: Final = {
    "find": Act("say whose name it is, in one line", "find", line_of, needs_reason=False),
    "show": Act("show account, methods, what is closed, what runs and what to do", "find", page_of, needs_reason=False),
    "timeline": Act(
        "show what happened, newest first",
        "timeline",
        timeline_of,
        needs_reason=False,
        numbers={"--most": "events to show (50)"},
        switches={"--steps": "also steps on the way, such as codes that were sent, and who looked"},
    ),
    "reveal": Act(
        "show one contact in full; the person sees that",
        "reveal",
        lambda answer: str(answer["contact"]),
        options=METHOD,
    ),
    "unblock": Act(
        "open what wrong answers and wrong passwords closed",
        "unblock",
        lambda answer: "Everything is open again." if answer["unblocked"] else "Nothing was closed.",
    ),
    "remove-method": Act(
        "remove a method; every address is told",
        "remove-method",
        lambda answer: (
            "Removed."
            + (
                " No method is left that proves a change: adding one takes a wait, or an activation code."
                * answer["last"]
            )
        ),
        options={**METHOD, "--credential": "which of several, as `show` names it"},
    ),
    "reregister": Act(
        "ask the person to confirm methods again",
        "reregister",
        lambda answer: "The person was told." if answer["asked"] else "There is nothing to be confirmed again.",
        options={"--method": "only this one; else every method"},
        switches={"--compromised": "they prove nothing any more, because somebody else may have them"},
    ),
    "freeze": Act(
        "stop self-service for the account",
        "freeze",
        lambda answer: "Self-service is stopped." if answer["frozen"] else "It was stopped already.",
    ),
    "thaw": Act(
        "start self-service again",
        "thaw",
        lambda answer: "Self-service is started again." if answer["thawed"] else "It was not stopped.",
    ),
    "erase": Act(
        "erase what is kept about the person; the directory keeps the account",
        "erase",
        lambda answer: "Erased." if answer["erased"] else "Nothing was kept.",
        sure="Erase everything that is kept about {}? [y/N] ",
    ),
}


def main() -> int:
    """Run the command and return its exit code."""
    given = _arguments().parse_args()
    if given.command == "activate":
        return activate.run(given)
    act = ACTS[given.command]
    if act.needs_reason and not (given.reason or sys.stdin.isatty()):
        print("Say why, with --reason.", file=sys.stderr)
        return USAGE
    if act.sure and not given.yes and not _is_sure(act.sure.format(given.identifier)):
        return USAGE
    try:
        staff = signed_in(given)
        answer = _answer(replace(staff, api=replace(staff.api, language=given.language)), act, given)
    except CallFailed as refused:
        if refused.code == "not_found":
            print(f"Nobody has the name {given.identifier}.", file=sys.stderr)
            return UNKNOWN
        print(SAID.get(refused.reason) or str(refused), file=sys.stderr)
        return FAILED
    print(json.dumps(answer, ensure_ascii=False, indent=2) if given.json else act.says(answer))
    return DONE


def _answer(staff: Staff, act: Act, given: argparse.Namespace) -> dict[str, Any]:
    names = [name.lstrip("-") for name in (*act.options, *act.switches, *act.numbers)]
    fields = {name: value for name in names if (value := getattr(given, name)) not in {None, False}}
    if act.needs_reason:
        fields["reason"] = given.reason or asked("Reason: ")
    return staff.post(f"admin/people/{act.path}", {"identifier": given.identifier, **fields})


def _is_sure(question: str) -> bool:
    if not sys.stdin.isatty():
        print("Without a terminal this takes --yes.", file=sys.stderr)
        return False
    return asked(question).strip().lower() in {"y", "yes", "o", "oui"}


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./sesame people", description="Find people and act on them, with your role.", epilog=EXIT_CODES
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, act in ACTS.items():
        command = commands.add_parser(name, help=act.about, description=f"{act.about.capitalize()}.", epilog=EXIT_CODES)
        command.add_argument("identifier", metavar="NAME", help="any name of the person's account")
        for option, about in act.options.items():
            command.add_argument(option, help=about)
        for number, about in act.numbers.items():
            command.add_argument(number, type=int, metavar="N", help=about)
        for switch, about in act.switches.items():
            command.add_argument(switch, action="store_true", help=about)
        if act.needs_reason:
            command.add_argument("--reason", help="why, for the audit log; no secret")
        if act.sure:
            command.add_argument("--yes", action="store_true", help="do not ask whether you are sure")
        command.add_argument("--json", action="store_true", help="print the answer of the service as JSON")
        command.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of sentences of the service")
        add_arguments(command)
    about = "issue an activation code and its letter, or revoke it"
    command = commands.add_parser("activate", help=about, description=f"{about.capitalize()}.", epilog=EXIT_CODES)
    activate.add_arguments(command)
    add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
