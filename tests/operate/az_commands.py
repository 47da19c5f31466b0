"""Checks every `az` command of the hooks and documents with azure-cli's own parser.

    python -m tests.operate.az_commands PYTHON_OF_AZURE_CLI

Such a Python has the package azure-cli: `pip install azure-cli` in an environment of its own, or /opt/az/bin/python3
where az comes from Microsoft's Debian package. By hand, and in the GitHub workflow: loading azure-cli takes a minute.
"""

import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from local.stack.parts import ROOT
from tests.operate.desk import OUTPUTS, SUBSCRIPTION, checkout_in, desk_in, sign_in_from_a_workflow

IN_TEXT = re.compile(r"^\s*(?:\w+=\$\()?(az [a-z].*?)(?: &&.*| \|\|.*|;.*|\))?$|`(az [a-z-]+ [^`]*)`", re.MULTILINE)


def of_the_hooks(folder: Path) -> list[list[str]]:
    """Return the words of every call that the hooks make: each step is run once with a stand-in for `az`."""
    desk = desk_in(folder)
    desk.project = checkout_in(folder / "checkout")
    python = desk.project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n", "utf-8")
    python.chmod(0o755)
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test/x"
    roles = [{"id": "/a/1", "principalId": "me", "scope": group}]
    app = {"appId": SUBSCRIPTION}
    domain = {"EMAIL_DOMAIN": "mail.example.org"}
    for gone in (True, False):
        desk.azure(group=not gone, lists={"role": roles}, domain={"SPF": "NotStarted"}, says={"uniqueName": app})
        runs = [
            desk.hook("preprovision", EMAIL_DOMAIN_VERIFIED="false", **domain),
            desk.hook("postprovision", **(OUTPUTS | domain)),
            desk.step("administrator", "ada", "9.9.9.9", VNET_ENABLED="true"),
            desk.step("verify_domain", **domain),
            desk.step("register_sign_in"),
            desk.step("give_up_keys"),
        ]
        assert [done.stderr for done in runs if done.returncode] == []
    sign_in_from_a_workflow(desk)
    calls = [json.loads(line) for line in (folder / "words").read_text("utf-8").splitlines()]
    return [words for program, *words in calls if program == "az"]


def of_the_documents() -> list[list[str]]:
    """Return the words of every command in a document or workflow; `$name` and NAME stand for values."""
    listed = subprocess.run(["git", "ls-files", "*.md", "*.yml"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = [(ROOT / name).read_text("utf-8").replace("\\\n", " ") for name in listed.stdout.splitlines()]
    found = [one or other for text in texts for one, other in IN_TEXT.findall(text)]
    return [shlex.split(command)[1:] for command in found]


def main(python: str) -> int:
    """Print what the parser complains about."""
    with tempfile.TemporaryDirectory() as folder:
        commands = of_the_hooks(Path(folder)) + of_the_documents()
    distinct = [list(words) for words in dict.fromkeys(map(tuple, commands))]
    parser = Path(__file__).with_name("az_parser.py")
    done = subprocess.run(
        [python, str(parser)], input=json.dumps(distinct), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        return done.returncode
    complaints = json.loads(done.stdout)
    print(*complaints, f"{len(distinct)} commands, {len(complaints)} that az would refuse.", sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
