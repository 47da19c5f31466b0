"""Debian's Chromium with Playwright, and checks of each screen."""

import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, ConsoleMessage, Page, async_playwright, expect

WEB = Path(__file__).parents[2] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 15_000


@dataclass(frozen=True)
class Device:
    """The window of a device. With `touch` it is a phone: the pages put first what can be tapped."""

    width: int
    height: int
    touch: bool = False
    forced_colors: bool = False


DESKTOP = Device(1280, 800)
PHONE = Device(390, 844, touch=True)


def need(what: Path | str | None, how: str) -> None:
    """Skip with a message that names what is missing.

    Under CI the test fails instead, so that nothing is skipped there.
    """
    if what and Path(what).exists():
        return
    if os.environ.get("CI"):
        pytest.fail(how)
    pytest.skip(how)


@asynccontextmanager
async def chromium(
    *, locale: str, device: Device = DESKTOP, any_certificate: bool = False
) -> AsyncIterator[BrowserContext]:
    """Yield a new profile: no cookies, no storage, only the given language."""
    executable = shutil.which("chromium")
    need(executable, "no chromium here: `apt-get install chromium`, then run the test again")
    need(AXE, "the web packages are missing: `./sesame test` installs them (`npm ci` in web/)")
    need(WEB / "dist" / "index.html", "the pages are not built: `./sesame test` builds them (`npm run build` in web/)")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=arguments)
        context = await browser.new_context(
            locale=locale,
            ignore_https_errors=any_certificate,
            viewport={"width": device.width, "height": device.height},
            is_mobile=device.touch,
            has_touch=device.touch,
            reduced_motion="reduce",
            forced_colors="active" if device.forced_colors else "none",
        )
        context.set_default_timeout(PATIENCE_MS)
        yield context
        await browser.close()


class Tab:
    """One page, with a record of its requests, its console messages and axe's findings on each screen.

    With `forgetful` it is lost on every screen, as on a phone whose owner looks up the code in another app.
    """

    def __init__(self, page: Page, web: str, *, forgetful: bool = False) -> None:
        self.web = web
        self.forgetful = forgetful
        self.complaints: list[str] = []
        self.addresses: set[str] = set()
        self.secrets: set[str] = set()
        """Passwords and codes that were typed."""
        self._watch(page)

    def _watch(self, page: Page) -> None:
        self.page = page
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)
        page.on("request", lambda request: self.addresses.add(request.url))

    def _note(self, message: ConsoleMessage) -> None:
        # Chromium reports every 4xx response as a console error. The pages expect those and explain them.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)

    async def open(self, path: str) -> None:
        await self.page.goto(self.web + path)

    async def arrived(self, heading: str | re.Pattern[str], *, is_last: bool = False) -> None:
        """Check that the screen with this heading is shown, fits the window, and has no serious axe finding.

        A forgetful tab is lost then, and must come back to it. After the last one nothing is kept.
        """
        await expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        await self.sound()
        if self.forgetful and not is_last:
            await self.lost()
            await expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()

    async def lost(self) -> None:
        """Close the tab, and open its address in another one with what it had stored."""
        kept, address, before = await self.kept(), self.page.url, self.page
        self._watch(await before.context.new_page())
        await self.page.add_init_script(
            f"Object.entries({json.dumps(kept)}).map(([key, value]) => (sessionStorage[key] ??= value))"
        )
        await before.close()
        await self.page.goto(address)

    async def sound(self) -> None:
        overflow = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{overflow} px wider than the window"
        # Not a script element, which the page's own policy would refuse.
        await self.page.evaluate(AXE.read_text("utf-8"))
        found: list[dict[str, Any]] = await self.page.evaluate("axe.run().then((report) => report.violations)")
        serious = [
            f"{one['id']}: {one['help']} ({', '.join(str(node['target']) for node in one['nodes'])})"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert not serious, "\n".join(serious)

    async def kept_to_itself(self, *allowed: str) -> None:
        """Check for console errors, other sites, secrets in URLs and data left in the browser (R-84, R-85, R-86)."""
        assert not self.complaints, "\n".join(self.complaints)
        strangers = {address for address in self.addresses if not address.startswith((self.web, *allowed))}
        assert not strangers
        assert not {address for address in self.addresses if "?" in address}
        assert await self.page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
        kept = await self.kept()
        assert all(name.startswith("sesame-") for name in kept)
        assert not [secret for secret in self.secrets if secret in str(kept)]

    async def kept(self) -> dict[str, str]:
        """Return what the page keeps for a reload."""
        found: dict[str, str] = await self.page.evaluate("({...sessionStorage})")
        return found
