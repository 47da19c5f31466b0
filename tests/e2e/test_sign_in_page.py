"""The sample sign-in page asks people to register or reconfirm. Neither it nor our pages redirect elsewhere (M14)."""

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
