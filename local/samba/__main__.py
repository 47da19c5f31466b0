"""`python -m local.samba --data .local`: the domain controller as a part of the local stack."""

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

from local.samba.kept import HOST, kept_samba
from local.samba.provision import Person
from local.seed import PEOPLE, demo_people
from local.tether import ABOUT, FLAG, tether


def main() -> int:
    """Run the server until this process is told to stop. A new domain begins with the demo people."""
    parser = argparse.ArgumentParser(prog="python -m local.samba")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--host", default=HOST)
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    people = [
        Person(demo.identifier, str(known["password"]), bool(demo.roles), dict(demo.attributes))
        for demo, known in zip(PEOPLE, demo_people(options.data / "people.json"), strict=True)
    ]
    samba = kept_samba(options.data, options.host, people)
    process = samba.start()

    def stop(*_: Any) -> None:
        process.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if options.tethered:
        tether()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
