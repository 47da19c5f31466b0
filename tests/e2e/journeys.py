"""The steps of a person on the pages, in either language."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Locator, Page, expect

from tests.e2e.browser import Tab
from tests.e2e.phone_app import PhoneApp
from tests.e2e.words import ENGLISH, Words

FetchCode = Callable[[], Awaitable[str]]
"""Read the newest code for one destination, as the person would on the phone or in the mailbox."""

CODE = re.compile(r"\b\d{4}-\d{4}\b")


class Journey:
    """Fields by their labels and buttons by their names, as a screen reader finds them."""

    def __init__(self, tab: Tab, words: Words = ENGLISH) -> None:
        self.tab = tab
        self.words = words

    @property
    def page(self) -> Page:
        return self.tab.page

    async def fill(self, label: str, value: str) -> None:
        if label not in {self.words.identifier, self.words.app_name, "Email address"}:
            self.tab.secrets.add(value)
        await self.page.get_by_label(label, exact=True).fill(value)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def press(self, name: str) -> None:
        await self.button(name).click()

    async def follow(self, name: str) -> None:
        await self.page.get_by_role("link", name=name).click()

    async def unfold(self, summary: str) -> None:
        await self.page.get_by_text(summary, exact=True).click()

    async def reads(self, text: str) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def is_told(self, *texts: str) -> None:
        """Check that the summary of the mistake has the focus and says all of this, and that the screen is sound."""
        alert = self.page.get_by_role("alert")
        for text in texts:
            await expect(alert).to_contain_text(text)
        await expect(alert).to_be_focused()
        await self.tab.sound()


class Registration(Journey):
    """Sign in, set up an authenticator app, finish."""

    async def sign_in(self, identifier: str, password: str) -> None:
        await self.tab.arrived(self.words.sign_in_title)
        await self.fill(self.words.identifier, identifier)
        await self.fill(self.words.password, password)
        await self.press(self.words.sign_in)

    async def finish(self) -> None:
        await self.tab.arrived(self.words.methods_title)
        await self.reads(self.words.enough)
        await self.press(self.words.finish)
        await self.tab.arrived(self.words.ready_title, is_last=True)

    async def prove(self, code: FetchCode) -> None:
        """Use the email address that is set up already, before a change."""
        await self.tab.arrived(self.words.prove_title)
        await self.tab.sound()
        await self.press(self.words.email_me)
        await self.tab.arrived(self.words.code_title)
        await self.fill(self.words.code, await code())
        await self.press(self.words.keep_going)

    async def set_up_app(self, name: str, *, proof: FetchCode | None = None) -> PhoneApp:
        """From the screen that explains what an app is, to the list with the app on it."""
        app = await self.begin_app(name, proof=proof)
        await self.give_first_digits(app.code())
        await self.tab.arrived(self.words.methods_title)
        await self.reads(self.words.app_confirmed.format(name))
        await expect(self.card(name)).to_be_visible()
        return app

    async def begin_app(self, name: str, *, proof: FetchCode | None = None) -> PhoneApp:
        await self.fill(self.words.app_name, name)
        await self.press(self.words.keep_going)
        if proof is not None:
            await self.prove(proof)
        # The key is shown once. Whoever comes back enters the digits of the app that has it.
        await self.tab.arrived(self.words.set_up_title, is_last=True)
        app = await self._enter_key()
        await self.tab.arrived(self.words.set_up_title)
        return app

    async def give_first_digits(self, digits: str) -> None:
        await self.fill(self.words.digits_at_set_up, digits)
        await self.press(self.words.confirm)

    async def _enter_key(self) -> PhoneApp:
        """Type the key into the app. The link carries the same one, and the QR code and the copy are there."""
        if await self.page.evaluate("matchMedia('(pointer: coarse)').matches"):
            await self.unfold(self.words.scan_elsewhere)
            await expect(self.page.get_by_role("img", name=self.words.qr_code)).to_be_visible()
            await self.unfold(self.words.enter_key_by_hand)
        else:
            await expect(self.page.get_by_role("img", name=self.words.qr_code)).to_be_visible()
            await self.unfold(self.words.cannot_scan)
        key = (await self.page.get_by_role("code").inner_text()).replace(" ", "")
        await self.press(self.words.copy_key)
        await self.reads(self.words.key_copied)
        link = await self.page.get_by_role("link", name=self.words.open_in_app).get_attribute("href")
        address = urlsplit(link or "")
        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        assert parse_qs(address.query)["secret"] == [key]
        await self.tab.sound()
        return PhoneApp(key)

    def card(self, name: str) -> Locator:
        """The place of one app on the list, by the name that the person gave it."""
        cards = self.page.get_by_role("listitem").filter(has=self.page.get_by_role("heading", name=self.words.app))
        return cards.filter(has=self.page.get_by_text(name, exact=True))


class PasswordReset(Journey):
    """Enter the name, prove it twice, choose a new password."""

    async def identify(self, identifier: str) -> None:
        await self.tab.arrived(self.words.who_title)
        await self.fill(self.words.identifier, identifier)
        await self.press(self.words.keep_going)

    async def prove(self, gate: str, choice: str, code: FetchCode) -> None:
        """Pass the gate with this heading by a code that is sent."""
        await self.choose(gate, choice)
        await self.tab.arrived(self.words.code_title)
        await self.reads(self.words.code_sent_maybe)
        await self.fill(self.words.code, await code())
        await self.press(self.words.keep_going)

    async def prove_with_app(self, gate: str, digits: str) -> None:
        await self.choose_app(gate)
        await self.give_digits(digits)

    async def choose_app(self, gate: str) -> None:
        await self.choose(gate, self.words.use_app)
        await self.tab.arrived(self.words.digits_title)

    async def choose(self, gate: str, choice: str) -> None:
        await self.tab.arrived(gate)
        await self.page.get_by_role("button", name=choice).click()

    async def give_digits(self, digits: str) -> None:
        await self.fill(self.words.digits, digits)
        await self.press(self.words.keep_going)

    async def choose_password(self, accepted: str, *, refused: str | None = None) -> None:
        """First try a password that breaks a rule, if one is given. Its refusal must not use up the proofs."""
        await self.tab.arrived(self.words.password_title)
        field = self.page.get_by_label(self.words.new_password, exact=True)
        await expect(field).to_have_attribute("passwordrules", re.compile(r"minlength: \d+; maxlength: \d+;"))
        if refused is not None:
            await self.fill(self.words.new_password, refused)
            await self.press(self.words.set_password)
            await self.is_told(self.words.choose_different)
        await self.fill(self.words.new_password, accepted)
        await self.reads(self.words.meets_every_rule)
        await self.press(self.words.set_password)
        await self.tab.arrived(self.words.password_changed, is_last=True)
