"""`python -m local.slapd --data .local --port 10389 --tls-port 10636`: the server as a part of the local stack."""

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

from local.seed import PEOPLE, demo_people
from local.slapd.entries import PEOPLE as SUBTREE
from local.slapd.entries import person
from local.slapd.kept import kept_slapd
from local.tether import ABOUT, FLAG, tether


def main() -> int:
    """Run the server until this process is told to stop. A new folder begins with the demo people."""
    parser = argparse.ArgumentParser(prog="python -m local.slapd")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-port", type=int, required=True)
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    slapd = kept_slapd(options.data, (options.port, options.tls_port))
    entries, administrators = [], []
    for demo, known in zip(PEOPLE, demo_people(options.data / "people.json"), strict=True):
        entries.append(person(demo.identifier, str(known["password"]), **demo.attributes))
        if demo.roles:
            administrators.append(f"uid={demo.identifier},{SUBTREE}")
    slapd.people = tuple(entries)
    slapd.administrators = tuple(administrators)
    process = slapd.start()

    def stop(*_: Any) -> None:
        process.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if options.tethered:
        tether()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
