"""`./sesame screenshots`: write the screenshots of the README, of the built pages on a stack of their own."""

import asyncio
import os
import tempfile
from pathlib import Path

from playwright.async_api import Page

from local.stack import parts
from local.stack.environment import service_environment
from local.stack.keys import fresh_keys
from local.stack.ports import Ports
from tests.e2e.browser import DESKTOP, PHONE, Tab, chromium
from tests.e2e.journeys import PasswordReset, Registration
from tests.e2e.words import ENGLISH
from tests.processes import AzuriteServer
from tests.stack import Stack

IMAGES = parts.ROOT / "docs" / "images"
PERSON = "camille.ready"


async def take(stack: Stack) -> None:
    """Write the code of a reset as a phone shows it, and a person's methods as a desktop shows them."""
    async with chromium(locale="en-GB", device=PHONE) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        reset = PasswordReset(tab, ENGLISH)
        await tab.open("/reset")
        await reset.identify(PERSON)
        await tab.page.get_by_role("button", name=ENGLISH.email_me).click()
        await tab.arrived(ENGLISH.code_title)
        await keep(tab.page, "reset-on-a-phone.png")
    async with chromium(locale="en-GB", device=DESKTOP) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        await tab.open("/register")
        await Registration(tab, ENGLISH).sign_in(PERSON, stack.people[PERSON])
        await tab.arrived(ENGLISH.methods_title)
        await keep(tab.page, "methods-on-a-desktop.png")


async def keep(page: Page, name: str) -> None:
    """Write what the window shows."""
    await page.evaluate("document.activeElement?.blur()")
    await page.screenshot(path=IMAGES / name)
    print(IMAGES / name)


def main() -> None:
    """Start the stack, take the screenshots, stop it."""
    with tempfile.TemporaryDirectory(prefix="sesame-screenshots-", ignore_cleanup_errors=True) as folder:
        data, ports = Path(folder), Ports.free(1)
        server = AzuriteServer(data / "azurite")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SESAME_")}
        environment = service_environment(clean, ports, fresh_keys(), server.new_account())
        stack = Stack(data, ports, environment, parts.Place(data), parts.LOCAL_LEASE)
        try:
            stack.seed()
            stack.start(parts.INBOX, parts.WEB, parts.api_name(1))
            asyncio.run(take(stack))
        finally:
            stack.stop()
            server.stop()


if __name__ == "__main__":
    main()
