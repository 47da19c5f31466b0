# ruff: noqa: RUF001  (the pages write typographic quotes)
"""What phones and browsers do to the pages: Back, other windows, a translator, lost files, old versions."""

import asyncio
import json

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.browser import PHONE, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import PasswordReset, Registration
from tests.e2e.words import ENGLISH, FRENCH
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

NAME, EMAIL = "camille.ready", "camille@mail.example"
TRANSLATED = """
    () => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), all = [];
      while (texts.nextNode()) if (texts.currentNode.data.trim()) all.push(texts.currentNode);
      for (const text of all) {
        const outer = document.createElement('font'), inner = document.createElement('font');
        inner.textContent = '«' + text.data + '»';
        outer.append(inner);
        text.replaceWith(outer);
      }
    }
"""
"""Replaces each text as the translator of Chromium does."""


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(web=True)


async def test_back_is_one_step_and_an_earlier_code_stays_good(stack: Stack) -> None:
    """In 320 pixels and with forced colours. No step is asked for twice, and another window is told of."""
    words = FRENCH
    async with chromium(locale=words.locale, device=Device(320, 640, touch=True, forced_colors=True)) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        reset, page = PasswordReset(tab, words), tab.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
        await tab.open("/reset")
        code = newest_code(stack, EMAIL)
        await reset.identify(NAME)
        await reset.choose(words.first_gate, words.email_me)
        for heading in (words.first_gate, words.who_title):
            await tab.arrived(words.code_title if heading == words.first_gate else words.first_gate)
            await page.go_back()
            await tab.arrived(heading)
        await reset.press(words.keep_going)
        await reset.choose(words.first_gate, "Recevoir un code par SMS")
        await tab.arrived(words.code_title)
        await reset.reads("Étape 2 sur 4")
        await reset.reads(NAME)
        await page.go_back()
        await reset.choose(words.first_gate, words.email_me)
        await tab.arrived(words.code_title)
        assert [asked.count(step) for step in ("start", "challenge")] == [1, 2]
        other = PasswordReset(Tab(await browser.new_page(), stack.web), words)
        await other.tab.open("/reset")
        await other.identify(NAME)
        first = await code()
        await other.choose(words.first_gate, words.email_me)
        await reset.reads("Un code a été demandé dans une autre fenêtre de ce navigateur.")
        await reset.fill(words.code, await code())
        await reset.press(words.keep_going)
        await reset.is_told("Si vous l’avez demandé dans une autre fenêtre, saisissez-le là-bas.")
        await reset.fill(words.code, first)
        await reset.press(words.keep_going)
        await tab.arrived(words.second_gate)
        await page.go_back()
        await tab.arrived("Cette étape est terminée")
        await reset.press("Aller à l’étape en cours")
        await tab.arrived(words.second_gate)
        await reset.press(words.start_again)
        await tab.arrived(words.who_title)
        assert await tab.kept() == {}


async def test_the_page_goes_on_while_a_translator_works_on_it(stack: Stack) -> None:
    """The countdown, the language and the rules of the password still change. Autofill by `change` alone is seen."""
    words = ENGLISH
    async with chromium(locale=words.locale, device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        page, reset = tab.page, PasswordReset(tab, words)
        await tab.open("/reset")
        name = page.get_by_label(words.identifier)
        await name.evaluate("(field) => { field.value = 'nobody.at.all'; field.dispatchEvent(new Event('change')); }")
        await reset.press(words.keep_going)
        await tab.arrived(words.first_gate)
        await page.evaluate(TRANSLATED)
        await page.get_by_role("button", name=words.email_me).click()
        await tab.arrived(words.code_title)
        await page.evaluate(TRANSLATED)
        wait = page.locator(".wait")
        said = await wait.inner_text()
        await expect(wait).not_to_have_text(said)
        await page.get_by_role("button", name="Français").click()
        await tab.arrived(FRENCH.code_title)
        await expect(page.get_by_text(words.code_title)).to_have_count(0)
        await tab.open("/password")
        await tab.arrived("Changer votre mot de passe")
        await expect(page.locator(".rule-unknown")).to_have_count(6)
        await page.evaluate(TRANSLATED)
        await page.get_by_label("«Nouveau mot de passe»").fill("quiet lamp orbits seventeen pears")
        await expect(page.locator(".rule-met")).to_have_count(5)
        await expect(page.locator(".rule-unknown")).to_have_count(1)
        await expect(page.locator(".rule-met .unseen").first).to_have_text("Respectée :")
        assert not tab.complaints


@pytest.mark.parametrize("comes", [True, False], ids=["comes late", "never comes"])
async def test_a_page_without_its_configuration_shows_itself_and_sends_nothing(stack: Stack, comes: bool) -> None:
    """A request that hangs is given up. In the end the page asks to be loaded anew, and the password stays here."""
    tries = 0

    async def hang_then_answer(route: Route) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await asyncio.sleep(5)
        if tries > 1 and comes:
            await route.continue_()
        else:
            await route.abort()

    async with chromium(locale=ENGLISH.locale) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        if not comes:
            await tab.page.clock.install()
        await tab.page.route("**/config.json", hang_then_answer)
        person, sent = Registration(tab), []
        tab.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        await tab.open("/register")
        await person.sign_in(NAME, stack.people[NAME])
        if comes:
            await tab.arrived(ENGLISH.methods_title)
            assert all(url.startswith(stack.api) for url in sent)
        else:
            await tab.page.clock.run_for(30_000)
            await expect(person.button("Reload the page")).to_be_visible()
            await expect(tab.page.get_by_text("This page could not load completely").first).to_be_visible()
            assert not sent


async def test_who_is_signed_in_already_comes_back_to_the_same_step_until_they_sign_out(stack: Stack) -> None:
    """Also through the start page. Signing out leaves nothing in the tab."""
    words = ENGLISH
    async with chromium(locale=words.locale, device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web, forgetful=True)
        person = Registration(tab)
        await tab.open("/register")
        await person.sign_in("avery.admin", stack.people["avery.admin"])
        await tab.arrived(words.methods_title)
        await person.follow("Sésame")
        await tab.arrived("What do you want to do?")
        await person.follow("Manage my sign-in methods")
        await tab.arrived(words.methods_title)
        await person.press(words.add_app)
        await tab.arrived(words.add_app)
        await person.press("Back")
        await tab.arrived(words.methods_title)
        await person.press("Sign out")
        await tab.arrived("What do you want to do?")
        assert await tab.kept() == {}


async def test_a_browser_that_is_too_old_says_so_in_one_sentence(stack: Stack) -> None:
    """Instead of an empty page."""
    async with chromium(locale=ENGLISH.locale) as browser:
        page = await browser.new_page()
        await page.add_init_script("delete Object.hasOwn;")
        await page.goto(stack.web)
        await expect(page.get_by_text("Your browser is too old for this page.")).to_be_visible()


@pytest.mark.parametrize(
    ("code", "said", "again"),
    [
        ("account_disabled", "Your account is disabled", 0),
        ("managed_elsewhere", "Another organisation manages your password", 0),
        ("too_late", "It took too long", 1),
    ],
)
async def test_a_refusal_after_the_full_proof_says_what_is_wrong(
    stack: Stack, code: str, said: str, again: int
) -> None:
    """Whoever cannot succeed is sent to the helpdesk, and not to the start."""
    async with chromium(locale=ENGLISH.locale) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await granted(tab.page)
        await tab.page.route("**/reset/complete", lambda route: refused(route, code))
        await tab.open("/reset")
        person = PasswordReset(tab)
        await person.fill(ENGLISH.new_password, "quiet lamp orbits seventeen pears")
        await person.press(ENGLISH.set_password)
        await tab.arrived(said)
        await expect(person.button(ENGLISH.start_again)).to_have_count(again)
        assert await tab.kept() == {}


async def test_a_temporary_access_pass_is_shown_once(stack: Stack) -> None:
    """In a window of 320 pixels. It lies in no storage and no history, and a lost answer is said to be unknown."""
    words, issued = FRENCH, "+drkzqAD7"
    async with chromium(locale=words.locale, device=Device(320, 640, touch=True)) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await granted(tab.page, **{"pass": True})
        person, page = PasswordReset(tab, words), tab.page
        get = "Obtenir un passe d’accès temporaire"
        await page.route("**/reset/complete", lambda route: route.abort())
        await tab.open("/reset")
        await person.press(get)
        await person.reads("Nous ne savons pas si un passe a été émis")
        await page.unroute("**/reset/complete")
        answer = {"temporary_access_pass": issued, "minutes": 60}
        await page.route("**/reset/complete", lambda route: answered(route, answer))
        await person.press(get)
        await tab.arrived("Votre passe d’accès temporaire")
        await person.reads(issued)
        await person.reads("dans un délai de 60 minutes")
        assert await tab.kept() == {}
        assert issued not in await page.evaluate("JSON.stringify([history.state, {...localStorage}, document.cookie])")
        await page.add_init_script("sessionStorage.clear()")
        await page.reload()
        await tab.arrived("Votre passe d’accès temporaire n’est plus affiché")
        await expect(page.get_by_text(issued)).to_have_count(0)


async def answered(route: Route, body: dict[str, object]) -> None:
    await route.fulfill(json=body, headers={"Access-Control-Allow-Origin": "*"})


async def granted(page: Page, **more: object) -> None:
    """Make the tab one that comes back to the choice of a password."""
    facts = {
        "name": NAME,
        "needed": 1,
        "gates": [{"token": "t", "methods": [], "hints": {}, "asked": {}}],
        "granted": "t",
        **more,
    }
    kept = {"id": "1", "place": {"at": "password"}, "facts": facts, "until": 4_000_000_000_000}
    await page.add_init_script(f"sessionStorage['sesame-reset'] = {json.dumps(json.dumps(kept))}")


async def refused(route: Route, code: str) -> None:
    await route.fulfill(
        status=403,
        content_type="application/problem+json",
        headers={"Access-Control-Allow-Origin": "*"},
        body=json.dumps({"code": code, "status": 403}),
    )


async def test_a_code_can_come_by_a_call(stack: Stack) -> None:
    """The page offers it beside the text message, and says what to do with the call before it rings."""
    words = FRENCH
    async with chromium(locale=words.locale, device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        reset = PasswordReset(tab, words)
        await tab.open("/reset")
        await reset.identify(NAME)
        code = newest_code(stack, "+33639980001")
        await reset.choose(words.first_gate, "Recevoir un code par appel")
        await tab.arrived(words.code_title)
        await reset.reads("Répondez et appuyez sur la touche 1")
        await reset.fill(words.code, await code())
        await reset.press(words.keep_going)
        await tab.arrived(words.second_gate)
