"""The registrations for the sign-in at Microsoft: made in order, the same in a second run, and checked."""

import re
from pathlib import Path
from typing import Any

import pytest

from operate.hooks.sign_in_apps import SCOPE_ID, missing, of_api, of_page
from tests.operate.desk import OUTPUTS, TENANT, Desk, desk_in, ended_in_a_sentence

API, PAGE = "a9100000-0000-4000-8000-000000000002", "9a9e0000-0000-4000-8000-000000000003"
BACK = f"{OUTPUTS['WEB_BASE_URL']}/register"
MORE = "https://reset.example.org/register"


def registered(api: str = API, page: str = PAGE) -> dict[str, dict[str, Any]]:
    """Return both registrations, as Microsoft Graph tells them after `register_sign_in`."""
    ours = {"signInAudience": "AzureADMyOrg"}
    return {
        "sesame-API-": {"appId": api, **ours, **of_api(api, page)},
        "sesame-pages-": {"appId": page, **ours, **of_page(api, [BACK, MORE])},
    }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_in(tmp_path)


def test_both_are_registered_in_order_and_their_ids_are_stored(desk: Desk) -> None:
    """The API with its permission, the page that asks for it, and then the page beside the permission."""
    desk.azure(says=registered())
    done = desk.step("register_sign_in", MORE_WEB_ORIGINS="https://reset.example.org/")

    assert (done.returncode, done.stderr) == (0, "")
    written = re.findall(r"--method patch --url \S+/(\w+)\((\w+)='([\w-]+)'\)", desk.asked)
    kinds = [f"{kind} {key.split('-')[1]}" for kind, name, key in written if name == "uniqueName"]
    assert kinds == [f"applications {part}" for part in ("API", "API", "pages", "API")]
    assert {key for kind, _, key in written if kind == "servicePrincipals"} == {API, PAGE}
    assert desk.asked.count("Prefer=create-if-missing") == len(written)
    stored = re.findall(r"azd env set ENTRA_(\w+) (\S+)", desk.asked)
    assert dict(stored) == {"TENANT": TENANT, "API": API, "PAGE": PAGE}


def test_what_is_registered_has_all_that_the_service_checks(desk: Desk) -> None:
    """Ids of permissions and roles are the same in every run, because Microsoft refuses to replace one that is used."""
    desk.azure(says=registered())
    origins = {"MORE_WEB_ORIGINS": "https://reset.example.org"}
    done = desk.step("check_sign_in", ENTRA_API=API, ENTRA_PAGE=PAGE, **origins)
    assert (done.returncode, done.stderr) == (0, "")
    assert "all that the service checks" in done.stdout
    assert of_api(API) == of_api(API)
    assert " patch " not in desk.asked

    done = desk.step("check_sign_in", ENTRA_API=PAGE, **origins)
    assert "register_sign_in" in ended_in_a_sentence(done)
    assert "ENTRA_API is" in done.stdout
    assert "ENTRA_PAGE is not set" in done.stdout


BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "requestedAccessTokenVersion": ("API", {"api": {"requestedAccessTokenVersion": None}}),
    f"api://{API}": ("API", {"identifierUris": []}),
    "the scope access_as_user": ("API", {"api": {"oauth2PermissionScopes": [{"value": "access_as_user"}]}}),
    "auth_time": ("API", {"optionalClaims": None}),
    "API: accounts of this organisation": ("API", {"signInAudience": "AzureADMultipleOrgs"}),
    "the permission access_as_user": ("pages", {"requiredResourceAccess": [{"resourceAppId": API}]}),
    MORE: ("pages", {"spa": {"redirectUris": [BACK]}}),
    "pages: accounts of this organisation": ("pages", {"signInAudience": "PersonalMicrosoftAccount"}),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_a_registration_lacks_is_named(what: str) -> None:
    """Alone: one fault is not told as several."""
    part, change = BROKEN[what]
    api, page = (app | change if f"-{part}-" in name else app for name, app in registered().items())
    if part == "API" and "api" in change:
        api["api"] = {**registered()["sesame-API-"]["api"], **change["api"]}
    found = missing(api, page, [BACK, MORE])
    assert any(what in fault for fault in found), found
    assert missing(*registered().values(), [BACK, MORE]) == []


def test_a_refusal_of_microsoft_graph_is_one_sentence(desk: Desk) -> None:
    """Who deploys may have no right to register applications."""
    desk.azure(refuses=[["graph.microsoft.com", 99, "Insufficient privileges to complete the operation."]])
    assert "Insufficient privileges" in ended_in_a_sentence(desk.step("register_sign_in"))
    assert "There are no registrations" in ended_in_a_sentence(desk.step("check_sign_in"))
    assert SCOPE_ID not in desk.asked
