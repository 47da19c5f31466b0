"""SESAME_SCOPES: unsafe values are refused, because a scope that is left out would leave a role without one."""

import json

import pytest

from shared.settings import settings_from
from tests.test_settings import SOUND, faults

SCOPE = {"role": "helpdesk", "operators": "cn=desk,dc=lyon", "people": "CN=Staff , DC = Lyon"}


@pytest.mark.parametrize(
    ("scope", "directory", "fault"),
    [
        (SCOPE, "embedded", "this directory has no groups"),
        ({**SCOPE, "role": "owner"}, "entra", "Lyon: role must be one of"),
        ({**SCOPE, "people": " "}, "entra", "Lyon: operators and people must be names of groups"),
        ({**SCOPE, "people": ["a"]}, "entra", "Lyon: operators and people must be names of groups"),
        ({**SCOPE, "roles": "helpdesk"}, "entra", "Lyon: must have role, operators, people and nothing else"),
        ("helpdesk", "entra", "Lyon: must have role, operators, people and nothing else"),
    ],
)
def test_a_scope_that_would_not_be_understood_is_refused(scope: object, directory: str, fault: str) -> None:
    """A scope that was left out would leave a role without one."""
    [found] = faults(SESAME_SCOPES=json.dumps({"Lyon": scope}), SESAME_DIRECTORY=directory)
    assert found.startswith("SESAME_SCOPES: ")
    assert fault in found


def test_the_groups_of_a_scope_are_compared_without_capitals_and_blanks() -> None:
    """Directories write one name in several ways."""
    read = settings_from({**SOUND, "SESAME_SCOPES": json.dumps({"Lyon": SCOPE}), "SESAME_DIRECTORY": "entra"})
    assert [(scope.name, scope.people) for scope in read.scopes] == [("Lyon", "cn=staff,dc=lyon")]
