"""Sign-in with Microsoft's own library, against the stand-in of its sign-in pages over TLS."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from local.entra.__main__ import application, servers
from local.entra.openid import OpenId
from local.entra.person_tokens import Apps
from local.entra.tenant import Tenant, User
from local.entra.tokens import Signer
from local.slapd.certificates import certificates
from local.stack.ports import Ports
from tests.e2e.browser import DESKTOP, PHONE, Device, Tab, chromium
from tests.e2e.journeys import Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.entra import in_threads
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

SECRET, PASSWORD = "of this test", "Aa1-lantern-orbit"
CATALOGUES = Path(__file__).parents[2] / "shared" / "messages"


@dataclass(frozen=True)
class Microsoft:
    """The stand-in, and the pages with the service that use it."""

    pages: OpenId
    stack: Stack


@pytest.fixture(scope="module")
def microsoft(start_stack: StartStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microsoft]:
    folder, ports, apps = tmp_path_factory.mktemp("tls"), Ports.free(0), Apps()
    long_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    names = [f"{name}@sesame.example" for name in ("ada", "bob", "cy")]
    tenant = Tenant(users=[User(name=name, password=PASSWORD, changed_at=long_ago) for name in names])
    base = f"https://localhost:{ports.web}"
    app = application(tenant, Signer(), base, SECRET, apps)
    with in_threads(*servers(app, ports.inbox, ports.web, certificates(folder))):
        stack = start_stack(
            web=True,
            environment={
                "SESAME_DIRECTORY": "entra",
                "SESAME_DIRECTORY_GRAPH": f"http://127.0.0.1:{ports.inbox}",
                "SESAME_POLICY": '{"methods": ["email", "mobile_phone", "authenticator_app"]}',
                "SESAME_ENTRA_TENANT": tenant.id,
                "SESAME_ENTRA_API": apps.api,
                "SESAME_ENTRA_PAGE": apps.page,
                "SESAME_ENTRA_AUTHORITY": base,
                "IDENTITY_ENDPOINT": f"http://127.0.0.1:{ports.inbox}/identity",
                "IDENTITY_HEADER": SECRET,
                "SSL_CERT_FILE": str(folder / "authority.pem"),
            },
        )
        apps.redirects = (f"{stack.web}/register",)
        yield Microsoft(app.state.pages, stack)


class Person(Registration):
    """Somebody who signs in on Microsoft's page."""

    def __init__(self, tab: Tab, words: Words, base: str) -> None:
        super().__init__(tab, words)
        self.base = base
        catalogue = json.loads((CATALOGUES / f"{words.locale[:2]}.json").read_text("utf-8"))
        self.says, self.problems = catalogue["pages"], catalogue["problems"]

    async def leave(self) -> None:
        await self.press(self.says["signIn"]["microsoft"])
        await self.page.wait_for_url(f"{self.base}/**")

    async def at_microsoft(self, name: str, password: str = PASSWORD) -> None:
        await self.page.locator("[name=name]").fill(name)
        await self.page.locator("[name=password]").fill(password)
        await self.press("Sign in")

    async def is_back(self, heading: str) -> None:
        await self.tab.arrived(heading)
        assert self.page.url == f"{self.tab.web}/register", "nothing of Microsoft's answer is left in the address"


@pytest.mark.parametrize(
    ("words", "device", "name"), [(ENGLISH, DESKTOP, "ada"), (FRENCH, PHONE, "bob")], ids=["en", "fr"]
)
async def test_people_sign_in_at_microsoft_and_again_for_a_change(
    microsoft: Microsoft, words: Words, device: Device, name: str
) -> None:
    """Cancelled, then right, then by single sign-on, which is good for a look, then freshly, as the same person."""
    pages, stack, name = microsoft.pages, microsoft.stack, f"{name}@sesame.example"
    async with chromium(locale=words.locale, device=device, any_certificate=True) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        person = Person(tab, words, pages.base)
        says = person.says
        await tab.open("/register")
        await tab.arrived(words.sign_in_title)
        assert not [address for address in tab.addresses if "client-" in address], "the library waits for the button"
        await person.leave()
        await person.press("Cancel")
        await tab.page.wait_for_url(f"{stack.web}/register")
        await person.is_told(person.problems["not_signed_in"]["title"])
        await person.leave()
        await person.at_microsoft(name)
        await person.is_back(words.methods_title)
        await person.reads(name)
        kept = await tab.kept()
        assert not [key for key, value in kept.items() if "msal" in key or "eyJ" in value], (
            "no token of Microsoft stays"
        )

        for cookie, (user, _) in list(pages.sessions.items()):
            pages.sessions[cookie] = user, int(time.time()) - 3600
        await person.press(says["signedIn"]["signOut"])
        await tab.open("/register")
        await person.leave()
        await expect(tab.page.get_by_text(f"Go on as {name}?")).to_be_visible()
        await person.press("Sign in")
        await person.is_back(words.methods_title)
        await person.press(words.add_app)
        await person.fill(words.app_name, "Phone")
        await person.press(words.keep_going)
        await tab.arrived(says["signIn"]["againTitle"])
        await person.leave()
        await expect(tab.page.locator("[name=name]")).to_have_value(name)
        await person.at_microsoft("cy@sesame.example")
        await tab.page.wait_for_url(f"{stack.web}/register")
        await person.is_told("cy@sesame.example")
        await person.leave()
        await person.at_microsoft(name)
        await tab.arrived(words.set_up_title)
        assert not tab.complaints, "\n".join(tab.complaints)
