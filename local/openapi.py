"""Writes the service's OpenAPI document where the web app reads it; with `--check`, says whether it is the same."""

import argparse
import json
import sys

from local.stack.parts import ROOT
from shared.validation.openapi import document

COPY = ROOT / "web" / "openapi.json"


def main() -> int:
    """Write, or check."""
    parser = argparse.ArgumentParser(prog="./sesame openapi")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when the copy is not the service's")
    check_only = parser.parse_args().check
    current = document()
    if COPY.exists() and json.loads(COPY.read_text("utf-8")) == current:
        return 0
    if check_only:
        print("web/openapi.json is not what the service serves: ./sesame openapi writes it anew.", file=sys.stderr)
        return 1
    COPY.write_text(json.dumps(current, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print("web/openapi.json is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
