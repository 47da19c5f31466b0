# ruff: noqa: RUF001  (the pages write typographic apostrophes and spaces)
"""Recovery codes in a real browser: saved on paper and in a file, confirmed, used at either gate, used up, replaced."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.browser import DESKTOP, PHONE, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import PasswordReset, Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.integration.inside import Known, make_person
from tests.integration.journey import Api, challenge
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

PASSWORD = "quatre chevaux dans la brume"


@dataclass(frozen=True, kw_only=True)
class Said:
    """The words of the method, as people read them."""

    words: Words
    add: str
    title: str
    download: str
    saved: str
    again: str
    first: str
    refused_first: str
    left: str
    none_left: str
    used_up: str
    use: str
    use_title: str
    code: str
    replace: str


IN_ENGLISH = Said(
    words=ENGLISH,
    add="Get recovery codes",
    title="Save your recovery codes",
    download="Download",
    saved="I have saved the codes",
    again="Show the codes again",
    first="Code to confirm",
    refused_first="The code is not right",
    left="9 of 10 codes are left.",
    none_left="None of the 10 codes is left.",
    used_up="Used up",
    use="Use a recovery code",
    use_title="Enter one of your recovery codes",
    code="Recovery code",
    replace="Replace: Recovery codes",
)
IN_FRENCH = Said(
    words=FRENCH,
    add="Obtenir des codes de secours",
    title="Conservez vos codes de secours",
    download="Télécharger",
    saved="J’ai conservé les codes",
    again="Afficher de nouveau les codes",
    first="Code de confirmation",
    refused_first="Le code n’est pas le bon",
    left="Il reste 9 codes sur 10.",
    none_left="Il ne reste aucun code sur 10.",
    used_up="Épuisé",
    use="Utiliser un code de secours",
    use_title="Saisissez l’un de vos codes de secours",
    code="Code de secours",
    replace="Remplacer\u00a0: Codes de secours",
)


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    policy = {"methods": ["email", "recovery_code"], "starts_per_name_and_client_hour": 50}
    return start_stack(web=True, environment={"SESAME_POLICY": json.dumps(policy)})


@pytest.fixture
def person(stack: Stack, said: Said) -> Known:
    name = f"codes.{said.words.locale}".lower()
    return make_person(stack, Known(name, PASSWORD, {"email": f"{name}@mail.example"}))


async def kept(tab: Tab, said: Said) -> list[str]:
    """Download the sheet, and check that a print shows it and nothing else. Return the codes."""
    async with tab.page.expect_download() as downloading:
        await tab.page.get_by_role("button", name=said.download).click()
    text = Path(await (await downloading.value).path()).read_text("utf-8")
    shown = [await one.inner_text() for one in await tab.page.locator(".code-sheet code").all()]
    assert [code for code in shown if code not in text] == []
    assert len(set(shown)) == 11
    await tab.page.emulate_media(media="print")
    await expect(tab.page.locator(".code-sheet h2")).to_be_visible()
    await expect(tab.page.get_by_role("heading", level=1)).to_have_count(0)
    await expect(tab.page.locator(".code-sheet code").last).to_be_visible()
    await tab.page.emulate_media(media="screen")
    return shown


async def nothing_left(journey: Registration, stack: Stack, said: Said, name: str, codes: list[str]) -> None:
    """Use up these codes elsewhere, and replace the sheet on the page."""
    api, words = Api(stack.api), said.words
    for code in codes:
        token = challenge(api, api.ok("/reset/start", {"identifier": name})["verification_token"], "recovery_code")
        api.ok("/reset/verify", {"verification_token": token, "answer": code})
    await journey.page.reload()
    await journey.tab.arrived(words.methods_title)
    await journey.reads(said.none_left)
    await journey.reads(said.used_up)
    await journey.press(said.replace)
    await journey.press(words.keep_going)
    await journey.tab.arrived(said.title)


@pytest.mark.parametrize(
    ("said", "device", "gates"),
    [(IN_ENGLISH, PHONE, "code first"), (IN_FRENCH, DESKTOP, "email first")],
    ids=["English, phone, code first", "French, desktop, email first"],
)
async def test_codes_are_saved_confirmed_used_and_replaced(
    stack: Stack, person: Known, said: Said, device: Device, gates: str
) -> None:
    """Once they are put away, the person enters the first one from the copy. The page knows when none is left."""
    words, name, email = said.words, person.identifier, person.contacts["email"]
    async with chromium(locale=words.locale, device=device) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        journey = Registration(tab, words)
        await tab.open("/register")
        await journey.sign_in(person.identifier, PASSWORD)
        await tab.arrived(words.methods_title)
        await journey.press(said.add)
        await tab.arrived(said.add)
        await journey.press(words.keep_going)
        await journey.prove(newest_code(stack, email))
        await tab.arrived(said.title)
        first, *codes = await kept(tab, said)
        await journey.press(said.saved)
        await expect(tab.page.get_by_text(codes[0])).to_have_count(0)
        await journey.fill(said.first, "0000-0000-0000-0000")
        await journey.press(words.confirm)
        await journey.is_told(said.refused_first, words.tries_left.format(4))
        await journey.press(said.again)
        await expect(tab.page.get_by_text(codes[0])).to_be_visible()
        await journey.press(said.saved)
        await journey.fill(said.first, first)
        await journey.press(words.confirm)
        await tab.arrived(words.methods_title)

        attempt, headings = PasswordReset(tab, words), [words.first_gate, words.second_gate]
        await tab.open("/reset")
        await attempt.identify(name)
        if gates == "email first":
            await attempt.prove(headings.pop(0), words.email_me, newest_code(stack, email))
        await attempt.choose(headings.pop(0), said.use)
        await tab.arrived(said.use_title)
        await attempt.fill(said.code, codes.pop().lower().replace("-", " "))
        await attempt.press(words.keep_going)
        if gates == "code first":
            await attempt.prove(headings.pop(0), words.email_me, newest_code(stack, email))
        await tab.arrived(words.password_title)

        await tab.open("/register")
        await tab.arrived(words.methods_title)
        await journey.reads(said.left)
        if said is IN_ENGLISH:  # it is slow, and says the same in every language
            await nothing_left(journey, stack, said, name, codes)
        await tab.kept_to_itself(stack.api)
