# ruff: noqa: RUF001  (the pages write typographic apostrophes and spaces)
"""A passkey in a real browser with a virtual authenticator: created, used at either gate, refused twice, removed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import CDPSession, expect

from local.stack.environment import page_address
from tests.e2e.browser import DESKTOP, PHONE, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import PasswordReset, Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.integration.inside import Known, make_person
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

PASSWORD = "quatre chevaux dans la brume"
NAME = "Pixel 9"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True, kw_only=True)
class Said:
    """The words of the method, as people read them."""

    words: Words
    add: str
    another: str
    name: str
    created: str
    create: str
    use: str
    use_title: str
    closed: str
    registered: str
    refused: str
    called: str
    back: str


IN_ENGLISH = Said(
    words=ENGLISH,
    add="Add a passkey",
    another="Add another passkey",
    name="Name for this passkey",
    created="Create your passkey",
    create="Create the passkey",
    use="Use my passkey",
    use_title="Use your passkey",
    closed="Nothing was sent",
    registered="This device has a passkey for this account already",
    refused="This passkey is not accepted here",
    called=f"Passkey “{NAME}”",
    back="Back",
)
IN_FRENCH = Said(
    words=FRENCH,
    add="Ajouter une clé d’accès",
    another="Ajouter une autre clé d’accès",
    name="Nom de cette clé d’accès",
    created="Créez votre clé d’accès",
    create="Créer la clé d’accès",
    use="Utiliser ma clé d’accès",
    use_title="Utilisez votre clé d’accès",
    closed="Rien n’a été envoyé",
    registered="Cet appareil a déjà une clé d’accès pour ce compte",
    refused="Cette clé d’accès n’est pas acceptée ici",
    called=f"Clé d’accès «\u00a0{NAME}\u00a0»",
    back="Retour",
)


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    policy = {"methods": ["email", "mobile_phone", "passkey"]}
    return start_stack(web=True, environment={"SESAME_POLICY": json.dumps(policy)})


@pytest.fixture
def person(stack: Stack, said: Said) -> Known:
    name = f"passkey.{said.words.locale}".lower()
    return make_person(stack, Known(name, PASSWORD, {"email": f"{name}@mail.example"}))


@dataclass
class Visit:
    """A tab, and the virtual authenticator of its browser."""

    tab: Tab
    cdp: CDPSession
    authenticator: str = ""

    async def recognises(self, person: bool) -> None:
        """Let the device recognise its owner from now on, or not."""
        wanted = {"authenticatorId": self.authenticator, "isUserVerified": person}
        await self.cdp.send("WebAuthn.setUserVerified", wanted)

    async def credentials(self) -> list[dict[str, Any]]:
        given = await self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        found: list[dict[str, Any]] = given["credentials"]
        return found

    async def becomes_a_copy(self) -> None:
        """Count from 0, as the copy of a key does whose original was used since."""
        (one,) = await self.credentials()
        place = {"authenticatorId": self.authenticator}
        await self.cdp.send("WebAuthn.removeCredential", {**place, "credentialId": one["credentialId"]})
        await self.cdp.send("WebAuthn.addCredential", {**place, "credential": {**one, "signCount": 0}})


@asynccontextmanager
async def visit(stack: Stack, words: Words, device: Device) -> AsyncIterator[Visit]:
    async with chromium(locale=words.locale, device=device) as browser:
        page = await browser.new_page()
        cdp = await browser.new_cdp_session(page)
        await cdp.send("WebAuthn.enable")
        made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        tab = Tab(page, page_address(stack.ports.web))
        yield Visit(tab, cdp, made["authenticatorId"])
        await tab.kept_to_itself(stack.api)


async def registration(at: Visit, said: Said, person: Known) -> Registration:
    """Open the list of the person's methods."""
    journey = Registration(at.tab, said.words)
    await at.tab.open("/register")
    await journey.sign_in(person.identifier, PASSWORD)
    await at.tab.arrived(said.words.methods_title)
    return journey


async def reset(at: Visit, said: Said, person: Known) -> PasswordReset:
    journey = PasswordReset(at.tab, said.words)
    await at.tab.open("/reset")
    await journey.identify(person.identifier)
    return journey


async def by_passkey(journey: PasswordReset, said: Said, gate: str) -> None:
    await journey.choose(gate, said.use)
    await journey.tab.arrived(said.use_title)
    await journey.press(said.use)


@pytest.mark.parametrize(
    ("said", "device", "passkey_first"),
    [(IN_ENGLISH, PHONE, True), (IN_FRENCH, DESKTOP, False)],
    ids=["English, phone, passkey first", "French, desktop, email first"],
)
async def test_a_passkey_is_created_used_at_a_gate_refused_to_a_copy_and_removed(
    stack: Stack, person: Known, said: Said, device: Device, passkey_first: bool
) -> None:
    """The person may close the browser's window and try again. One device holds one passkey of the account.

    What was being created is gone after a reload, and the page says so.
    """
    words, email = said.words, person.contacts["email"]
    async with visit(stack, words, device) as at:
        journey = await registration(at, said, person)
        await journey.press(said.add)
        await at.tab.arrived(said.add)
        await at.tab.page.get_by_label(said.name).fill(NAME)
        await journey.press(words.keep_going)
        await journey.prove(newest_code(stack, email))
        await at.tab.arrived(said.created)
        await at.recognises(False)
        await journey.press(said.create)
        await journey.is_told(said.closed)
        await at.recognises(True)
        await journey.press(said.create)
        await at.tab.arrived(words.methods_title)
        await journey.reads(NAME)
        (kept,) = await at.credentials()
        assert (kept["isResidentCredential"], kept["rpId"]) == (True, "localhost")

        await journey.press(said.another)
        await journey.press(words.keep_going)
        await at.tab.arrived(said.created)
        await journey.press(said.create)
        await journey.is_told(said.registered)

        attempt, gates = await reset(at, said, person), [words.first_gate, words.second_gate]
        if passkey_first:
            await by_passkey(attempt, said, gates.pop(0))
        await attempt.prove(gates.pop(0), words.email_me, newest_code(stack, email))
        if not passkey_first:
            await by_passkey(attempt, said, gates.pop(0))
        await at.tab.arrived(words.password_title)

        await at.becomes_a_copy()
        await attempt.press(words.start_again)
        await at.tab.arrived(words.who_title)
        await attempt.press(words.keep_going)
        await by_passkey(attempt, said, words.first_gate)
        await attempt.is_told(said.refused, words.tries_left.format(4))

        await at.tab.open("/register")
        await at.tab.arrived(said.created)
        await expect(journey.button(said.create)).to_have_count(0)
        await journey.press(said.back)
        await at.tab.arrived(words.methods_title)
        await journey.press(words.remove.format(said.called))
        await journey.press(words.yes_remove)
        await at.tab.arrived(words.methods_title)
        await expect(journey.button(said.add)).to_be_visible()
