"""The whole job in a real browser on the real local stack: register, forget the password, reset it with two proofs."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from tests.e2e.browser import Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import FetchCode, PasswordReset, Registration
from tests.e2e.words import ENGLISH
from tests.integration.journey import Api
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

NEWCOMER = "noor.new"
PHONE = "+33639981234"  # a range that the French regulator reserves for fiction
EMAIL = "noor@mail.example"
NEW_PASSWORD = "quiet lamp orbits seventeen pears"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(web=True)


async def test_a_person_registers_and_resets_a_forgotten_password_with_two_proofs(stack: Stack) -> None:
    """They confirm a prefilled phone, add an email address, and reset the password without help.

    Every contact is told.
    """
    people = stack.people
    prefill_phone(stack, "avery.admin", people["avery.admin"])

    async with chromium(locale="en-GB") as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await tab.open("/")
        await tab.arrived("What do you want to do?")
        await register(tab, stack, people[NEWCOMER])
        reset_at = datetime.now(UTC)
        await reset(tab, stack)
        await only_the_new_password_opens(tab, people[NEWCOMER])
        await tab.kept_to_itself(stack.api)

    await every_address_is_told(stack, reset_at)


def prefill_phone(stack: Stack, administrator: str, password: str) -> None:
    api = Api(stack.api)
    verdicts = api.prefill([{"identifier": NEWCOMER, "mobile_phone": PHONE}], api.sign_in(administrator, password))
    assert [verdict["verdict"] for verdict in verdicts] == ["prefilled"]


class FirstRegistration(Registration):
    """Confirm the prefilled contact and add the missing one."""

    async def confirm_prefilled_phone(self, code: FetchCode) -> None:
        await self.tab.arrived(self.words.methods_title)
        await self.reads("To be confirmed")
        await self.press("Confirm or correct: Mobile phone")
        await self.tab.arrived("Is this your mobile number?")
        await self.reads("The risk with text messages")  # the risk is shown before the number is registered
        await self.press("Yes, send me a code")
        await self._answer(code)
        await self.reads("Mobile phone: confirmed.")

    async def add_email(self, address: str, code: FetchCode) -> None:
        await self.tab.arrived(self.words.methods_title)
        await self.reads(self.words.not_enough)
        await self.press("Add an email address")
        await self.tab.arrived("Add an email address")
        await self.fill("Email address", address)
        await self.press("Send me a code")
        await self._answer(code)
        await self.reads("Email: confirmed.")

    async def _answer(self, code: FetchCode) -> None:
        await self.tab.arrived(self.words.code_title)
        await self.fill(self.words.code, await code())
        await self.press(self.words.confirm)


async def register(tab: Tab, stack: Stack, password: str) -> None:
    person = FirstRegistration(tab)
    await person.follow("Manage my sign-in methods")
    await person.sign_in(NEWCOMER, password)
    await person.confirm_prefilled_phone(newest_code(stack, PHONE))
    await person.add_email(EMAIL, newest_code(stack, EMAIL))
    await person.finish()


async def reset(tab: Tab, stack: Stack) -> None:
    person = PasswordReset(tab)
    await person.follow("Start page")
    await person.follow("I forgot my password")
    await person.identify(NEWCOMER)
    await person.prove(ENGLISH.first_gate, "Text me a code", newest_code(stack, PHONE))
    await person.prove(ENGLISH.second_gate, ENGLISH.email_me, newest_code(stack, EMAIL))
    await person.choose_password(refused="passwordpassword", accepted=NEW_PASSWORD)


async def only_the_new_password_opens(tab: Tab, old_password: str) -> None:
    person = Registration(tab)
    await person.follow("Check my sign-in methods")
    await person.sign_in(NEWCOMER, old_password)
    await person.reads("The user name or the password is wrong.")
    await tab.sound()
    await person.sign_in(NEWCOMER, NEW_PASSWORD)
    await tab.arrived(ENGLISH.methods_title)
    await expect(tab.page.get_by_text("Confirmed on")).to_have_count(2)


async def every_address_is_told(stack: Stack, since: datetime) -> None:
    for address in (PHONE, EMAIL):
        # One code of the reset, and the notice after the change.
        found = await asyncio.to_thread(told, stack, address, since)
        assert len(found) == 1, found


def told(stack: Stack, address: str, since: datetime) -> list[str]:
    """Wait for the notices of a changed password. Those of the registration may come later than the reset began."""
    end = time.monotonic() + 60
    while True:
        texts = [message["text"] for message in stack.messages(to=address, since=since.isoformat())]
        if (found := [text for text in texts if "password was changed" in text]) or time.monotonic() > end:
            return found
        time.sleep(0.2)
