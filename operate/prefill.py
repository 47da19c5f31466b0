"""Brings in people and contacts from a CSV file: `./sesame prefill people.csv --permission "form of 3 May"`.

It signs in over HTTP as an administrator, and the service reads the file and works it off. The command shows how far it
is, then writes the verdicts to a file, which can be corrected and brought in again, and letters with activation codes.

Whoever stops the command does not stop the import: `--resume` follows it again, and `--cancel` ends it. Its id stands
beside the file until all is fetched (`people.csv.job`).
"""

import argparse
import json
import os
import re
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from operate.letter import Letter, as_html, as_text
from operate.service_api import CallFailed
from operate.staff import Staff, add_arguments, reason_of, signed_in
from shared.messages.catalogue import language_or_default

DONE, FAILED, REFUSED = 0, 1, 3
SECONDS: Final = 0.5
"""Between two looks."""

WIDTH: Final = 30
AGAIN: Final = {"sign_in_again", "not_accepted"}
"""Codes of a session that is too old by now: a large import outlasts it."""

SAID: Final = {
    ("columns.identifier", "missing"): "No column says who the rows are about. Name it: --column identifier=HEADER.",
    ("columns", "unknown"): "A header that --column names is not in the file.",
    ("columns", "not_offered"): "--column names a column that there is not.",
    ("permission", "missing"): "Say on which basis these contacts may be used, with --permission.",
    ("create_accounts", "not_offered"): "Accounts of this directory are created by its own tools.",
    ("rows", "too_many"): "The file has more than 5,000 rows. Split it.",
    ("rows", "too_short"): "The file has no rows.",
}
"""What the faults of a file mean here."""


def main() -> int:
    """Run the command and return its exit code."""
    given = _arguments().parse_args()
    try:
        return _run(given)
    except CallFailed as refused:
        print(SAID.get((refused.field, refused.reason)) or str(refused), file=sys.stderr)
        if _note(given.file).exists():
            print("An import of this file was begun. Go on with it: --resume.", file=sys.stderr)
    except OSError as fault:
        print(f"{fault.filename or given.file}: {fault.strerror}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nThe import goes on without this command. Follow it with --resume, or end it with --cancel.")
        return 130
    return FAILED


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./sesame prefill",
        description="Bring in people and contacts from a CSV file, as spreadsheets and directories write it.",
        epilog="Exit codes: 0 all rows were taken, 1 refused or failed, 2 wrong arguments, 3 something was not taken.",
    )
    parser.add_argument("file", type=Path, help="the CSV file")
    add_arguments(parser)
    parser.add_argument("--permission", metavar="TEXT", help="on which basis the contacts may be used; shown to each")
    parser.add_argument("--attested-by", metavar="NAME", help="who says so; else the administrator")
    parser.add_argument("--reason", help="why, for the audit log; no secret")
    parser.add_argument("--column", action="append", default=[], metavar="COLUMN=HEADER", help="which header it is")
    parser.add_argument("--dry-run", action="store_true", help="judge every row, and write nothing")
    parser.add_argument(
        "--replace-confirmed", action="store_true", help="also where a person confirmed another contact, who is told"
    )
    parser.add_argument("--create-accounts", action="store_true", help="for names of nobody (embedded directory)")
    parser.add_argument("--activation", action="store_true", help="issue a code to who never confirmed a method")
    parser.add_argument("--letters", type=Path, metavar="FOLDER", help="write a letter with each code")
    parser.add_argument("--format", choices=("html", "txt"), default="html", help="of the letters")
    parser.add_argument("--verdicts", type=Path, metavar="FILE", help="write the verdicts there; else beside the file")
    steering = parser.add_mutually_exclusive_group()
    steering.add_argument("--resume", action="store_true", help="go on with the import of this file that was begun")
    steering.add_argument("--cancel", action="store_true", help="end that import; what is done stays")
    return parser


def _run(given: argparse.Namespace) -> int:
    note = _note(given.file)
    content = b"" if given.resume or given.cancel else given.file.read_bytes()
    if content and note.exists():
        print(f"{note} is there: an import of this file was begun. Use --resume or --cancel, or delete it.")
        return FAILED
    caller = _Caller(signed_in(given))
    if given.cancel:
        stopped = caller.post(f"admin/prefill/{_noted(note)}/cancel", {"reason": reason_of(given)})
        note.unlink()
        print(f"{stopped['done']} of {stopped['rows']} rows were done. Nothing more will be.")
        return DONE
    if given.resume:
        job = caller.post(f"admin/prefill/{_noted(note)}/resume", {"reason": reason_of(given)})
    else:
        job = caller.send(content, _options(given))
        _kept(note, f"{job['job']}\n")
        _tell_columns(job)
    job = _followed(caller, job)
    _tell(job)
    verdicts = given.verdicts or _free(given.file.with_name(f"{given.file.stem}.verdicts.csv"))
    _kept(verdicts, caller.text(f"admin/prefill/{job['job']}/file"))
    print(f"The verdicts are in {verdicts}. Correct it and bring it in to try the refused rows again.")
    if job["state"] != "done":
        return FAILED
    if given.letters is not None and not job["dry_run"]:
        print(f"{_letters(caller, job['job'], given)} letters are in {given.letters}. Print them, and delete them.")
    note.unlink()
    return REFUSED if job["faults"] else DONE


class _Caller:
    """Calls as the administrator, who signs in again when the session has become too old."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(self._again(lambda: self.staff.post(path, body)))

    def get(self, path: str) -> dict[str, Any]:
        return dict(self._again(lambda: self.staff.api.get(path, self.staff.token)))

    def text(self, path: str) -> str:
        return str(self._again(lambda: self.staff.api.text(path, self.staff.token)))

    def send(self, content: bytes, options: dict[str, str]) -> dict[str, Any]:
        return self.staff.api.send_csv("admin/prefill", options, content, self.staff.token)

    def _again(self, call: Any) -> Any:
        try:
            return call()
        except CallFailed as refused:
            if refused.code not in AGAIN:
                raise
        self.staff = self.staff.again()
        return call()


def _options(given: argparse.Namespace) -> dict[str, str]:
    flags = ("dry_run", "replace_confirmed", "create_accounts", "activation")
    options = {name: "true" for name in flags if getattr(given, name)}
    if given.letters is not None:
        options["activation"] = "true"
    options |= {name: text for name in ("permission", "attested_by") if (text := getattr(given, name))}
    columns = dict(pair.split("=", 1) if "=" in pair else (pair, "") for pair in given.column)
    return options | {"reason": reason_of(given)} | ({"columns": json.dumps(columns)} if columns else {})


def _followed(caller: _Caller, job: dict[str, Any]) -> dict[str, Any]:
    """Show how far the import is until it ends."""
    shown = sys.stderr.isatty()
    while job["state"] == "running":
        if shown:
            filled = WIDTH * job["done"] // max(1, job["rows"])
            bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}]"
            print(
                f"\r{bar} {job['done']:,} of {job['rows']:,}, {job['faults']:,} with faults ", end="", file=sys.stderr
            )
        time.sleep(SECONDS)
        job = caller.get(f"admin/prefill/{job['job']}")
    if shown:
        print(f"\r{' ' * (WIDTH + 40)}\r", end="", file=sys.stderr)
    return job


def _tell_columns(job: dict[str, Any]) -> None:
    read = ", ".join(f"{column} ({' and '.join(headers)})" for column, headers in job["columns"].items())
    print(f"{job['rows']:,} rows. Columns: {read}.")
    if job["unknown_columns"]:
        print(f"Not read: {', '.join(job['unknown_columns'])}.")


def _tell(job: dict[str, Any]) -> None:
    counts = ", ".join(f"{job[name]:,} {name}" for name in ("created", "prefilled", "unchanged", "refused"))
    would = "This would be the result: " if job["dry_run"] else ""
    faults = f" Of {job['faults']:,} rows something was not taken." if job["faults"] else ""
    print(
        f"{would}{counts}" + (f", {job['activations']:,} activation codes" if job["activations"] else "") + "." + faults
    )
    if job["state"] != "done":
        print(f"The import was {job['state']} after {job['done']:,} of {job['rows']:,} rows.", file=sys.stderr)


def _letters(caller: _Caller, job: str, given: argparse.Namespace) -> int:
    """Write a letter for each code, and return how many. One of an earlier import, whose code is void, is replaced."""
    given.letters.mkdir(mode=0o700, parents=True, exist_ok=True)
    count, after = 0, 0
    while True:
        answer = caller.post(f"admin/prefill/{job}/letters", {"after": after})
        for each in answer["letters"]:
            name = re.sub(r"[^\w.@-]", "_", each["identifier"])[:80]
            out = given.letters / f"{each['row']:04}-{name}.{given.format}"
            out.unlink(missing_ok=True)
            _kept(out, (as_html if given.format == "html" else as_text)(_letter(each, answer)))
        count += len(answer["letters"])
        if (after := answer["next"]) is None:
            return count


def _letter(each: dict[str, Any], said: dict[str, Any]) -> Letter:
    return Letter(
        language=language_or_default(each["language"]),
        organisation=said["organisation"],
        to="",
        name=each["identifier"],
        code=each["code"],
        page=said["page"],
        until=datetime.fromisoformat(each["expires_at"]),
        first_password=each["first_password"],
        helpdesk=said["helpdesk"],
    )


def _note(file: Path) -> Path:
    return file.with_name(f"{file.name}.job")


def _noted(note: Path) -> str:
    return note.read_text("utf-8").strip()


def _free(path: Path) -> Path:
    """Return the path, or with a number: nobody's corrections are overwritten."""
    numbered = (path if number == 1 else path.with_stem(f"{path.stem}-{number}") for number in range(1, 1000))
    return next(each for each in numbered if not each.exists())


def _kept(path: Path, text: str) -> None:
    """Write a new file that only its owner can read. Raises OSError, also if there is one already."""
    if path.exists():
        raise FileExistsError(17, "It is there already", str(path))
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
    unfinished.rename(path)


if __name__ == "__main__":
    sys.exit(main())
