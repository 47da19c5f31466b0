"""Runs in azure-cli's own environment: parses `az` commands with its real parser, without running any.

Reads a JSON list of commands (lists of words) from standard input and prints a JSON list of complaints. It uses private
names of azure-cli, so it runs by hand and in the GitHub workflow only (az_commands.py starts it).
"""

import contextlib
import io
import json
import os
import sys

from azure.cli.core import get_default_cli
from azure.cli.core.parser import AzCliCommandParser


class Parsed(BaseException):
    """The words were parsed: nothing runs. Not an Exception, so that azure-cli does not catch it."""


def main() -> None:
    parse = AzCliCommandParser.parse_args

    def parse_only(self: AzCliCommandParser, *words: object, **more: object) -> None:
        given = parse(self, *words, **more)
        if getattr(given, "func", None) is None:  # a group of commands, without one
            raise SystemExit(2)
        raise Parsed

    AzCliCommandParser.parse_args = parse_only
    os.environ |= {"AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no", "AZURE_CORE_COLLECT_TELEMETRY": "false"}
    found = []
    for words in json.load(sys.stdin):
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                get_default_cli().invoke(words)
        except Parsed:
            continue
        except SystemExit:
            pass
        found.append(f"az {' '.join(words)}: {said.getvalue().strip()[-300:] or 'not parsed'}")
    print(json.dumps(found))


main()
