"""docs/licences.md lists exactly the packages that are shipped."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def listed() -> set[str]:
    text = (ROOT / "docs" / "licences.md").read_text("utf-8")
    return {found[1] for found in re.finditer(r"^\| ([@/a-z0-9-]+)(?: \(in the page\))? \| \S", text, re.MULTILINE)}


def test_every_shipped_package_has_a_listed_licence() -> None:
    """The packages of the service's lock file and the dependencies of the web app, and no others."""
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    shipped = {found[1] for found in re.finditer(r"^([a-z0-9-]+)==", lock, re.MULTILINE)}
    page = json.loads((ROOT / "web" / "package.json").read_text("utf-8"))["dependencies"]
    assert listed() == shipped | set(page)
