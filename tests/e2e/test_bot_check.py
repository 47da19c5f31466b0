"""The bot check in a real browser: met, passed and cancelled, on a phone and on a desk, in both languages."""

import asyncio
import json
import os
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Error, Route, expect

from tests.e2e.browser import DESKTOP, PHONE, Device, Tab, chromium
from tests.e2e.journeys import Journey, Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

CHECKING = {"en-GB": "Checking that you are not a robot…", "fr-FR": "Nous vérifions que vous n’êtes pas un robot…"}  # noqa: RUF001
CANCEL = {"en-GB": "Cancel", "fr-FR": "Annuler"}
REFUSED, SURE = "La connexion a échoué", "Mon mot de passe est juste\u00a0: vérifier cet appareil et réessayer"
CAMERA = os.environ.get("SESAME_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    """The check is asked of the second start for a name, and after three failed sign-ins."""
    policy = {"starts_per_name_hour": 1, "session_failures_per_name_and_client_15min": 3}
    return start_stack(web=True, environment={"SESAME_POLICY": json.dumps(policy)})


@pytest.mark.parametrize(
    ("words", "device", "is_known"),
    [(ENGLISH, DESKTOP, True), (FRENCH, PHONE, False)],
    ids=["known name, english-desktop", "unknown name, french-phone"],
)
async def test_the_device_solves_the_check_and_the_reset_goes_on(
    stack: Stack, words: Words, device: Device, is_known: bool
) -> None:
    """Nothing is typed again, the page stays within its policy, and a cancelled check leads back to the name."""
    name = (["noor.new", "avery.admin"] if is_known else ["nobody", "no.one"])[device is PHONE]
    httpx.post(f"{stack.api}/api/v1/reset/start", json={"identifier": name}, timeout=30).raise_for_status()
    async with chromium(locale=words.locale, device=device) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        reset = Journey(tab, words)
        await tab.open("/reset")
        await tab.arrived(words.who_title)
        # The worker's script waits until the screen was looked at: a fast machine would be done before.
        seen = asyncio.Event()

        async def hold(route: Route) -> None:
            await seen.wait()
            with suppress(Error):  # of a check that was cancelled
                await route.continue_()

        await tab.page.route("**/solve.worker*", hold)
        for press in (reset.button(CANCEL[words.locale]), None):
            await reset.fill(words.identifier, name)
            await reset.press(words.keep_going)
            await tab.arrived(CHECKING[words.locale])
            await expect(tab.page.get_by_role("progressbar")).to_be_visible()
            if CAMERA:
                await tab.page.screenshot(path=Path(CAMERA) / f"check-{words.locale}-{device.width}.png")
            if press is not None:
                await press.click()
                await tab.arrived(words.who_title)
        seen.set()
        await tab.arrived(words.first_gate)
        await tab.kept_to_itself(stack.api)


@pytest.mark.parametrize(
    ("words", "name", "failed"), [(ENGLISH, "noor.new", 3), (FRENCH, "avery.admin", 1)], ids=["asked for", "offered"]
)
async def test_the_device_solves_the_check_and_the_sign_in_goes_on(
    stack: Stack, words: Words, name: str, failed: int
) -> None:
    """Asked for at a limit, nothing is typed again. After two refusals it is offered, and tries what was typed."""
    wrong = {"identifier": name, "password": "not hers"}
    told = [httpx.post(f"{stack.api}/api/v1/session", json=wrong, timeout=30).status_code for _ in range(failed)]
    assert told == [401] * failed
    async with chromium(locale=words.locale, device=DESKTOP) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        statuses: list[int] = []
        tab.page.on("response", lambda answer: statuses.append(answer.status) if "/session" in answer.url else None)
        await tab.open("/register")
        person = Registration(tab, words)
        if failed == 1:
            for _ in range(2):
                await person.sign_in(name, wrong["password"])
                await person.is_told(REFUSED)
            await person.fill(words.password, stack.people[name])
            await person.press(SURE)
        else:
            await person.sign_in(name, stack.people[name])
        await person.reads(words.not_enough)
        assert [status for status in statuses if status != 204] == ([401, 401, 403, 200] if failed == 1 else [403, 200])
        await tab.kept_to_itself(stack.api)


async def test_the_device_solves_the_check_and_the_password_is_changed(stack: Stack) -> None:
    """Somebody behind the same address has used up the tries. Nothing is typed again; a refused name is marked."""
    name, new = "lou.overdue", "quinze lampes au bord du canal"
    for _ in range(3):
        httpx.post(f"{stack.api}/api/v1/session", json={"identifier": name, "password": "not theirs"}, timeout=30)
    async with chromium(locale=ENGLISH.locale, device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await tab.open("/password")
        await tab.arrived("Change your password")
        person = Journey(tab, ENGLISH)
        for field, text in (
            ("Current password", stack.people[name]),
            ("New password", new),
            (ENGLISH.identifier, "long" * 99),
        ):
            await person.fill(field, text)
        await person.press("Change the password")
        marked = tab.page.get_by_label(ENGLISH.identifier)
        await expect(marked).to_have_attribute("aria-invalid", "true")
        await person.fill(ENGLISH.identifier, name)
        await person.press("Change the password")
        await tab.arrived(ENGLISH.password_changed, is_last=True)
