"""Rule 24: every act of staff by every role, on an ordinary person, on staff and on oneself, and what the audit says.

Over the real HTTP handlers. An endpoint for staff that has no row here fails.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import azure.functions as func
import pytest

from functions import _function, _http
from functions._function import ENDPOINTS
from shared.domain.roles import GRANTED, Right, Role, Scope
from shared.domain.trail import AuditEvent, Tag
from shared.ports.directory import Attributes
from shared.usecases.activate import Activate
from tests.architecture.tree import ROOT
from tests.builders import WHY, World, a_world, at
from tests.registered import FUNCTIONS

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ADMINISTRATOR, HELPDESK, AUDITOR = Role
ENDPOINT = {each.name: each for each in ENDPOINTS if each.route.startswith("v1/admin/")}
SCOPES = (
    Scope(name="head office", role=ADMINISTRATOR, operators="head", people="*"),
    Scope(name="the south", role=ADMINISTRATOR, operators="south", people="marseille"),
)
STAFF = {**dict.fromkeys(("avery", "blake", "casey", "sam", "quinn", "drew"), ADMINISTRATOR),
         "harper": HELPDESK, "aubrey": AUDITOR}  # fmt: skip
NOW = {**STAFF, "quinn": None, "drew": HELPDESK}
"""The roles since a minute ago, later than the sign-ins."""
CALLERS = {"nobody": "", "person": "noor", "auditor": "aubrey", "helpdesk": "harper", "administrator": "avery",
           "administrator of another scope": "sam", "former administrator": "quinn",
           "administrator who is helpdesk now": "drew"}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """One endpoint: what it is asked, who may, and what is left. Outcomes: `ok`, or the stable word of a refusal."""

    roles: tuple[Role, ...]
    tag: Tag | None
    asked: Mapping[str, Any] | None = field(default_factory=dict)
    """The fields of the body beside the name of the person and the reason. None: a GET."""
    names: str = "identifier"
    """The field that names the person. Empty where nobody is named."""
    on_staff: str = "ok"
    """The outcome for an administrator where the person has a role. Others: `privileged`, except to read."""
    elsewhere: str = "out_of_scope"
    """The outcome for an administrator of another scope."""
    oneself: str = "own_account"
    right: Right | None = None
    """What it needs, where that is not what its endpoint needs."""


EVERY, ONE, OFFICE, READERS = tuple(Role), (ADMINISTRATOR,), (ADMINISTRATOR, HELPDESK), (ADMINISTRATOR, AUDITOR)
NOBODY: dict[str, Any] = {"names": "", "oneself": "ok"}
IN_A_LIST = {"names": "identifiers", "elsewhere": "refused", "oneself": "refused"}
ACTS = {
    "admin_find": Act(EVERY, Tag.VIEWED, oneself="ok"),
    "admin_timeline": Act(EVERY, Tag.VIEWED, oneself="ok"),
    "admin_audit": Act(READERS, Tag.AUDIT_READ, names="person", oneself="ok"),
    "admin_coverage": Act(EVERY, None, None, **NOBODY),
    "admin_coverage_not_ready": Act(EVERY, Tag.COVERAGE_LISTED, **NOBODY),
    "admin_coverage_recount": Act(ONE, Tag.COVERAGE_RECOUNTED, **NOBODY),
    "admin_client": Act(ONE, None, None, elsewhere="ok", **NOBODY),
    "admin_reveal": Act(ONE, Tag.CONTACT_REVEALED, {"method": "email"}, on_staff="privileged"),
    "admin_unblock": Act(OFFICE, Tag.UNBLOCKED),
    "admin_freeze": Act(OFFICE, Tag.FROZEN),
    "admin_thaw": Act(ONE, Tag.THAWED),
    "admin_remove_method": Act(ONE, Tag.METHOD_TAKEN, {"method": "email"}, on_staff="privileged"),
    "admin_reregister": Act(OFFICE, Tag.REREGISTRATION),
    "admin_reregister, compromised": Act(ONE, Tag.METHODS_COMPROMISED, {"compromised": True}, right=Right.COMPROMISE),
    "admin_reregister_many": Act(ONE, Tag.REREGISTRATION, {"days": 0}, **IN_A_LIST),
    "admin_erase": Act(ONE, Tag.ERASED, on_staff="privileged"),
    "admin_activate": Act(ONE, Tag.ACTIVATION_ASKED),
    "admin_activate_approve": Act(ONE, Tag.ACTIVATION_ISSUED, {"request": "waiting"}),
    "admin_activate_revoke": Act(ONE, Tag.ACTIVATION_REVOKED),
    "admin_prefill": Act(ONE, Tag.IMPORT_BEGUN, {"permission": "form of 3 May"}, names="rows", elsewhere="ok",
                         oneself="ok"),
    "admin_import_view": Act(ONE, None, None, **NOBODY),
    "admin_import_verdicts": Act(ONE, None, None, **NOBODY),
    "admin_import_file": Act(ONE, None, None, **NOBODY),
    "admin_import_cancel": Act(ONE, Tag.IMPORT_CANCELLED, **NOBODY),
    "admin_import_resume": Act(ONE, Tag.IMPORT_RESUMED, **NOBODY),
    "admin_import_letters": Act(ONE, None, {"after": 0}, **NOBODY),
}  # fmt: skip
RIGHTS = {name: act.right or ENDPOINT[name.partition(",")[0]].needs for name, act in ACTS.items()}
every_act = pytest.mark.parametrize("name", ACTS)
WITHOUT_A_REASON = ("admin_import_letters",)
"""Writes whose reason was given before: when the import was begun."""


def right_of(name: str) -> Right:
    right = RIGHTS[name]
    assert isinstance(right, Right)
    return right


class Office:
    """Staff of three roles, and two people. Ada works in Lyon."""

    def __init__(self, world: World, sessions: Mapping[str, str]) -> None:
        self.world, self.sessions, self.request, self.job = world, sessions, "", ""
        self.keys = {name: world.key_of(name) for name in (*sessions, "ada")}

    async def call(self, name: str, who: str, target: str = "ada", **changes: Any) -> str:
        """Return the outcome of the call."""
        act, endpoint, body = ACTS[name], ENDPOINT[name.partition(",")[0]], b""
        if act.asked is not None:
            given: dict[str, Any] = {**act.asked, **changes}
            if act.names:
                form = {"rows": [{"identifier": target, "language": "fr"}], "identifiers": [target]}
                given[act.names] = form.get(act.names, target)
            if right_of(name).writes and name not in WITHOUT_A_REASON:
                given.setdefault("reason", WHY)
            if "request" in given:
                given["request"] = self.request
            body = json.dumps({field: value for field, value in given.items() if value is not None}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.sessions.get(who, '')}"}
        request = func.HttpRequest(
            endpoint.verb, "http://x", headers=headers, params={}, route_params={"job": self.job}, body=body
        )
        self.world.adapters.audit_outbox.events.clear()
        answer = await FUNCTIONS[endpoint.name].get_user_function()(req=request)
        if answer.status_code in {200, 202}:
            text = answer.get_body().decode()
            return "refused" if '"refused":[1]' in text else "ok"
        problem = json.loads(answer.get_body())
        return str(problem.get("reason") or problem["code"])

    @property
    def events(self) -> list[AuditEvent]:
        return list(self.world.adapters.audit_outbox.events)


@pytest.fixture
async def office(monkeypatch: pytest.MonkeyPatch, name: str) -> Office:
    """The sessions are of this minute, and what the act needs has happened before."""
    world = a_world()
    for module in (_http, _function):
        monkeypatch.setattr(module, "service", lambda: world.service)
    world.adapters.scopes, world.adapters.settings.web_origin = SCOPES, "https://reset.sesame.example"
    await world.ada()
    await world.account("noor")
    for who, role in STAFF.items():
        await world.account(who, roles=frozenset({role}), email=f"{who}@mail.example")
    groups = {"sam": ("SOUTH",), "ada": ("lyon",)}
    world.directory.known = {who: Attributes(groups=groups.get(who, ("Head ",))) for who in (*STAFF, "ada")}
    return await prepared(Office(world, {who: await world.sign_in(who) for who in (*STAFF, "noor")}), name, "ada")


async def prepared(office: Office, name: str, target: str) -> Office:
    """Return the office after what an act on that person needs."""
    world = office.world
    if name == "admin_thaw":
        world.people.put(replace(world.row(target), frozen_at=at()))
    if name.startswith("admin_activate_"):
        asked = await world.service.use(Activate)(office.sessions["casey"], target, WHY, world.trail)
        office.request = asked.request or ""
    if name.startswith("admin_import_"):
        office.job = (await world.bring_in(office.sessions["avery"], {"identifier": "noor", "language": "fr"})).id
    world.directory.granted("quinn")
    world.directory.granted("drew", HELPDESK)
    return office


def test_every_endpoint_for_staff_has_a_row_that_agrees_with_the_table_of_rights() -> None:
    """Also the next one. What is written twice, here and in the table, is compared."""
    assert ENDPOINT.keys() == {name.partition(",")[0] for name in ACTS}
    for name, act in ACTS.items():
        assert {role for role in Role if right_of(name) in GRANTED[role]} == set(act.roles)


def test_the_page_about_security_has_the_table() -> None:
    """`...` stands for everything below."""
    rows = re.findall(r"^\| .*?\((`admin/.*?)\) \| (yes|no) \| (yes|no) \| (yes|no) \|$", PAGE, re.MULTILINE)
    told = {path: {role for role, has in zip(Role, row[1:], strict=True) if has == "yes"}
            for row in rows for path in re.findall(r"`(.*?)`", row[0])}  # fmt: skip
    for name, act in ACTS.items():
        route = ENDPOINT[name.partition(",")[0]].route.removeprefix("v1/")
        known = told.get(route) or next(
            told[path] for path in told if path.endswith("...") and route.startswith(path[:-3])
        )
        assert "," in name or known == set(act.roles), name


@every_act
@pytest.mark.parametrize("caller", CALLERS)
async def test_an_act_by_each_role(office: Office, name: str, caller: str) -> None:
    """What is done, and what is refused, names both parties and why."""
    act, who = ACTS[name], CALLERS[caller]
    allowed = "ok" if NOW.get(who) in act.roles else "not_allowed"
    wanted = {"": "not_accepted", "sam": act.elsewhere}.get(who, allowed)
    before, about = dict(office.world.people.rows), office.keys["ada"] if act.names not in {"", "rows"} else ""
    assert await office.call(name, who) == wanted
    if wanted == "ok" and act.tag:
        [event] = office.events
        assert (event.tag, event.account, event.actor) == (act.tag, about, office.keys[who])
        assert event.reason == (WHY if right_of(name).writes else "")
    elif wanted != "ok":
        assert office.world.people.rows == before
        [event] = office.events
        refusals = {
            "not_accepted": (Tag.TOKEN_REFUSED, name.partition(",")[0], "", ""),
            "not_allowed": (Tag.SESSION_REFUSED, "not_permitted", office.keys.get(who), ""),
        }
        out = (Tag.ACT_REFUSED, f"{right_of(name)} out_of_scope", about, office.keys.get(who))
        assert (event.tag, event.cause, event.account, event.actor) == refusals.get(wanted, out)


ON_STAFF = [
    (name, who)
    for name, act in ACTS.items()
    for who in ("aubrey", "harper", "avery")
    if act.names in {"identifier", "person"} and STAFF[who] in act.roles
]


@pytest.mark.parametrize(("name", "who"), ON_STAFF)
async def test_an_act_on_an_account_that_has_a_role(office: Office, name: str, who: str) -> None:
    """Nobody acts on who is more privileged. Auditors read about everybody, and change nothing of anybody."""
    wanted = {HELPDESK: "privileged", AUDITOR: "ok", ADMINISTRATOR: ACTS[name].on_staff}[STAFF[who]]
    await prepared(office, name, "blake")
    assert await office.call(name, who, "blake") == wanted
    event = office.events[-1]
    assert (event.actor, event.account) == (office.keys[who], office.keys["blake"])
    assert (event.tag is Tag.ACT_REFUSED) == (wanted == "privileged")


@every_act
async def test_nobody_acts_on_the_own_account_nor_long_after_the_sign_in_nor_without_a_reason(
    office: Office, name: str
) -> None:
    """Except to look. A thief of the session of staff would get past the methods of its owner."""
    act, needs = ACTS[name], right_of(name)
    if act.names:
        assert await office.call(name, "avery", "avery") == act.oneself
    if needs.writes and name not in WITHOUT_A_REASON:
        assert await office.call(name, "avery", reason=None) == "missing"
        assert await office.call(name, "avery", reason="  ") != "ok"
    office.world.clock.move(seconds=office.world.policy.method_change_seconds)
    assert await office.call(name, "avery") == ("sign_in_again" if needs.writes else "ok")
