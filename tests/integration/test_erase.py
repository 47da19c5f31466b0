"""An administrator's erasure over HTTP: every table is searched, and every token is tried afterwards."""

import csv
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient

from operate import audit as command
from operate import coverage as coverage_command
from operate.service_api import ServiceApi
from operate.sheet import guarded
from shared.adapters.azure_tables import ACCOUNTS, DUE, NAMES, PEOPLE
from shared.domain.trail import Tag
from tests.builders import WHY
from tests.integration.inside import Known, make_person, row_of
from tests.integration.journey import Api, fresh_contacts, prove
from tests.integration.outcomes import can_sign_in, causes, wait_for
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"
NEW = "velours bancal sous la pluie"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(instances=2)


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack.api)


@pytest.fixture(scope="module")
def admin(stack: Stack, api: Api) -> str:
    return api.sign_in("avery.admin", stack.people["avery.admin"])


def rows_about(stack: Stack, known: Known) -> Mapping[str, int]:
    """Return the number of rows in each table that contain the account's key."""
    with TableServiceClient.from_connection_string(stack.storage_connection) as tables:
        names = [table.name for table in tables.list_tables()]
        return {
            name: sum(known.account in str(dict(row)) for row in tables.get_table_client(name).list_entities())
            for name in names
        }


def test_an_erasure_deletes_all_data_and_ends_everything_under_way(stack: Stack, api: Api, admin: str) -> None:
    """A reset with both proofs, a session, the reminder and the names all end."""
    email, phone = fresh_contacts()
    known = make_person(stack, Known("leaver", PASSWORD, {"email": email, "mobile_phone": phone}))
    session = api.sign_in(known.identifier, PASSWORD)
    reset_token = prove(stack, api, known.identifier, dict(known.contacts))
    assert {name for name, count in rows_about(stack, known).items() if count} >= {NAMES, PEOPLE, DUE, ACCOUNTS}

    assert api.ok("/admin/people/erase", {"identifier": "Leaver", "reason": WHY}, admin) == {"erased": True}

    left = rows_about(stack, known)
    counters = sum(count for name, count in left.items() if name.startswith("Counters"))
    assert (left[NAMES], left[DUE], counters, left[PEOPLE]) == (0, 1, 0, 1), "the entry to delete the empty row"
    row = row_of(stack, known.account)
    assert (row.object_id, row.methods, row.failures, row.known_clients) == (None, (), {}, ())
    assert (row.attempts, row.sent_codes) == ((), ())
    other = Api(stack.instances[1])
    refused = other.post("/reset/complete", {"reset_token": reset_token, "new_password": NEW})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_accepted")
    assert other.http.get("/me", headers={"Authorization": f"Bearer {session}"}).status_code == 401
    assert can_sign_in(other, known, PASSWORD), "the directory's own account is the directory's"
    # The sign-in bound the name.
    assert api.ok("/admin/people/erase", {"identifier": "leaver", "reason": WHY}, admin) == {"erased": True}
    assert api.ok("/admin/people/erase", {"identifier": "leaver", "reason": WHY}, admin) == {"erased": False}
    wait_for(lambda: sorted(causes(stack, Tag.ERASED, known.account)) == ["", "", "nothing_kept"])


def test_an_erasure_needs_an_administrator_and_an_ordinary_account(stack: Stack, api: Api, admin: str) -> None:
    """Refused: no session, no role, a privileged account, a malformed body. An unknown name erases nothing."""
    known = make_person(
        stack, Known("stays", PASSWORD, dict(zip(("email", "mobile_phone"), fresh_contacts(), strict=True)))
    )
    body = {"identifier": known.identifier, "reason": WHY}
    answers = [
        api.post("/admin/people/erase", body),
        api.post("/admin/people/erase", body, api.sign_in(known.identifier, PASSWORD)),
        api.post("/admin/people/erase", {"identifier": "avery.admin", "reason": WHY}, admin),
        api.post("/admin/people/erase", {"identifier": "", "reason": WHY}, admin),
        api.post("/admin/people/erase", {"identifier": known.identifier}, admin),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (401, "not_accepted"), (403, "not_allowed"), (403, "not_allowed"), (400, "bad_input"), (400, "bad_input"),
    ]  # fmt: skip
    nobody = {"identifier": "nobody.at.all", "reason": WHY}
    assert api.post("/admin/people/erase", nobody, admin).status_code == 404
    assert len(row_of(stack, known.account).methods) == 2


def test_what_an_administrator_did_is_found_and_exported_from_a_terminal(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The erasures above, by name, and each reading itself. A cell that a spreadsheet would run is text."""

    def audit(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(ServiceApi, "of_page", lambda _page: ServiceApi(stack.api))
        monkeypatch.setattr(sys, "argv", ["audit", *arguments, "--as", "avery.admin"])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stack.people["avery.admin"]))
        return command.main(), capsys.readouterr().out

    wait_for(lambda: "admin:account:erased" in audit("search", "--actor", "avery.admin")[1])
    code, out = audit("search", "--person", "leaver", "--action", "admin:account:erased", "--result", "NA")
    assert (code, out.count("\n")) == (0, 1)
    assert "leaver by avery.admin" in out
    assert audit("search", "--person", "nobody.here") == (1, "")
    files = {kind: tmp_path / f"audit.{kind}" for kind in ("csv", "jsonl", "asim")}
    for kind, file in files.items():
        wanted = ("--actor", "avery.admin", "--from", "2020-01-01", "--format", kind, "--out", str(file))
        assert audit("export", *wanted) == (0, "")
    assert audit("export", "--out", str(files["csv"]))[0] == 1, "nothing is overwritten"
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text("utf-8-sig"))))
    lines, asim = ([json.loads(line) for line in files[k].read_text("utf-8").splitlines()] for k in ("jsonl", "asim"))
    assert {row["actor"] for row in rows} == {line["actor"] for line in lines} == {"avery.admin"}
    assert {line["ActorUsername"] for line in asim} == {"avery.admin"}
    assert "admin:audit:read" in {line["action"] for line in lines}
    assert {(line["EventType"], line.get("TargetUsername")) for line in asim} >= {("UserDeleted", "leaver")}
    assert [guarded(cell) for cell in ("=1+1", "@x", "-1", "ada", "")] == ["'=1+1", "'@x", "'-1", "ada", ""]


def test_who_is_not_ready_is_counted_listed_and_counted_again_from_a_terminal(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The people of the stack were written behind the service's back: a recount finds them, and a second one agrees."""

    def coverage(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(ServiceApi, "of_page", lambda _page: ServiceApi(stack.api))
        monkeypatch.setattr(sys, "argv", ["coverage", *arguments, "--as", "avery.admin"])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stack.people["avery.admin"]))
        return coverage_command.main(), capsys.readouterr().out

    assert "run ./sesame recount" in coverage()[1]
    counts = [coverage("--recount")[1].split() for _ in range(2)]
    assert counts[0][0] == counts[1][0]
    assert int(counts[1][3]) == 0, "nothing is left to correct"
    code, out = coverage()
    assert (code, "recount" in out) == (0, False)
    everybody = out.splitlines()[1].split()
    file = tmp_path / "not-ready.csv"
    assert coverage("--not-ready", "--out", str(file)) == (0, "")
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert len(rows) == int(everybody[2]) - int(everybody[3]), "who is enabled and not registered"
    assert {"leaver", "avery.admin"} <= {row["identifier"] for row in rows}
    assert "stays" not in {row["identifier"] for row in rows}
