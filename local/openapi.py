"""Writes the service's OpenAPI document for the web app; with `--check`, compares it with the stored one."""

import argparse
import json
import sys

from local.stack.parts import ROOT
from shared.validation.openapi import document

COPY = ROOT / "web" / "openapi.json"


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(prog="./sesame openapi")
    parser.add_argument("--check", action="store_true", help="only compare; fail if the stored document differs")
    check_only = parser.parse_args().check
    current = document()
    if COPY.exists() and json.loads(COPY.read_text("utf-8")) == current:
        return 0
    if check_only:
        print(
            "web/openapi.json differs from the document of the service. Run ./sesame openapi to write it.",
            file=sys.stderr,
        )
        return 1
    COPY.write_text(json.dumps(current, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print("web/openapi.json was written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
