"""Writes `local.settings.json` for `func start`, from the sample and the settings of the running stack.

Run it through `local.with_stack`. Core Tools then runs the same app on the same store, as one more instance.
"""

import json
import os
import sys

from local.stack.keys import write_private
from local.stack.parts import ROOT

SAMPLE = ROOT / "local.settings.sample.json"
TARGET = ROOT / "local.settings.json"


def main() -> int:
    """Write the file. It contains keys; git ignores it and only its owner can read it."""
    document = json.loads(SAMPLE.read_text("utf-8"))
    values = {name: os.environ[name] for name in document["Values"] if name.startswith("SESAME_")}
    document["Values"] |= values | {"AzureWebJobsStorage": os.environ["SESAME_STORAGE_CONNECTION"]}
    document["Host"]["CORS"] = os.environ["SESAME_WEB_ORIGINS"]
    write_private(TARGET, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    print(f"local.settings.json was written. `func start` will listen on port {document['Host']['LocalHttpPort']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
