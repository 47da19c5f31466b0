# ruff: noqa: RUF001  (the pages write typographic quotes)
"""The web app beyond the main journey: keyboard use, change of language, no loss of input."""

import json
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.builders import OBJECTION
from tests.e2e.browser import PHONE, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(web=True)


async def test_a_reset_works_with_the_keyboard_alone(stack: Stack) -> None:
    """Each new step gets the focus, each error is linked from the summary, and typing does not lose the focus."""
    async with chromium(locale="fr-FR", device=Device(320, 640)) as browser:
        page = await browser.new_page()
        tab = Tab(page, stack.web)
        await tab.open("/reset")
        await tab.arrived(FRENCH.who_title)
        assert await page.get_attribute("html", "lang") == "fr"

        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_label(FRENCH.identifier)).to_be_focused()

        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label(FRENCH.identifier)).to_be_focused()
        await page.keyboard.type("nobody.at.all")
        await page.keyboard.press("Enter")

        await heading_has_focus(page, FRENCH.first_gate)
        await tab.sound()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")

        await heading_has_focus(page, FRENCH.code_title)
        await expect(page.get_by_text(FRENCH.code_sent_maybe)).to_be_visible()
        await page.keyboard.press("Tab")
        await page.keyboard.type("1111 1111")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_focused()
        await expect(page.get_by_role("alert")).to_contain_text("plus accepté")
        await expect(page.get_by_role("alert")).to_contain_text(FRENCH.tries_left.format(4))
        await tab.sound()

        code = page.get_by_label("Code", exact=True)
        await code.focus()
        await page.keyboard.type("22")
        await expect(code).to_be_focused()
        await expect(code).to_have_value("1111 111122")


async def test_changing_the_language_keeps_the_step_and_the_input(stack: Stack) -> None:
    """Selecting another language changes only the texts."""
    async with chromium(locale="fr-FR") as browser:
        page = await browser.new_page()
        tab = Tab(page, stack.web)
        await tab.open("/reset")
        await page.get_by_label(FRENCH.identifier).fill("noor.new")
        await page.get_by_role("button", name="English").click()

        await tab.arrived(ENGLISH.who_title)
        assert await page.get_attribute("html", "lang") == "en"
        await expect(page.get_by_label(ENGLISH.identifier)).to_have_value("noor.new")
        await expect(page).to_have_title(f"{ENGLISH.who_title} · Sésame")


PLAIN_WORDS = r"""
() => [...document.querySelectorAll("body *")]
  .filter((one) => !one.closest("nav.languages, .brand, .before-start, script, noscript, style"))
  .flatMap((one) => [
    ...[...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data),
    ...["aria-label", "title", "placeholder", "alt"].map((name) => one.getAttribute(name) ?? ""),
  ])
  .filter((text) => /[A-Za-z]{2,}/.test(text))
"""


async def test_the_pseudo_locale_shows_that_every_text_is_in_the_catalogue_and_fits(stack: Stack) -> None:
    """English made longer, accented and in brackets: on a narrow phone no text is plain, and none is cut."""
    async with chromium(locale="en-GB", device=Device(320, 640)) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        for path in ("/", "/reset", "/register", "/password", "/activate", "/not-me", "/help", "/nowhere"):
            await tab.open(f"{path}?lang=en-XA")
            await tab.arrived(re.compile(r"^\[.+\]$"))
            assert await tab.page.evaluate(PLAIN_WORDS) == [], path


async def test_a_change_continues_after_a_new_sign_in(stack: Stack) -> None:
    """If the sign-in is too old for a change, the person signs in again and need not type the change twice."""
    identifier = "camille.ready"
    password = stack.people[identifier]
    async with chromium(locale="en-GB") as browser:
        registration = Registration(Tab(await browser.new_page(), stack.web, forgetful=True))
        await registration.tab.open("/register")
        await registration.sign_in(identifier, password)
        page = registration.page
        await page.get_by_label("Language of emails and text messages to me").select_option("Français")
        await expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
        await registration.press("Change: Email")
        await registration.fill("Email address", "camille.new@mail.example")
        await registration.page.route("**/me/methods/email", refused_once, times=1)
        await registration.press("Send me a code")

        await registration.tab.arrived("Please sign in again")
        await registration.fill("Password", password)
        await registration.press("Sign in")
        await registration.prove(newest_code(stack, "camille@mail.example"))

        await registration.reads("We have sent a code to camille.new@mail.example.")
        await registration.press("Back")
        await registration.tab.arrived("Your sign-in methods")
        await registration.reads("Change to camille.new@mail.example")
        await registration.press("Enter the code: Email")
        await registration.tab.arrived("Enter the code")


async def test_the_page_asks_what_is_due_method_by_method_and_may_be_put_off(stack: Stack) -> None:
    """One press for a method, one to be asked again later; pages of a language say until when."""
    async with chromium(locale="en-GB", device=PHONE) as browser:
        registration = Registration(Tab(await browser.new_page(), stack.web))
        await registration.tab.open("/register")
        await registration.sign_in("lou.overdue", stack.people["lou.overdue"])
        await registration.reads("Is everything still right?")
        await registration.press("Still right: Email")
        await expect(registration.page.get_by_role("status")).to_have_text("Thank you. Email is confirmed.")
        await expect(registration.page.get_by_role("button", name="Still right: Email")).to_have_count(0)
        await registration.press("Ask me again in 7 days")
        await registration.reads("You put this off. You will be asked again on")
        await expect(registration.page.get_by_text("Is everything still right?")).to_have_count(0)


async def refused_once(route: Route) -> None:
    """Return the answer that the service gives ten minutes after a sign-in."""
    await route.fulfill(
        status=401,
        content_type="application/problem+json",
        headers={"Access-Control-Allow-Origin": "*"},
        body=json.dumps({"code": "sign_in_again", "status": 401}),
    )


@pytest.mark.parametrize(
    ("words", "link", "label", "button", "malformed", "done"),
    [
        (
            ENGLISH, "This was not me: I got a message about a change", "Code from the message", "Stop the change",
            "Check the code", "We have received the code",
        ),
        (
            FRENCH, "Ce n’était pas moi : j’ai reçu un message sur un changement", "Code du message",
            "Annuler le changement", "Vérifiez le code", "Nous avons reçu le code",
        ),
    ],
    ids=["english", "french"],
)  # fmt: skip
async def test_a_change_can_be_reported_from_the_start_page(
    stack: Stack, words: Words, link: str, label: str, button: str, malformed: str, done: str
) -> None:
    """A code with a missing character is explained. Every other one gets one answer, and none is in an address."""
    async with chromium(locale=words.locale, device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await tab.open("/")
        await tab.page.get_by_role("link", name=link).click()
        await tab.page.get_by_label(words.identifier).fill("nobody")
        for code in ("K7QM2-XPD9", "k7qm2 xpd9r"):
            await tab.page.get_by_label(label).fill(code)
            await tab.page.get_by_role("button", name=button).click()
            if code == "K7QM2-XPD9":
                await expect(tab.page.get_by_role("alert")).to_contain_text(malformed)
                await tab.sound()
        await tab.arrived(done)
        assert tab.page.url == f"{stack.web}/not-me"
        await tab.kept_to_itself(stack.api)


async def test_who_has_lost_everything_waits_and_an_address_that_is_not_lost_stops_it(stack: Stack) -> None:
    """The page states the date. The code from the message ends the wait, the session and every change."""
    identifier, objection = "camille.ready", newest_code(stack, "camille@mail.example", OBJECTION)
    async with chromium(locale="en-GB") as browser:
        tab = Tab(await browser.new_page(), stack.web)
        person = Registration(tab)
        await tab.open("/register")
        await person.sign_in(identifier, stack.people[identifier])
        for found_again in (True, False):
            await person.press("Change: Email")
            await person.fill("Email address", "camille.new@mail.example")
            await person.press("Send me a code")
            await tab.arrived(ENGLISH.prove_title)
            await person.unfold("I cannot use any of these")
            await person.press("I have lost all of these")
            await person.reads("you can add a new method without using an old one")
            await tab.arrived(ENGLISH.methods_title)
            if found_again:
                await person.press("I have found one: end the wait")
                await person.reads("The wait has ended.")
        await tab.open("/not-me")
        await person.fill(ENGLISH.identifier, identifier)
        await objection()
        await person.fill("Code from the message", await objection())
        await person.press("Stop the change")
        await tab.arrived("We have received the code")
        await tab.open("/register")
        await person.sign_in(identifier, stack.people[identifier])
        await person.reads("Self-service is stopped for your account")
        await tab.arrived(ENGLISH.methods_title)
        await tab.kept_to_itself(stack.api)


async def heading_has_focus(page: Page, name: str) -> None:
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_focused()


OFFERS = """
    window.OTPCredential ??= class {};
    navigator.credentials.get = () => new Promise((give) => { window.offer = (code) => give({ code }); });
"""
"""A browser that takes codes from text messages (WebOTP). Chromium on a desktop has no messages."""


async def test_a_number_is_read_as_at_home_and_the_code_from_the_message(stack: Stack) -> None:
    """What is wrong with a number stands at its field. The browser's offer and a pasted message fill the code in."""
    number = "+33639980077"
    async with chromium(locale="en-GB", device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await tab.page.add_init_script(OFFERS)
        person = Registration(tab)
        await tab.open("/register")
        await person.sign_in("noor.new", stack.people["noor.new"])
        await person.press("Add a mobile phone")
        for typed, wrong in (
            ("01 55 50 12 34", "landline"),
            ("06 39 98", "too short"),
            ("+7 912 345 67 89", "country"),
        ):
            await person.fill("Mobile number", typed)
            await person.press("Send me a code")
            await person.is_told(wrong)
            described = await tab.page.get_by_label("Mobile number").get_attribute("aria-describedby") or ""
            await expect(tab.page.locator(f"#{described.split()[-1]}")).to_contain_text(wrong)
        fetch = newest_code(stack, number)
        await person.fill("Mobile number", "\u202d06 39\u00a098 00 77\u202c")
        await person.press("Send me a code")
        await tab.arrived(ENGLISH.code_title)
        code = await fetch()
        field = tab.page.get_by_label(ENGLISH.code, exact=True)
        await tab.page.evaluate("offer('11111111')")
        await expect(field).to_have_value("11111111")
        await field.fill(f"Message from Sésame: {stack.messages(to=number)[-1]['text']}")
        await expect(field).to_have_value(code)
        await person.press(ENGLISH.confirm)
        await person.reads("Mobile phone: confirmed.")
