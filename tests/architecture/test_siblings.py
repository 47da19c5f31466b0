"""The rule about siblings that `.importlinter` uses, checked with examples."""

import pytest

from tests.architecture.siblings import may_import


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("app.verbs.a", "app.verbs.b", False),
        ("app.verbs.a", "app.verbs._shared", True),
        ("app.verbs._shared", "app.verbs.a", False),
        ("app.verbs._shared", "app.verbs._other", True),
        ("app.verbs.reset.start", "app.verbs.reset.verify", False),
        ("app.verbs.reset.start", "app.verbs.admin.erase", False),
        ("app.verbs.reset.start", "app.verbs._shared", True),
        ("app.verbs.reset.start", "app.verbs.reset._gate", True),
        ("app.verbs.admin.erase", "app.verbs.reset._gate", False),
        ("app.verbs", "app.verbs.a", True),
        ("app.verbs.reset", "app.verbs.reset.start", True),
        ("app.verbs.reset.start", "app.verbs.reset", True),
        ("app.triggers.a", "app.verbs.a", True),
        ("app.triggers.a", "app.verbs._shared", False),
        ("app.verbs.a", "app.verbs._parts.x", True),
        ("app.triggers.a", "app.verbs._parts.x", False),
    ],
)
def test_a_module_may_import_only_shared_modules_of_its_package(importer: str, imported: str, allowed: bool) -> None:
    """Others may import public modules; private ones are for their own package."""
    assert may_import(importer, imported, "app.verbs") is allowed
