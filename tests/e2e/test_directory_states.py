# ruff: noqa: RUF001  (the pages write typographic apostrophes)
"""What a directory says of a password or an account, on the pages, with a real slapd: run out, locked (M11)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from local.slapd.entries import FAILURES
from local.slapd.server import Slapd
from local.slapd.settings import service_settings
from shared.adapters.directories.ldap.options import options_from
from tests.e2e.browser import DESKTOP, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import PasswordReset, Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.integration.journey import Api, fresh_contacts, register
from tests.slapd import Hand, a_server, binds, given, running
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

FIRST, SECOND = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra"


@dataclass(frozen=True, kw_only=True)
class Said:
    words: Words
    why: str
    change: str
    text_me: str
    unlock: str
    not_locked: str
    unlocked: str


SAID = {
    "en": Said(
        words=ENGLISH,
        why="Your password is right, but somebody else set it.",
        change="Change the password",
        text_me="Text me a code",
        unlock="Unlock and keep my password",
        not_locked="Your account is not locked",
        unlocked="Your account is unlocked",
    ),
    "fr": Said(
        words=FRENCH,
        why="Votre mot de passe est juste, mais il a été défini par quelqu’un d’autre.",
        change="Changer le mot de passe",
        text_me="Recevoir un code par SMS",
        unlock="Déverrouiller et garder mon mot de passe",
        not_locked="Votre compte n’est pas verrouillé",
        unlocked="Votre compte est déverrouillé",
    ),
}
NARROW = Device(320, 640, touch=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    folder: Path = tmp_path_factory.mktemp("slapd")
    with running(a_server(folder)) as slapd:
        yield slapd


@pytest.fixture(scope="module")
def stack(start_stack: StartStack, server: Slapd) -> Stack:
    return start_stack(web=True, environment=service_settings(server))


@pytest.mark.parametrize(("language", "device"), [("en", DESKTOP), ("fr", NARROW)])
async def test_a_password_that_ran_out_and_a_lock_both_end_well(
    stack: Stack, server: Slapd, language: str, device: Device
) -> None:
    """The sign-in goes on with another password, and a lock ends with the password that there is."""
    said, options = SAID[language], options_from(given(server))
    words, uid, hand = said.words, f"person-{language}", Hand(server, options)
    hand.add(uid, FIRST)
    (email, phone), api = fresh_contacts(), Api(stack.api)
    register(stack, api, uid, FIRST, email=email, phone=phone)
    hand.put(uid, pwdReset="TRUE")
    async with chromium(locale=words.locale, device=device) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        person = Registration(tab, words)
        await tab.open("/register")
        await person.sign_in(uid, FIRST)
        await tab.arrived(words.password_title)
        await person.reads(said.why)
        await person.fill(words.new_password, FIRST)
        await person.press(said.change)
        await person.is_told(words.choose_different)
        await person.fill(words.new_password, SECOND)
        await person.press(said.change)
        await person.finish()
        assert (binds(options, FIRST, uid), binds(options, SECOND, uid)) == (49, 0)

        reset = PasswordReset(tab, words)
        await tab.open("/reset")
        await reset.identify(uid)
        await reset.prove(words.first_gate, words.email_me, newest_code(stack, email))
        await reset.prove(words.second_gate, said.text_me, newest_code(stack, phone))
        await tab.arrived(words.password_title)
        await reset.press(said.unlock)
        await reset.is_told(said.not_locked)
        for _ in range(FAILURES):
            binds(options, "wrong", uid)
        assert "pwdAccountLockedTime" in hand.read(uid)
        await reset.press(said.unlock)
        await tab.arrived(said.unlocked, is_last=True)
        assert binds(options, SECOND, uid) == 0
        await expect(tab.page.get_by_role("alert")).to_have_count(0)
        await tab.kept_to_itself(stack.api)
    hand.connection.unbind()
