"""A file of an administrator over HTTP: from CSV to verdicts and letters, and what stops it."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from tests.integration.inside import Known, make_person
from tests.integration.journey import Api
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

HEADER = "sep=;\r\nIdentifiant;Mobile phone [mobilePhone];Adresse e-mail\r\n"
FILE = f"{HEADER}zoé.import;06 39 98 12 01;zoe@mail.example\r\n"
OPTIONS = {"permission": "formulaire du 3 mai", "create_accounts": "true", "activation": "true"}


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack()


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack.api)


@pytest.fixture(scope="module")
def session(stack: Stack, api: Api) -> str:
    return api.sign_in("avery.admin", stack.people["avery.admin"])


def bring(api: Api, session: str, file: bytes, **options: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {session}", "Content-Type": "text/csv"}
    given = {"reason": "first day", **options}
    return api.http.post("/admin/prefill", content=file, params=given, headers=headers)


def test_a_csv_file_becomes_accounts_verdicts_and_letters(stack: Stack, api: Api, session: str) -> None:
    """The person activates with the code, and sees on whose word a contact is there. The file can be imported again."""
    own = {"Authorization": f"Bearer {session}"}
    text = f"{FILE}=1+1;1,2E+10;zoe@mail.example\r\n"
    begun = bring(api, session, text.encode("utf-16"), **OPTIONS)
    assert begun.status_code == 202, begun.text
    job = begun.json()["job"]
    first, second = api.verdicts(job, session)
    assert (first["row"], first["verdict"], first["activation"]) == (3, "created", "issued")
    assert (second["row"], second["code"]) == (4, "bad_identifier")
    assert {"column": "mobile_phone", "verdict": "refused", "reason": "rounded"} in second["cells"]

    [letter] = api.ok(f"/admin/prefill/{job}/letters", {}, session)["letters"]
    opened = api.ok("/activation", {"identifier": letter["identifier"], "code": letter["code"]})
    mine = {method["method"]: method for method in api.me(opened["token"])["methods"]}
    assert (mine["email"]["permission"], mine["email"]["attested_by"]) == ("formulaire du 3 mai", "avery.admin")

    file = api.http.get(f"/admin/prefill/{job}/file", headers=own)
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert [(row["line"], row["identifier"], row["code"]) for row in rows] == [
        ("3", "zoé.import", ""), ("4", "'=1+1", "bad_identifier"),
    ]  # fmt: skip
    again = bring(api, session, file.content, dry_run="true").json()
    assert again["unknown_columns"] == []
    assert [verdict["verdict"] for verdict in api.verdicts(again["job"], session)] == ["unchanged", "refused"]
    person = make_person(stack, Known("im.port", "quatre chevaux dans la brume"))
    other = {"Authorization": f"Bearer {api.sign_in(person.identifier, person.password)}"}
    assert [api.http.get(f"/admin/prefill/{job}{part}", headers=other).status_code for part in ("", "/file")] == [
        403
    ] * 2


@pytest.mark.parametrize(
    ("file", "options", "field", "reason"),
    [
        (b"Name;Mobile\r\nada;1\r\n", {}, "columns.identifier", "missing"),
        (b"", {}, "body", "missing"),
        (b"login\r\n" + b"a\r\n" * 5001, {}, "rows", "too_many"),
        (b"login\r\n\r\n", {}, "rows", "too_short"),
        (b"\xff\xfe\x00\x00i\x00\x00\x00", {}, "body", "charset"),
        (FILE.encode(), {"dry_run": "yes"}, "dry_run", "wrong_type"),
        (FILE.encode(), {"columns": json.dumps({"email": "Nothing"})}, "columns", "unknown"),
        (FILE.encode(), {"telepathy": "true"}, "body", "unknown"),
        (FILE.encode(), {"permission": "\u200b" * 3}, "permission", "malformed"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_refused(
    api: Api, session: str, file: bytes, options: dict[str, str], field: str, reason: str
) -> None:
    """Nothing of it is taken."""
    problem = bring(api, session, file, **{"permission": "form", **options}).json()
    assert (problem["status"], problem["field"], problem["reason"]) == (400, field, reason)


def test_contacts_without_the_permission_of_their_people_are_refused(api: Api, session: str) -> None:
    """And an import that is not there is a 404, whatever its id looks like."""
    assert bring(api, session, FILE.encode()).json()["field"] == "permission"
    own = {"Authorization": f"Bearer {session}"}
    for job in ("20261123-aaaaaaaaaaaaaaaaaaaaaa", "x' or PartitionKey ne '", "20261123-%00"):
        assert api.http.get(f"/admin/prefill/{job}", headers=own).status_code == 404
