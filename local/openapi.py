"""Writes the service's OpenAPI document for the web app; with `--check`, compares it with the stored one."""

import argparse
import asyncio
import json
import sys
from typing import Any

import azure.functions as func

from local.host.loading import load
from local.stack.environment import DEFAULTS
from local.stack.parts import ROOT

COPY = ROOT / "web" / "openapi.json"
OPERATION = "openapi_document"


def served() -> Any:
    """The document that the service answers with: the app is loaded as the host does, and asked."""
    handler = next(function.handler for function in load(ROOT, DEFAULTS) if function.name == OPERATION)
    request = func.HttpRequest("GET", "http://localhost/api/v1/openapi.json", body=b"")
    return json.loads(asyncio.run(handler(req=request)).get_body())


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(prog="./sesame openapi")
    parser.add_argument("--check", action="store_true", help="only compare; fail if the stored document differs")
    check_only = parser.parse_args().check
    current = served()
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
