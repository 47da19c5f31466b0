"""Issues an activation code and writes its letter: `./sesame people activate NAME`.

It signs in as an administrator over HTTP, so that the service checks the role and knows who issued the code. The code
is in the letter and nowhere else: not in an argument, a log or a message of this command.

Where a second administrator must approve, the first run asks and ends with 3. The second administrator runs the same
command, sees who asked and why, and gets the letter.
"""

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from operate.letter import Letter, as_html, as_text
from operate.service_api import CallFailed
from operate.staff import NO_REASON, Staff, asked, reason_of, signed_in
from shared.domain.language import LANGUAGES
from shared.messages.catalogue import language_or_default

DONE, FAILED, WAITING, UNKNOWN = 0, 1, 3, 4

SAID: Final = {
    "disabled": "The account is disabled. Enable it in the directory first.",
    "frozen": "Self-service is stopped for this account. Find out why, then thaw it first.",
    "no_request": "No such request waits any more. Run the command again to see what does.",
    "same_administrator": "You asked for this yourself. Another administrator must approve it.",
    "missing": NO_REASON,
}
"""What the reasons of a refusal mean here."""


def run(given: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    try:
        out = _reserved(given.out)
        try:
            return _run(given, out)
        finally:
            if out is not None and out.stat().st_size == 0:
                out.unlink()
    except CallFailed as refused:
        if refused.code == "not_found":
            print(f"Nobody has the name {given.identifier}.", file=sys.stderr)
            return UNKNOWN
        print(SAID.get(refused.reason) or str(refused), file=sys.stderr)
    except OSError as fault:
        print(f"{given.out}: {fault.strerror}.", file=sys.stderr)
    return FAILED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `run` reads, beside the arguments for the sign-in."""
    parser.add_argument("identifier", metavar="NAME", help="any name of the person's account")
    parser.add_argument("--reason", help="why, for the audit log, also where you approve or revoke; no secret")
    parser.add_argument(
        "--addressee", default="", metavar="LINES", help="whom the letter is for: lines, separated by commas"
    )
    parser.add_argument("--language", choices=LANGUAGES, help="of the letter; else that of messages to the person")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the letter to a new .txt or .html file")
    parser.add_argument("--revoke", action="store_true", help="end the code, and a request for one, instead")
    parser.add_argument("--yes", action="store_true", help="approve what another administrator asked for, unasked")


def _run(given: argparse.Namespace, out: Path | None) -> int:
    staff = signed_in(given)
    person = {"identifier": given.identifier}
    if given.revoke:
        revoked = staff.post("admin/people/activate/revoke", {**person, "reason": reason_of(given)})["revoked"]
        print("The code is revoked." if revoked else "There was no code and no request.")
        return DONE
    outcome = _outcome(staff, person, given)
    if outcome is None:
        return FAILED
    if outcome["state"] == "waiting":
        print(
            f"A second administrator must approve this within three days: ./sesame people activate {given.identifier}"
        )
        return WAITING
    letter = _letter(outcome, given)
    if out is None:
        print(as_text(letter, terminal=sys.stdout.isatty()))
    else:
        out.write_text(as_html(letter) if out.suffix == ".html" else as_text(letter), "utf-8")
        print(f"The letter is in {out}. Print it, hand it over in a closed envelope, and delete the file.")
    return DONE


def _outcome(staff: Staff, person: dict[str, str], given: argparse.Namespace) -> dict[str, Any] | None:
    """Return what was issued or waits. None: the administrator does not approve what another one asked for."""
    reason = {"reason": given.reason} if given.reason else {}
    try:
        outcome = staff.post("admin/people/activate", {**person, **reason})
    except CallFailed as refused:
        if refused.reason != "missing" or not sys.stdin.isatty():
            raise
        outcome = staff.post("admin/people/activate", {**person, "reason": reason_of(given)})
    if outcome["state"] == "issued" or outcome["own"]:
        return outcome
    asked_at = datetime.fromisoformat(outcome["asked_at"])
    print(f"{outcome['asked_by']} asked for this on {asked_at:%Y-%m-%d %H:%M} UTC. Reason: {outcome['reason']}")
    if not (given.yes or asked("Approve it and get the letter? [y/N] ").strip().lower() in {"y", "yes", "o", "oui"}):
        print("Nothing was approved.", file=sys.stderr)
        return None
    approval = {**person, "request": outcome["request"], "reason": reason_of(given)}
    return staff.post("admin/people/activate/approve", approval)


def _letter(outcome: dict[str, Any], given: argparse.Namespace) -> Letter:
    return Letter(
        language=language_or_default(given.language or outcome["language"]),
        organisation=outcome["organisation"],
        to="\n".join(line.strip() for line in given.addressee.split(",")),
        name=outcome["identifier"],
        code=outcome["code"],
        page=outcome["page"],
        until=datetime.fromisoformat(outcome["expires_at"]),
        first_password=outcome["first_password"],
        helpdesk=outcome["helpdesk"],
    )


def _reserved(out: Path | None) -> Path | None:
    """Make the file before a code is drawn, for its owner only. Raises OSError, also if there is one already."""
    if out is not None:
        os.close(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return out
