"""The steps of a person on the pages, with the words of the pages (in English)."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.e2e.browser import Tab

FetchCode = Callable[[], Awaitable[str]]
"""Read the newest code for one destination, as the person would on the phone or in the mailbox."""

CODE = re.compile(r"\b\d{4} \d{4}\b")


class Journey:
    """Fields by their labels and buttons by their names, as a screen reader finds them."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page = tab.page

    async def fill(self, label: str, value: str) -> None:
        await self.page.get_by_label(label, exact=True).fill(value)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def reads(self, text: str) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible()


class Registration(Journey):
    """Sign in, confirm the prefilled contact, add the missing one, finish."""

    async def sign_in(self, identifier: str, password: str) -> None:
        await self.tab.arrived("Sign in to see your methods")
        await self.fill("User name or work email", identifier)
        await self.fill("Password", password)
        await self.press("Sign in")

    async def confirm_prefilled_phone(self, code: FetchCode) -> None:
        await self.tab.arrived("Your sign-in methods")
        await self.reads("To be confirmed")
        await self.press("Confirm or correct: Mobile phone")
        await self.tab.arrived("Is this your mobile number?")
        await self.reads("Good to know about text messages")  # the risk is shown before the number is registered
        await self.press("Yes, send me a code")
        await self._answer(code)
        await self.reads("Mobile phone: confirmed.")

    async def add_email(self, address: str, code: FetchCode) -> None:
        await self.tab.arrived("Your sign-in methods")
        await self.reads("Not enough to reset your password yet")
        await self.press("Add an email address")
        await self.tab.arrived("Add an email address")
        await self.fill("Email address", address)
        await self.press("Send me a code")
        await self._answer(code)
        await self.reads("Email: confirmed.")

    async def finish(self) -> None:
        await self.tab.arrived("Your sign-in methods")
        await self.reads("You are ready")
        await self.press("I am done")
        await self.tab.arrived("All set")

    async def _answer(self, code: FetchCode) -> None:
        await self.tab.arrived("Enter the code")
        await self.fill("Code", await code())
        await self.press("Confirm")


class PasswordReset(Journey):
    """Enter the name, prove it twice, choose a new password."""

    async def identify(self, identifier: str) -> None:
        await self.tab.arrived("First, who are you?")
        await self.fill("User name or work email", identifier)
        await self.press("Continue")

    async def prove(self, heading: str, choice: str, code: FetchCode) -> None:
        await self.tab.arrived(heading)
        await self.page.get_by_role("button", name=choice).click()
        await self.tab.arrived("Enter the code")
        await self.reads("If this account exists and has this method, a code is on its way.")
        await self.fill("Code", await code())
        await self.press("Continue")

    async def choose_password(self, refused: str, accepted: str) -> None:
        """First try a password that breaks a rule. Its refusal must not use up the proofs."""
        await self.tab.arrived("Choose a new password")
        await self.fill("New password", refused)
        await self.press("Set the new password")
        await self.reads("Choose a different password")
        await self.tab.sound()
        await self.fill("New password", accepted)
        await self.reads("This password meets every rule.")
        await self.press("Set the new password")
        await self.tab.arrived("Your password is changed")
