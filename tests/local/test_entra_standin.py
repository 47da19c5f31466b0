"""The stand-in for Microsoft Entra refuses what Microsoft's pages say is refused (local/entra)."""

from typing import Any

import httpx
import pytest

from local.entra.tenant import READ_PHONES
from local.entra.tokens import Signer
from tests.entra import SECRET, Hand, a_tenant, served, signer

ADA, PASSWORD = "ada@sesame.example", "Lantern orbit cobalt thicket"
USER = f"/v1.0/users/{ADA}"
PROFILE = "passwordProfile"
FORCED = {PROFILE: {"forceChangePasswordNextSignIn": True}}


def a_hand() -> Hand:
    hand = Hand(a_tenant()[0])
    hand.add(ADA, PASSWORD)
    return hand


def asked(method: str, path: str, body: Any = None, token: str = "") -> httpx.Response:
    """Ask with the token of the managed identity, or with another one."""
    resource = {"resource": "https://graph.microsoft.com", "api-version": "2019-08-01"}
    with httpx.Client(base_url=f"http://127.0.0.1:{served()[1]}") as client:
        identity = client.get("/identity", params=resource, headers={"X-IDENTITY-HEADER": SECRET})
        headers = {"Authorization": f"Bearer {token or identity.json()['access_token']}"}
        return client.request(method, path, headers=headers, **({} if body is None else {"json": body}))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", f"{USER}?$select=id,noSuchProperty", None, 400, "BadRequest"),
        ("GET", "/v1.0/users?$filter=startswith(mail,'a')", None, 400, "Request_UnsupportedQuery"),
        ("GET", "/v1.0/users?$filter=mail eq 'a'&$top=1000", None, 400, "BadRequest"),
        ("GET", "/v1.0/users/nobody", None, 404, "Request_ResourceNotFound"),
        ("POST", f"{USER}/authentication/methods/28c10230/resetPassword", {}, 403, "accessDenied"),
        ("GET", f"{USER}/authentication/operations/1", None, 403, "accessDenied"),
        ("PATCH", USER, {PROFILE: {"password": "weak"}}, 400, "Request_BadRequest"),
        ("PATCH", USER, {PROFILE: {"password": "Many Passwords 1"}}, 400, "Request_BadRequest"),
        ("PATCH", USER, {"accountEnabled": True}, 400, "Request_BadRequest"),
        ("PATCH", USER, FORCED, 204, ""),  # accepted, and does nothing
        ("POST", f"{USER}/authentication/temporaryAccessPassMethods", {"lifetimeInMinutes": 5}, 400, "badRequest"),
        ("GET", f"{USER}/authentication/phoneMethods", None, 403, "accessDenied"),
    ],
)
def test_it_refuses_what_graph_refuses(method: str, path: str, body: Any, status: int, code: str) -> None:
    """With Graph's codes, and an id of the request in every answer."""
    hand = a_hand()
    hand.tenant.permissions -= {READ_PHONES}
    answer = asked(method, path, body)
    assert (answer.status_code, answer.json()["error"]["code"] if answer.content else "") == (status, code)
    assert answer.headers["request-id"]
    assert hand.tenant.users[0].password == PASSWORD
    assert hand.tenant.users[0].must_change is False


@pytest.mark.parametrize("wrong", ["signature", "tenant", "audience", "no permissions", "nothing"])
def test_it_takes_tokens_of_an_application_of_its_tenant_for_graph_alone(wrong: str) -> None:
    """Each of them is one that the identity would not have given."""
    hand = a_hand()
    claims: dict[str, Any] = {"aud": "https://graph.microsoft.com", "tid": hand.tenant.id, "idtyp": "app", "roles": []}
    changed = {"tenant": {"tid": "another"}, "audience": {"aud": "api://another"}}.get(wrong, {})
    if wrong == "no permissions":
        del claims["roles"]
    by = Signer() if wrong == "signature" else signer()
    answer = asked("GET", USER, token="nothing" if wrong == "nothing" else by.token({**claims, **changed}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert hand.tenant.users[0].password == PASSWORD


def test_what_is_not_asked_for_is_not_told() -> None:
    """So that whoever forgets to ask for a state does not read it as harmless."""
    hand = a_hand()
    told = asked("GET", USER).json()
    assert {"accountEnabled", "onPremisesSyncEnabled", "userType", "lastPasswordChangeDateTime"}.isdisjoint(told)
    written = asked("PATCH", USER, {PROFILE: {"password": "Velvet harbour mosaic tundra"}})
    assert (written.status_code, written.content, hand.tenant.users[0].must_change) == (204, b"", True)
