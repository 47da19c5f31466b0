# ruff: noqa: RUF001  (the pages write typographic quotes)
"""The way from a sign-in page and back to it (M14), and what a person sees of their own record (M12, M33)."""

import time
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import expect

from tests.domain.test_return_address import hostile
from tests.e2e.browser import DESKTOP, PHONE, Device, Tab, chromium
from tests.e2e.journeys import Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

SAYS = {
    # the page of the sample, its link, the button that reconfirms, the link back
    "en": ("Check that your sign-in methods are still right", "Do it now", "Everything is still right", "Continue to"),
    "fr": ("Vérifiez que vos méthodes", "Le faire maintenant", "Tout est toujours exact", "Continuer vers"),
}
RECORD = {
    # the two pages of one's own record, the button of the second, and what stands beside an event of the first
    "en": ("What happened in your account", "Your data", "Download my data", "This was not me"),
    "fr": ("Ce qui s’est passé sur votre compte", "Vos données", "Télécharger mes données", "Ce n’était pas moi"),
}


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    stack = start_stack(web=True)
    stack.start("sample")
    return stack


@pytest.mark.parametrize(("words", "device"), [(FRENCH, PHONE), (ENGLISH, DESKTOP)], ids=["fr", "en"])
async def test_a_person_reconfirms_on_the_way_to_an_application(stack: Stack, words: Words, device: Device) -> None:
    """Where nothing is due, the page leads on at once. Our own page offers no way to a hostile site."""
    heading, link, sure, back = SAYS[words.locale[:2]]
    name = "lou.overdue" if words is FRENCH else "camille.ready"
    password = stack.people[name]
    async with chromium(locale=words.locale, device=device) as browser:
        tab = Tab(await browser.new_page(), stack.sample)
        page, person = tab.page, Registration(tab, words)
        await tab.open("/")
        await page.locator("#name").fill(name)
        await page.locator("#password").fill(password)
        await page.get_by_role("button").click()
        if words is FRENCH:
            await expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
            await tab.sound()
            await page.get_by_role("link", name=link).click()
            await person.sign_in(name, password)
            assert page.url == f"{stack.web}/register"
            await person.press(sure)
            await person.finish()
            await page.get_by_role("link", name=back).click()
        await expect(page).to_have_url(f"{stack.sample}/welcome")
        await page.goto(f"{stack.web}/register#return_to={quote('https://evil.example/', safe='')}")
        await person.sign_in(name, password)
        await person.finish()
        await expect(page.get_by_role("link", name=back)).to_have_count(0)


def until_recorded(stack: Stack, name: str, password: str) -> None:
    """Sign in, and wait until the audit log has it."""
    with httpx.Client(base_url=f"{stack.api}/api/v1") as client:
        token = client.post("/session", json={"identifier": name, "password": password}).json()["token"]
        end = time.monotonic() + 20
        while (
            "session:account:started"
            not in client.get("/me/activity", headers={"Authorization": f"Bearer {token}"}).text
        ):
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["en", "fr"])
async def test_a_person_sees_what_happened_and_takes_a_copy_of_their_data(stack: Stack, words: Words) -> None:
    """Beside each event that somebody made is what to do if it was not oneself. The file has no secret in it (M12)."""
    happened, data, download, not_me = RECORD[words.locale[:2]]
    password = stack.people["camille.ready"]
    until_recorded(stack, "camille.ready", password)
    async with chromium(locale=words.locale, device=Device(320, 640, touch=True)) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        page, person = tab.page, Registration(tab, words)
        await tab.open("/register")
        await person.sign_in("camille.ready", password)
        await person.press(happened)
        await tab.arrived(happened)
        await page.locator("summary", has_text=not_me).first.click()
        await tab.sound()
        await page.go_back()
        await person.press(data)
        await tab.arrived(data)
        async with page.expect_download() as saving:
            await person.press(download)
        copy = Path(await (await saving.value).path()).read_text("utf-8")
        assert "camille@mail.example" in copy
        assert password not in copy
        await tab.kept_to_itself(stack.api)


def test_the_sample_page_leads_to_no_hostile_address(stack: Stack) -> None:
    """It asks the service about each, and shows a page without a way there."""
    with httpx.Client(base_url=stack.sample, headers={"Origin": stack.sample}) as browser:
        form = {"name": "camille.ready", "password": stack.people["camille.ready"], "return_to": ""}
        assert browser.post("/", data=form).status_code == 303
        assert browser.get("/continue").headers["location"] == f"{stack.sample}/welcome"
        for name, address in hostile(f"{stack.sample}/welcome").items():
            if not address:
                continue
            answer = browser.get("/continue", params={"return_to": address})
            assert (answer.status_code, answer.headers.get("location")) == (400, None), name
            assert address not in answer.text, name
        elsewhere = browser.post("/", data=form, headers={"Origin": "https://evil.example"})
        assert (elsewhere.status_code, elsewhere.headers.get("set-cookie")) == (403, None)
