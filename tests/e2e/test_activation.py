"""`./sesame people` on the real local stack: acts on a person, the letter of an activation, and what it is good for."""

import importlib
import io
import json
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from playwright.async_api import expect

from local.stack.parts import ROOT
from operate import people as command
from operate import prefill as prefill_command
from operate import staff
from tests.e2e.browser import PHONE, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import Registration
from tests.e2e.words import ENGLISH, FRENCH
from tests.integration.journey import Api, code_to, register
from tests.stack import Stack, StartStack

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")
ADDRESS, NUMBER = "lin@mail.example", "+33639987777"
PASSWORD = "quiet lamp orbits seventeen pears"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(web=True)


def add_person(stack: Stack, *arguments: str) -> str:
    """Make an account as `./sesame add-person` does. Return what it prints."""
    words = [sys.executable, "-m", "operate.add_person", *arguments]
    done = subprocess.run(words, cwd=ROOT, env=dict(stack.environment), capture_output=True, text=True, check=True)
    return done.stdout


Activate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def activate(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Activate:
    """Return the command, with the password on its standard input. It gives the exit code and what it printed."""
    monkeypatch.setenv("SESAME_WEB_ORIGINS", stack.environment["SESAME_WEB_ORIGINS"])

    def run(
        name: str, *options: str, act: str = "activate", by: str = "avery.admin", password: str = ""
    ) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["people", act, name, *options, "--as", by])
        monkeypatch.setattr(sys, "stdin", io.StringIO((password or stack.people[by]) + "\n"))
        code = command.main()
        return (code, *capsys.readouterr())

    return run


@pytest.mark.browser
async def test_a_new_person_goes_from_the_letter_to_a_password(
    stack: Stack, activate: Activate, tmp_path: Path
) -> None:
    """On a phone: a code that was replaced, then the right one, two methods, the first password, and a sign-in."""
    letter, earlier = tmp_path / "letter.txt", tmp_path / "earlier.html"
    add_person(stack, "lin.first", "--without-password")
    why = ("lin.first", "--reason", "first day", "--out")
    assert activate(*why, str(earlier))[0] == 0
    code, said, _ = activate(*why, str(letter), "--addressee", "Lin, Lyon")
    replaced, found = CODE.search(earlier.read_text("utf-8")), CODE.search(letter.read_text("utf-8"))
    assert code == 0
    assert replaced
    assert found
    assert found[0] not in said
    assert letter.read_text("utf-8").startswith("Lin\nLyon\n")
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    assert "<svg" in earlier.read_text("utf-8")
    assert activate(*why, str(letter))[0] == 1  # nothing is overwritten

    async with chromium(locale="en-GB", device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        person = Registration(tab)
        await tab.open("/")
        await person.follow("I have an activation code")
        await tab.arrived("Activate your account")
        await person.fill(ENGLISH.identifier, "lin.first")
        await person.fill("Activation code", replaced[0])
        await person.press(ENGLISH.keep_going)
        await person.is_told("The code was not accepted")
        await person.fill("Activation code", found[0].lower().replace("-", " "))
        await person.press(ENGLISH.keep_going)
        for method, contact in (("Add an email address", ADDRESS), ("Add a mobile phone", NUMBER)):
            await tab.arrived(ENGLISH.methods_title)
            await expect(tab.page.get_by_role("button", name="Remove")).to_have_count(0)
            newest = newest_code(stack, contact)
            await person.press(method)
            await tab.page.locator("#contact").fill(contact)
            await person.press("Send me a code")
            await tab.arrived(ENGLISH.code_title)
            await person.fill(ENGLISH.code, await newest())
            await person.press(ENGLISH.confirm)
        await tab.arrived(ENGLISH.methods_title)
        await tab.page.reload()
        await tab.arrived(ENGLISH.methods_title)
        await person.press("Continue to your password")
        await tab.arrived("Choose your password")
        await person.fill(ENGLISH.new_password, PASSWORD)
        await person.press("Set the password")
        await tab.arrived(ENGLISH.ready_title, is_last=True)
        await tab.open("/register")
        await person.sign_in("lin.first", PASSWORD)
        await tab.arrived(ENGLISH.methods_title)
        await tab.kept_to_itself(stack.api)


def test_for_somebody_with_methods_the_command_needs_a_second_administrator(stack: Stack, activate: Activate) -> None:
    """The first run asks and ends with 3; the second administrator sees who asked and why, and gets the letter."""
    blake = {"by": "blake.admin", "password": add_person(stack, "blake.admin", "--role", "administrator").split()[3]}
    assert activate("camille.ready") == (1, "", "Say why, with --reason.\n")
    for options in (("--reason", "phone stolen"), ("--yes",)):  # nobody approves what they asked for
        assert activate("camille.ready", *options)[0] == 3
    unasked = activate("camille.ready", "--to", stack.web, **blake)  # without a terminal, nobody can say yes
    assert (unasked[0], CODE.search(unasked[1])) == (1, None)
    code, said, _ = activate("camille.ready", "--language", "fr", "--yes", "--reason", "seen in person", **blake)
    assert code == 0
    assert all(text in said for text in ("avery.admin asked", "phone stolen", "Activez votre compte"))
    assert CODE.search(said)
    assert activate("camille.ready", "--revoke", "--reason", "no need") == (0, "The code is revoked.\n", "")
    assert activate("nobody", "--reason", "first day") == (4, "", "Nobody has the name nobody.\n")
    assert "wrong or no longer accepted" in activate("lin.first", by="avery.admin", password="wrong")[2]
    assert activate("lin.first", "--to", "http://reset.example.org")[0] == 1  # no password in clear


def test_where_nobody_signs_in_with_a_password_the_command_says_so(
    activate: Activate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service has no such endpoint then: that is not a name that nobody has."""

    def not_found(*_: object) -> None:
        raise staff.CallFailed("", "not_found")

    monkeypatch.setattr(staff.ServiceApi, "post", not_found)
    assert activate("camille.ready", act="show") == (1, "", f"{staff.NO_PASSWORDS}\n")


def test_an_administrator_acts_on_a_person_from_a_terminal(activate: Activate) -> None:
    """Each act says in a sentence what it did, or as JSON; exit codes tell the rest, and a contact is shown once."""
    name, why = "lou.overdue", ("--reason", "they called")

    def act(verb: str, *options: str, of: str = name, **by: str) -> tuple[int, str, str]:
        return activate(of, *options, act=verb, **by)

    assert act("find")[1].startswith("lou.overdue: enabled. ")
    shown = act("show")[1]
    assert all(text in shown for text in ("Methods", "l•••••@m•••••.example", "mobile_phone", "Next: "))
    assert "lou@mail.example" not in shown
    assert act("reveal", "email", *why) == (0, "lou@mail.example\n", "")
    assert act("reveal", "office_phone", *why)[0] == 1
    for verb, first, again in (
        ("freeze", "Self-service is stopped.\n", "It was stopped already.\n"),
        ("thaw", "Self-service is started again.\n", "It was not stopped.\n"),
    ):
        assert (act(verb, *why)[1], act(verb, *why)[1]) == (first, again)
    assert "they called" in act("timeline", "--most", "200")[1]
    assert act("unblock", *why)[1] == "Nothing was closed.\n"
    assert json.loads(act("reregister", "--method", "email", "--json", *why)[1]) == {"asked": True}
    assert act("remove-method", "mobile_phone", *why) == (0, "Removed.\n", "")
    assert act("freeze") == (2, "", "Say why, with --reason.\n")
    assert act("erase", *why)[0] == 2  # nobody is asked without a terminal
    assert act("freeze", *why, of="nobody") == (4, "", "Nobody has the name nobody.\n")
    assert act("freeze", *why, of="avery.admin")[0] == 1
    assert act("erase", "--yes", *why)[1] == "Erased.\n"


@pytest.mark.browser
async def test_whose_methods_were_all_declared_compromised_reads_that_it_takes_a_letter(stack: Stack) -> None:
    """Nothing can be pressed that the service would refuse. The methods stay on the page, as blocked."""
    api = Api(stack.api)
    stolen = {"identifier": "camille.ready", "compromised": True, "reason": "phone and mailbox stolen"}
    assert api.ok("/admin/people/reregister", stolen, api.sign_in("avery.admin", stack.people["avery.admin"]))["asked"]
    async with chromium(locale="fr-FR", device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await tab.open("/register")
        await Registration(tab, FRENCH).sign_in("camille.ready", stack.people["camille.ready"])
        await expect(tab.page.get_by_text("Bloqué", exact=True)).to_have_count(2)
        await expect(tab.page.get_by_text("Il vous faut un courrier", exact=False).first).to_be_visible()
        await expect(tab.page.locator(".cards button")).to_have_count(0)
        await tab.arrived(FRENCH.methods_title)


def test_a_csv_file_becomes_letters_and_registered_people_from_a_terminal(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A dry run, the import, its verdicts corrected and brought in again, and what people do with their letters."""
    file, letters = tmp_path / "people.csv", tmp_path / "letters"
    rows = [f"new.{n};06 39 98 77 {n:02};new{n}@mail.example" for n in range(3)]
    file.write_text("\n".join(["Login;Portable;Courriel", *rows, "new.9;3,36E+10;"]), "cp1252")
    monkeypatch.setenv("SESAME_WEB_ORIGINS", stack.environment["SESAME_WEB_ORIGINS"])

    def prefill(path: Path, *options: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["prefill", str(path), "--as", "avery.admin", "--reason", "new", *options])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stack.people["avery.admin"] + "\n"))
        return prefill_command.main(), capsys.readouterr().out

    wish = ("--create-accounts", "--permission", "form of 3 May", "--letters", str(letters), "--format", "txt")
    code, said = prefill(file, *wish, "--dry-run")
    assert (code, letters.exists()) == (3, False)
    assert "This would be the result: 4 created" in said
    code, said = prefill(file, *wish)
    assert "mobile_phone (Portable)" in said
    assert code == 3
    assert stat.S_IMODE((tmp_path / "people.verdicts-2.csv").stat().st_mode) == 0o600
    corrected = (tmp_path / "people.verdicts-2.csv").read_text("utf-8").replace('"3,36E+10"', "0639987709")
    (tmp_path / "again.csv").write_text(corrected, "utf-8")
    code, said = prefill(tmp_path / "again.csv", "--permission", "form of 3 May")
    assert (code, "0 created, 1 prefilled, 3 unchanged, 0 refused." in said) == (0, True)

    api = Api(stack.api)
    written = sorted(letters.iterdir())
    assert [path.name for path in written] == [f"{n + 2:04}-new.{n}.txt" for n in range(3)] + ["0005-new.9.txt"]
    for n, path in enumerate(written[:3]):
        found = CODE.search(path.read_text("utf-8"))
        assert found
        token = str(api.ok("/activation", {"identifier": f"new.{n}", "code": found[0]})["token"])
        contacts = {"mobile_phone": f"+336399877{n:02}", "email": f"new{n}@mail.example"}
        for method, contact in contacts.items():
            api.ok(f"/me/methods/{method}", {}, token)
            view = api.ok(f"/me/methods/{method}/confirm", {"answer": code_to(stack, contact)}, token)
        assert {method["method"]: method["state"] for method in view["methods"]} == dict.fromkeys(contacts, "confirmed")


OTHERS = {"camille.ready": "camille.week", "lin.first": "lin.week", "blake.admin": "blake.week"}
"""For whom the page is tried: the tests above have changed the demo people of the page."""


def week(page: str) -> list[list[str]]:
    """Return the commands of the page in order, each as its words after `./sesame`."""
    page = page.replace("./sesame recount", "./sesame coverage --recount")  # local/setup/verbs.py
    for one, other in OTHERS.items():
        page = page.replace(one, other)
    found = re.findall(r"(?m)^ {4}\./sesame (.+)$|`\./sesame ([^`]+ --as [^`]+)`", page.replace("\\\n", " "))
    return [shlex.split(indented or inline) for indented, inline in found]


def test_the_first_week_of_an_administrator_is_as_told(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command of docs/administrators.md in its order, each with its exit code. Everybody signs in once."""
    text = (ROOT / "docs" / "administrators.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(staff, "_session", cache(staff._session))
    monkeypatch.setenv("SESAME_WEB_ORIGINS", stack.environment["SESAME_WEB_ORIGINS"])
    people, known = text.partition("```csv\n")[2].partition("```")[0], dict(stack.people)
    (tmp_path / "people.csv").write_text(people.replace("lin.first", "lin.week"), "utf-8")
    api, administrator = Api(stack.api), known["avery.admin"]
    known["camille.week"] = add_person(stack, "camille.week").split()[3]
    register(stack, api, "camille.week", known["camille.week"], email="week@mail.example", phone="+33639981477")
    for name, *words in (commands := week(text)):
        if name == "add-person":
            known[words[0]] = add_person(stack, *words).split()[3]
            continue
        by = words[words.index("--as") + 1]
        sure = ["--yes"] if "erase" in words or by == "blake.week" else []
        monkeypatch.setattr(sys, "argv", [name, *words, *sure])
        monkeypatch.setattr(sys, "stdin", io.StringIO(known[by] + "\n"))
        code, said = importlib.import_module(f"operate.{name}").main(), capsys.readouterr()
        waits = "activate" in words and by == "avery.admin"
        assert code == (3 if waits or name == "prefill" else 0), (words, said)
    assert {name for name, *_ in commands} >= {"add-person", "prefill", "people", "coverage", "audit"}
    assert administrator not in (tmp_path / "audit.csv").read_text("utf-8")
    assert len([*(tmp_path / "letters").iterdir()]) == people.count("\n") - 1
