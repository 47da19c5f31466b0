"""Files of CSV as programs write them: each fault costs its row, and everything else is read."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.domain.imports import Verdict
from shared.methods import COLUMN_NAMES, NUMBERS
from shared.validation.cells import Batch, Columns, read_table
from shared.validation.columns import known
from shared.validation.csv_table import csv_table
from shared.validation.verdict_file import verdict_file

ENTRA = (
    "version:v1.0,,,,,\r\n"
    "Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,"
    "Block sign in (Yes/No) [accountEnabled] Required,Office phone [telephoneNumber],Mobile phone [mobile]\r\n"
    "Example: Chris Green,chris@contoso.com,myPassword1234,No,,\r\n"
    "Zoé Roux,zoe@corp.example,secret-of-zoe,No,0155501234,0639981201\r\n"
)
DOWNLOADED = (
    "userPrincipalName,displayName,mail,telephoneNumber,mobilePhone,authenticationPhoneNumber,authenticationEmail,"
    "alternateEmailAddress\n"
    "zoe@corp.example,Zoé,zoe@corp.example,0155501234,0600000000,+33 639981201,zoe@mail.example,old@mail.example\n"
)
POWERSHELL = (
    "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\r\n"
    '"SamAccountName","mobile","telephoneNumber","mail"\r\n'
    '"zoe","0639981201",,\r\n'
)
GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Recovery Email,"
    "Recovery Phone [MUST BE IN THE E.164 FORMAT]\nZoé,Roux,zoe@corp.example,****,zoe@mail.example,+33639981201\n"
)
FRENCH = (
    "Identifiant;Prénom;Téléphone portable;Téléphone fixe;Adresse e-mail\r\nzoe;Zoé;06 39 98 12 01;;zoe@mail.example"
)


def read(file: bytes | str, **given: str) -> Batch:
    body = file if isinstance(file, bytes) else file.encode()
    table = csv_table(body, lambda header: known(header, COLUMN_NAMES, given.values()))
    return read_table(table, Columns(names=COLUMN_NAMES, numbers=NUMBERS, given=given))


def rows(file: bytes | str, **given: str) -> list[tuple[int, dict[str, Any], dict[str, Any], str]]:
    return [(row.line, dict(row.texts), dict(row.faults), row.code) for row in read(file, **given).rows]


PHONE, MAIL = {"mobile_phone": "0639981201"}, {"email": "zoe@mail.example"}


@pytest.mark.parametrize(
    ("file", "texts"),
    [
        (ENTRA, {"identifier": "zoe@corp.example", "office_phone": "0155501234", **PHONE}),
        (DOWNLOADED, {"identifier": "zoe@corp.example", "office_phone": "0155501234", "mobile_phone": "+33 639981201",
                      **MAIL}),
        (POWERSHELL, {"identifier": "zoe", **PHONE}),
        (POWERSHELL.split("\r\n", 1)[1], {"identifier": "zoe", **PHONE}),
        (GOOGLE, {"identifier": "zoe@corp.example", "mobile_phone": "+33639981201", **MAIL}),
        (FRENCH, {"identifier": "zoe", "mobile_phone": "06 39 98 12 01", **MAIL}),
        ("Benutzername;Handy;Adresse électronique\r\nzoe;0639981201;zoe@mail.example",
         {"identifier": "zoe", **PHONE, **MAIL}),
        ("login;mobile\r\n" + ";\r\n" * 1000 + "zoe;0639981201", {"identifier": "zoe", **PHONE}),
        ("sep=\t\nlogin\tmobile\nzoe\t0639981201", {"identifier": "zoe", **PHONE}),
        ("login|mobile\rzoe|0639981201\r", {"identifier": "zoe", **PHONE}),
        ('"User name","Mobile\nphone"\n\n , \n"zoe","0639981201"\n,,\n', {"identifier": "zoe", **PHONE}),
    ],
    ids=["entra template", "entra users", "powershell 5", "powershell 7", "google", "excel fr", "excel de",
         "blank rows", "tabs", "cr", "quotes"],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_the_files_of_known_programs_are_read(file: str, texts: dict[str, str], encoding: str) -> None:
    """Whatever the encoding. A password in a template is never read."""
    body = file.encode(encoding) if encoding != "utf-16-be" else b"\xfe\xff" + file.encode(encoding)
    [row] = read(body).rows
    assert (row.texts, row.faults, row.code) == (texts, {}, "")
    assert "secret-of-zoe" not in repr(row)


@pytest.mark.parametrize(
    ("line", "texts", "faults", "code"),
    [
        ("bob,1,a@b.example,x", {"identifier": "bob", "email": "a@b.example"}, {}, "too_many_cells"),
        ("bob,0639981202", {"identifier": "bob", "mobile_phone": "0639981202"}, {}, ""),
        ("bob,,a@b.example,,  ", {"identifier": "bob", "email": "a@b.example"}, {}, ""),
        ('bob,"0639981202', {}, {}, "unclosed_quote"),
        ('bob,06 "39" 98,', {"identifier": "bob", "mobile_phone": '06 "39" 98'}, {}, ""),
        ('"bob"by,,a@b.example', {"identifier": "bobby", "email": "a@b.example"}, {}, ""),
        ('bob,,"a@b\n.example"', {"identifier": "bob", "email": "a@b .example"}, {}, ""),
        ("b\0b,,a@b.example", {"identifier": "b\0b", "email": "a@b.example"}, {}, ""),
        (f"bob,,{'x' * 400}", {"identifier": "bob"}, {"email": "too_long"}, ""),
        (f'bob,,"{"x" * 140_000}"', {}, {}, "too_long"),
    ],
)  # fmt: skip
def test_a_faulty_row_costs_no_other_row(line: str, texts: dict[str, str], faults: dict[str, str], code: str) -> None:
    """The rows around it are read, and each knows the line where it begins."""
    between = f"login,mobile,email\nada,0639981201,\n{line}\nzoe,0639981203,\n"
    first, faulty, last = rows(between)
    assert (first, last) == (
        (2, {"identifier": "ada", "mobile_phone": "0639981201"}, {}, ""),
        (4 + line.count("\n"), {"identifier": "zoe", "mobile_phone": "0639981203"}, {}, ""),
    )
    shown = (faulty[0], {name: text for name, text in faulty[1].items() if text != "1"}, *faulty[2:])
    assert shown == (3, texts, faults, code)


def test_a_quotation_mark_that_is_not_closed_swallows_no_row_up_to_the_next_one() -> None:
    """It would end at the mark that opens a cell of another row, and those between would vanish without a verdict."""
    found = rows('login,mobile\nbob,"0639981202\nzoe,1\nada,"0639981203"\n"lin","2"\n')
    assert [(line, texts.get("identifier"), code) for line, texts, _, code in found] == [
        (2, None, "unclosed_quote"), (3, "zoe", ""), (4, "ada", ""), (5, "lin", ""),
    ]  # fmt: skip


def test_bytes_that_are_no_text_are_a_fault_of_their_cell() -> None:
    """They are named, and the rest of the row is read."""
    body = b"login;mobile;email\nzoe;0639981201;\x81@mail.example\n"
    assert rows(body) == [(2, {"identifier": "zoe", "mobile_phone": "0639981201"}, {"email": "unreadable"}, "")]


def test_columns_can_be_named_left_out_and_there_twice() -> None:
    """A header that the caller names counts, and the names that programs use do not, for that column."""
    file = "Kennung,Tel,Phone,E-mail,mail,Email\nzoe,0639981201,2,a@b.example,c@b.example,d@b.example\n"
    batch = read(file, identifier="kennung", mobile_phone="Tel")
    assert batch.rows[0].texts == {"identifier": "zoe", "mobile_phone": "0639981201"}
    assert batch.rows[0].faults == {"email": "duplicate"}
    assert (batch.unknown_columns, batch.read["email"]) == (("Phone", "mail"), ("E-mail", "Email"))
    left_out = read(file, identifier="kennung", email="")
    assert left_out.unknown_columns == ("Tel", "Phone", "E-mail", "mail", "Email")


@pytest.mark.parametrize(
    ("file", "given", "fault"),
    [
        ("", {}, "body: missing"), ("\n , ;\n", {}, "body: missing"),
        ("name,mobile\nzoe,1", {}, "columns.identifier: missing"),
        ("login\nzoe", {"email": "Mail"}, "columns: unknown"),
        ("login\nzoe", {"shoe": "login"}, "columns: not_offered"),
        (",".join(["login"] * 201), {}, "body: too_many"), ('login,"mobile', {}, "body: malformed"),
    ],
)  # fmt: skip
def test_a_file_without_a_usable_header_is_refused(file: str, given: dict[str, str], fault: str) -> None:
    """Nothing of it can be read."""
    with pytest.raises(InvalidInput, match=fault):
        read(file, **given)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("33639981201", "33639981201"), ("639981201", "639981201"), ("33639981201.0", "33639981201"),
        ("33639981201,00", "33639981201"), ("3.3639981201E+10", "33639981201"), ("3,3639981201E10", "33639981201"),
        ("33,639,981,201", "33639981201"),
        ("33\u202f639\u202f981\u202f201,00", "33639981201"), ("33639981201,000", "33639981201"),
        ("33 639 981 201,5", "rounded"), ("+33 155 501 234,12", "+33155501234,12"),
        ("33.639.981.201", "33639981201"), ("33'639'981'201.00", "33639981201"),
        ("'+33639981201", "+33639981201"), ("'0639981201", "0639981201"), ('="0639981201"', "0639981201"),
        ("=+33 639981201", "+33 639981201"), ("+33 6 39 98 12 01", "+33 6 39 98 12 01"),
        ("06.39.98.12.01", "06.39.98.12.01"),
        ("3.363998E10", "rounded"), ("3,36E+010", "rounded"), ("33639981201.5", "rounded"), ("12/03/2024", "date"),
        ("2024-03-12", "date"), ("12.03.24", "date"), ("2024-03-12 00:00:00", "date"), ("3/12/2024", "date"),
        ("Jan-39", "date"),
        ("12 mars 2024", "date"), ("#REF!", "error_value"), ("#N/A", "error_value"), ("#NOM?", "error_value"),
        ("########", "error_value"), ("Err:502", "error_value"), ("=A1+B1", "formula"), ('=HYPERLINK("x")', "formula"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_did_to_a_number_is_seen_before_it_is_read(cell: str, text: str) -> None:
    """As a number of somebody else it would be valid. A lost plus or zero is no fault."""
    quoted = cell.replace('"', '""')
    [row] = read(f'login;mobile\nzoe;"{quoted}"').rows
    assert {**row.texts, **row.faults}["mobile_phone"] == text


ORDINARY = st.text(min_size=1, max_size=12).filter(lambda text: not text.lstrip().startswith("''"))


RUN = ["=1+1", "a;=cmd|' /C calc'!A0", "+33639981201", "@SUM(A1)", "-1"]


@given(st.lists(ORDINARY | st.sampled_from(RUN), min_size=3, max_size=3))
def test_our_own_file_of_verdicts_is_safe_and_can_be_brought_in_again(cells: list[str]) -> None:
    """No cell of it is run as a formula, whatever was given, and each is read as the first time."""
    original = io.StringIO(newline="")
    csv.writer(original).writerows([("identifier", "email", "mobile_phone"), cells])
    before = read(original.getvalue()).rows
    verdicts = [(row, Verdict(row=row.line, identifier="=1", verdict="refused", code="+1")) for row in before]
    file = verdict_file(verdicts, ("identifier", "email", "mobile_phone"), {})
    written = list(csv.reader(io.StringIO(file.removeprefix("\ufeff"), newline="")))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in written for cell in row)
    assert ";=" not in file  # Excel in French takes `;` for the separator
    again = read(file)
    assert again.unknown_columns == ()
    assert [(row.texts, row.faults) for row in again.rows] == [(row.texts, row.faults) for row in before]


@given(st.binary(max_size=200), st.sampled_from([b"", b"login,mobile,email\n", "login;mobile\n".encode("utf-16")]))
def test_every_file_is_read_or_refused(body: bytes, header: bytes) -> None:
    """Whatever is in it, it raises nothing else."""
    try:
        batch = read(header + body)
    except InvalidInput:
        return
    assert all(row.line > 0 for row in batch.rows)
