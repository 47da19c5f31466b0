# ruff: noqa: RUF001  (the pages write typographic apostrophes)
"""A whole life on the pages with a real directory: what it knows of a person, forgotten, run out, locked (M6, M11)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from local.samba.server import Samba
from local.slapd.entries import FAILURES
from local.slapd.server import Slapd
from tests.e2e.browser import DESKTOP, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import FetchCode, PasswordReset, Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.integration.journey import fresh_contacts
from tests.samba import hand_of, running_domain
from tests.slapd import a_server, binds, options_of, running, settings_of
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

FIRST, SECOND, THIRD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra", "copper meadow signal walnut"


@dataclass(frozen=True, kw_only=True)
class Said:
    words: Words
    from_directory: str
    confirm: str
    is_this_yours: str
    send: str
    add_email: str
    email: str
    send_there: str
    why: str
    change: str
    text_me: str
    unlock: str
    not_locked: str
    unlocked: str


SAID = {
    "en": Said(
        words=ENGLISH,
        from_directory="Taken from your organisation’s directory on",
        confirm="Confirm or correct: Mobile phone",
        is_this_yours="Is this your mobile number?",
        send="Yes, send me a code",
        add_email="Add an email address",
        email="Email address",
        send_there="Send me a code",
        why="Your password is right, but somebody else set it.",
        change="Change the password",
        text_me="Text me a code",
        unlock="Unlock and keep my password",
        not_locked="Your account is not locked",
        unlocked="Your account is unlocked",
    ),
    "fr": Said(
        words=FRENCH,
        from_directory="Repris de l’annuaire de votre organisation le",
        confirm="Confirmer ou corriger : Téléphone mobile",
        is_this_yours="Est-ce votre numéro de mobile ?",
        send="Oui, m’envoyer un code",
        add_email="Ajouter une adresse e‑mail",
        email="Adresse e‑mail",
        send_there="M’envoyer un code",
        why="Votre mot de passe est juste, mais il a été défini par quelqu’un d’autre.",
        change="Changer le mot de passe",
        text_me="Recevoir un code par SMS",
        unlock="Déverrouiller et garder mon mot de passe",
        not_locked="Votre compte n’est pas verrouillé",
        unlocked="Votre compte est déverrouillé",
    ),
}
NARROW = Device(320, 640, touch=True)


@pytest.fixture(scope="module", params=["openldap", "active_directory"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd | Samba]:
    folder: Path = tmp_path_factory.mktemp("directory")
    with running(a_server(folder)) if request.param == "openldap" else running_domain(folder) as made:
        yield made


@pytest.fixture(scope="module")
def stack(start_stack: StartStack, server: Slapd | Samba) -> Stack:
    policy = json.dumps({"prefill_from_directory": ["email", "mobile_phone"]})
    own = {"SESAME_POLICY": policy, "SESAME_DIRECTORY_MAIL_DOMAINS": "example.org"}
    return start_stack(web=True, environment={**settings_of(server), **own})


async def test_a_person_of_a_directory_comes_to_the_end_of_everything(stack: Stack, server: Slapd | Samba) -> None:
    """Who confirms the phone that it has, forgets the password, is locked, and must choose another one.

    In English on a desktop with one, in French on a narrow phone with the other.
    """
    language, device = ("en", DESKTOP) if isinstance(server, Slapd) else ("fr", NARROW)
    said, options, hand = SAID[language], options_of(server), hand_of(server)
    words, uid, (email, phone) = said.words, f"person-{language}", fresh_contacts()
    hand.add(uid, FIRST, mobile=f"0{phone[3:]}", mail=f"{uid}@example.org")
    text, mail = newest_code(stack, phone), newest_code(stack, email)
    async with chromium(locale=words.locale, device=device) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        person, reset = Registration(tab, words), PasswordReset(tab, words)
        await tab.open("/register")
        await person.sign_in(uid, FIRST)
        await tab.arrived(words.methods_title)
        await person.reads(said.from_directory)
        await expect(tab.page.get_by_text("example.org")).to_have_count(0)
        await tab.sound()
        await person.press(said.confirm)
        await tab.arrived(said.is_this_yours)
        await person.press(said.send)
        await confirmed(person, text)
        await person.press(said.add_email)
        await tab.arrived(said.add_email)
        await person.fill(said.email, email)
        await person.press(said.send_there)
        await confirmed(person, mail)
        await person.finish()

        await forgotten(reset, uid, words.email_me, mail, said.text_me, text)
        refused = FIRST  # used before
        if isinstance(server, Samba):  # which knows no history in a reset
            hand.policy(minPwdLength=str(len(SECOND)))
            refused = THIRD
        await reset.choose_password(refused=refused, accepted=SECOND)
        if isinstance(server, Samba):
            hand.policy(minPwdLength="12")
        assert (binds(options, FIRST, uid), binds(options, SECOND, uid)) == (49, 0)

        hand.must_change(uid)
        await tab.open("/register")
        await person.sign_in(uid, SECOND)
        await tab.arrived(words.password_title)
        await person.reads(said.why)
        await person.fill(words.new_password, FIRST)
        await person.press(said.change)
        await person.is_told(words.choose_different)
        await person.fill(words.new_password, THIRD)
        await person.press(said.change)
        await person.finish()
        assert (binds(options, SECOND, uid), binds(options, THIRD, uid)) == (49, 0)

        await forgotten(reset, uid, words.email_me, mail, said.text_me, text)
        await tab.arrived(words.password_title)
        await reset.press(said.unlock)
        await reset.is_told(said.not_locked)
        for _ in range(FAILURES):
            binds(options, "wrong", uid)
        assert hand.is_locked(uid)
        await reset.press(said.unlock)
        await tab.arrived(said.unlocked, is_last=True)
        assert binds(options, THIRD, uid) == 0
        await expect(tab.page.get_by_role("alert")).to_have_count(0)
        await tab.kept_to_itself(stack.api)
    hand.connection.unbind()


async def confirmed(person: Registration, code: FetchCode) -> None:
    await person.tab.arrived(person.words.code_title)
    await person.fill(person.words.code, await code())
    await person.press(person.words.confirm)
    await person.tab.arrived(person.words.methods_title)


async def forgotten(person: PasswordReset, uid: str, first: str, mail: FetchCode, second: str, text: FetchCode) -> None:
    await person.tab.open("/reset")
    await person.identify(uid)
    await person.prove(person.words.first_gate, first, mail)
    await person.prove(person.words.second_gate, second, text)
