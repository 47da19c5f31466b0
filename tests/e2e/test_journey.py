"""The whole job in a real browser on the real local stack: register, forget the password, reset it with two proofs."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.e2e.browser import Tab, chromium
from tests.e2e.journeys import CODE, FetchCode, PasswordReset, Registration
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

NEWCOMER = "noor.new"
PHONE = "+33639981234"  # a range that the French regulator reserves for fiction
EMAIL = "noor@mail.example"
NEW_PASSWORD = "quiet lamp orbits seventeen pears"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(web=True)


@pytest.fixture
def people(stack: Stack) -> dict[str, str]:
    """The passwords of the demo people, by identifier."""
    entries = json.loads((stack.data / "people.json").read_text("utf-8"))
    return {entry["identifier"]: entry["password"] for entry in entries}


async def test_a_person_registers_and_resets_a_forgotten_password_with_two_proofs(
    stack: Stack, people: dict[str, str]
) -> None:
    """They confirm a prefilled phone, add an email address, and reset the password without help.

    Every contact is told.
    """
    prefill_phone(stack, "avery.admin", people["avery.admin"])

    async with chromium(locale="en-GB") as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await tab.open("/")
        await tab.arrived("What do you need?")
        await register(tab, stack, people[NEWCOMER])
        reset_at = datetime.now(UTC)
        await reset(tab, stack)
        await only_the_new_password_opens(tab, people[NEWCOMER])
        await tab.kept_to_itself(stack.api)

    await every_address_is_told(stack, reset_at)


def prefill_phone(stack: Stack, administrator: str, password: str) -> None:
    def post(path: str, body: object, token: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = httpx.post(f"{stack.api}/api/v1/{path}", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    token = post("session", {"identifier": administrator, "password": password})["token"]
    verdicts = post("admin/prefill", {"rows": [{"identifier": NEWCOMER, "mobile_phone": PHONE}]}, token)["verdicts"]
    assert [verdict["verdict"] for verdict in verdicts] == ["prefilled"]


async def register(tab: Tab, stack: Stack, password: str) -> None:
    person = Registration(tab)
    await tab.page.get_by_role("link", name="Manage my sign-in methods").click()
    await person.sign_in(NEWCOMER, password)
    await person.confirm_prefilled_phone(newest_code(stack, PHONE))
    await person.add_email(EMAIL, newest_code(stack, EMAIL))
    await person.finish()


async def reset(tab: Tab, stack: Stack) -> None:
    person = PasswordReset(tab)
    await tab.page.get_by_role("link", name="Start page").click()
    await tab.page.get_by_role("link", name="I forgot my password").click()
    await person.identify(NEWCOMER)
    await person.prove("How should we check that it is you?", "Text me a code", newest_code(stack, PHONE))
    await person.prove("One more proof", "Email me a code", newest_code(stack, EMAIL))
    await person.choose_password(refused="passwordpassword", accepted=NEW_PASSWORD)


async def only_the_new_password_opens(tab: Tab, old_password: str) -> None:
    person = Registration(tab)
    await tab.page.get_by_role("link", name="Check my sign-in methods").click()
    await person.sign_in(NEWCOMER, old_password)
    await person.reads("The user name or the password is wrong.")
    await tab.sound()
    await person.sign_in(NEWCOMER, NEW_PASSWORD)
    await tab.arrived("Your sign-in methods")
    await expect(tab.page.get_by_text("Confirmed on")).to_have_count(2)


async def every_address_is_told(stack: Stack, since: datetime) -> None:
    for address in (PHONE, EMAIL):
        # One code of the reset, and the notice after the change.
        found = await asyncio.to_thread(stack.wait_for_messages, 2, to=address, since=since.isoformat(), within=60)
        notices = [message["text"] for message in found if not CODE.search(message["text"])]
        assert len(notices) == 1, found
        assert "password" in notices[0].lower()


def newest_code(stack: Stack, address: str) -> FetchCode:
    """Wait for a code to this address that is newer than the start of the wait."""
    before = len(codes(stack, address))

    async def fetch() -> str:
        nonlocal before
        for _ in range(400):
            if len(found := await asyncio.to_thread(codes, stack, address)) > before:
                before = len(found)
                return found[-1]
            await asyncio.sleep(0.05)
        raise AssertionError(f"no code came to {address}:\n{stack.messages()}")

    return fetch


def codes(stack: Stack, address: str) -> list[str]:
    texts = [message["text"] for message in stack.messages(to=address)]
    return [found[0] for text in texts if (found := CODE.search(text))]
