"""A reset over HTTP with accounts in Microsoft Entra, on the stand-in, and what is told of a tenant before the end."""

from pathlib import Path

import pytest

from local.entra.faults import ArmedFault, Fault
from local.entra.kept import KeptTenant
from local.entra.settings import service_settings
from tests.entra import SECRET, a_tenant
from tests.integration.journey import Api, prove, without_reference
from tests.stack import StartStack

pytestmark = pytest.mark.integration

NEW = "Velvet harbour mosaic tundra"
PEOPLE = {"camille.ready": 1, "sacha.synced": 3, "gael.guest": 4, "robin.role": 5}


def contacts(name: str) -> dict[str, str]:
    return {"email": f"{name.partition('.')[0]}@mail.example", "mobile_phone": f"+3363998000{PEOPLE[name]}"}


def test_a_reset_in_a_tenant_and_the_reasons_of_those_whose_password_is_elsewhere(
    start_stack: StartStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the proof nothing differs and the tenant is not asked. Nobody signs in with a password here."""
    tenant, port = a_tenant()
    kept = KeptTenant(tmp_path).tenant()
    tenant.id, tenant.users = kept.id, kept.users
    stack = start_stack(environment={**service_settings(tmp_path, port), "IDENTITY_HEADER": SECRET})
    by_name = {user.name.partition("@")[0]: user for user in tenant.users}
    passwords = {name: user.password for name, user in by_name.items()}
    api = Api(stack.api)

    for body in ({"identifier": name, "password": "x"} for name in (tenant.users[0].name, "nobody")):
        assert (refused := api.post("/session", body)).status_code == 404, refused.text

    tenant.requests.clear()
    tokens, sizes = {}, set()
    for name in PEOPLE:
        started = api.post("/reset/start", {"identifier": by_name[name].name})
        sizes.add((started.status_code, tuple(started.json()), len(without_reference(started))))
        tokens[name] = prove(stack, api, by_name[name].name, contacts(name))
    assert len({size[:2] for size in sizes}) == 1
    assert tenant.requests == []

    for name, code in (
        ("sacha.synced", "managed_on_premises"),
        ("gael.guest", "managed_elsewhere"),
        ("robin.role", "managed_by_administrators"),
    ):
        refused = api.post("/reset/complete", {"reset_token": tokens[name], "new_password": NEW})
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    weak = {"reset_token": tokens["camille.ready"], "new_password": "only small letters here"}
    problem = api.post("/reset/complete", weak).json()
    assert (problem["code"], problem["reasons"]) == ("password_refused", ["directory_policy"])
    tenant.faults.append(ArmedFault("PATCH", "/users/", Fault.THROTTLED))
    busy = api.post("/reset/complete", {"reset_token": problem["reset_token"], "new_password": NEW})
    assert (busy.status_code, busy.json()["code"], busy.json()["retry_after"]) == (503, "try_again", 7)
    api.ok("/reset/complete", {"reset_token": busy.json()["reset_token"], "new_password": NEW})
    changed = {name for name, user in by_name.items() if user.password != passwords[name]}
    assert (changed, by_name["camille.ready"].password) == ({"camille.ready"}, NEW)
    assert by_name["camille.ready"].sessions_valid_from is not None
    assert len(stack.wait_for_messages(2, to="camille@mail.example")) == 2  # a code, and the notice

    tenant.faults.append(ArmedFault("PATCH", "/users/", Fault.APPLIED_THEN_DROP))
    token = prove(stack, api, by_name["camille.ready"].name, contacts("camille.ready"))
    unknown = api.post("/reset/complete", {"reset_token": token, "new_password": NEW + " again"})
    assert unknown.json()["code"] == "outcome_unknown"
    assert len([verb for verb, _, _ in tenant.requests if verb == "PATCH"]) == 4

    audit_and_logs = "".join(stack.log(name) for name in ("api-1",))
    urls = [target for _, target, _ in tenant.requests]
    assert NEW not in audit_and_logs + repr(urls)
    assert NEW.replace(" ", "%20") not in audit_and_logs + repr(urls)
