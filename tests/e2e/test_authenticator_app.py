"""The authenticator app in a real browser on the real local stack: set it up, reset with it, replace it, remove it."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from tests.e2e.browser import DESKTOP, PHONE, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import FetchCode, PasswordReset, Registration
from tests.e2e.phone_app import PhoneApp
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.integration.inside import Known, make_person
from tests.integration.journey import Api, prove_change
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

PASSWORD = "quatre chevaux dans la brume"
NEW_PASSWORD = "velours bancal sous la pluie"
OLD_PHONE = "Pixel 9"
NEW_PHONE = "Pixel 11"

ENGLISH_ON_A_PHONE = (ENGLISH, PHONE)
ENGLISH_ON_A_DESKTOP = (ENGLISH, DESKTOP)
FRENCH_ON_A_PHONE = (FRENCH, PHONE)
FRENCH_ON_A_DESKTOP = (FRENCH, DESKTOP)

Visit = tuple[Words, Device]


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    """All wrong answers of this file come from one client address: more than it is allowed by default."""
    policy = {"verify_failures_per_client_5min": 50}
    return start_stack(web=True, environment={"SESAME_POLICY": json.dumps(policy)})


@dataclass(frozen=True)
class Person:
    """Somebody with a confirmed email address."""

    identifier: str
    email: str


@dataclass(frozen=True)
class Holder(Person):
    """The same with an app that is set up."""

    app: PhoneApp


_numbers = itertools.count()


@pytest.fixture
def newcomer(stack: Stack) -> Person:
    number = next(_numbers)
    person = Person(f"person.{number}", f"person{number}@mail.example")
    make_person(stack, Known(person.identifier, PASSWORD, {"email": person.email}))
    return person


@pytest.fixture
def holder(stack: Stack, newcomer: Person) -> Holder:
    api, method = Api(stack.api), "/me/methods/authenticator_app"
    session = api.sign_in(newcomer.identifier, PASSWORD)
    proof = prove_change(stack, api, session)
    app = PhoneApp(api.ok(method, {"label": OLD_PHONE, "proof": proof}, session)["enrolment"]["secret"])
    api.ok(f"{method}/confirm", {"answer": app.code()}, session)
    return Holder(newcomer.identifier, newcomer.email, app)


@asynccontextmanager
async def visited(stack: Stack, visit: Visit, *, forgetful: bool = False) -> AsyncIterator[Tab]:
    """Yield a tab of a new browser, and check what it did when all is over."""
    words, device = visit
    async with chromium(locale=words.locale, device=device) as browser:
        tab = Tab(await browser.new_page(), stack.web, forgetful=forgetful)
        yield tab
        await tab.kept_to_itself(stack.api)


async def registration(tab: Tab, words: Words, person: Person) -> Registration:
    """Open the list of the person's methods."""
    journey = Registration(tab, words)
    await tab.open("/register")
    await journey.sign_in(person.identifier, PASSWORD)
    await tab.arrived(words.methods_title)
    return journey


async def reset(tab: Tab, words: Words, person: Person) -> PasswordReset:
    """Start a reset, up to the choice of the first method."""
    journey = PasswordReset(tab, words)
    await tab.open("/reset")
    await journey.identify(person.identifier)
    return journey


Gate = Callable[[PasswordReset, str, Stack, Holder], Awaitable[None]]


async def by_app(journey: PasswordReset, gate: str, stack: Stack, holder: Holder) -> None:
    await journey.prove_with_app(gate, holder.app.code())


async def by_email(journey: PasswordReset, gate: str, stack: Stack, holder: Holder) -> None:
    await journey.prove(gate, journey.words.email_me, newest_code(stack, holder.email))


@pytest.mark.parametrize("visit", [ENGLISH_ON_A_PHONE], ids=["English, phone"])
async def test_an_app_that_is_set_up_on_the_page_is_listed_by_its_name(
    stack: Stack, newcomer: Person, visit: Visit
) -> None:
    """Name it, give it the key, enter its digits. With an email address it is enough for a reset."""
    words, device = visit
    async with visited(stack, visit, forgetful=device.touch) as tab:
        journey = await registration(tab, words, newcomer)
        await journey.reads(words.not_enough)
        await journey.press(words.add_app)
        await tab.arrived(words.add_app)
        await journey.set_up_app(OLD_PHONE, proof=newest_code(stack, newcomer.email))
        await journey.finish()
        await journey.reads(OLD_PHONE)


@pytest.mark.parametrize(
    ("visit", "gates"),
    [(FRENCH_ON_A_PHONE, (by_app, by_email)), (ENGLISH_ON_A_DESKTOP, (by_email, by_app))],
    ids=["app then email, French, phone", "email then app, English, desktop"],
)
async def test_a_reset_with_the_app_and_an_email_address_works_in_either_order(
    stack: Stack, holder: Holder, visit: Visit, gates: tuple[Gate, Gate]
) -> None:
    """Each of the two proves something else, so together they open both gates. The phone loses its tab at each step."""
    words, device = visit
    async with visited(stack, visit, forgetful=device.touch) as tab:
        journey = await reset(tab, words, holder)
        for heading, passed in zip((words.first_gate, words.second_gate), gates, strict=True):
            await passed(journey, heading, stack, holder)
        await journey.choose_password(NEW_PASSWORD)


@pytest.mark.parametrize("visit", [ENGLISH_ON_A_PHONE], ids=["English, phone"])
async def test_the_code_of_a_replaced_app_is_refused(stack: Stack, holder: Holder, visit: Visit) -> None:
    """The new app takes the place and the name of the old one on the list, and its code opens the gate."""
    words, _ = visit
    async with visited(stack, visit) as tab:
        journey = await registration(tab, words, holder)
        await journey.press(words.replace.format(words.app_called.format(OLD_PHONE)))
        await tab.arrived(words.replace_app_title)
        await expect(tab.page.get_by_label(words.app_name)).to_have_value(OLD_PHONE)
        new = await journey.set_up_app(NEW_PHONE, proof=newest_code(stack, holder.email))
        await expect(journey.card(OLD_PHONE)).to_have_count(0)

        attempt = await reset(tab, words, holder)
        await attempt.prove_with_app(words.first_gate, holder.app.code())
        await attempt.is_told(words.digits_refused)
        await attempt.give_digits(new.code())
        await tab.arrived(words.second_gate)


@pytest.mark.parametrize("visit", [ENGLISH_ON_A_DESKTOP], ids=["English, desktop"])
async def test_a_removed_app_is_gone_from_the_list_and_its_code_is_refused(
    stack: Stack, holder: Holder, visit: Visit
) -> None:
    """The page asks first. Afterwards the app can be added anew, and a reset offers it to everybody as before."""
    words, _ = visit
    called = words.app_called.format(OLD_PHONE)
    async with visited(stack, visit) as tab:
        journey = await registration(tab, words, holder)
        await journey.press(words.remove.format(called))
        await tab.arrived(words.remove_title.format(called))
        await journey.press(words.yes_remove)
        await journey.prove(newest_code(stack, holder.email))
        await tab.arrived(words.methods_title)
        await journey.reads(words.app_removed.format(OLD_PHONE))
        await journey.reads(words.not_enough)
        await expect(journey.card(OLD_PHONE)).to_have_count(0)
        await expect(journey.button(words.add_app)).to_be_visible()

        attempt = await reset(tab, words, holder)
        await attempt.prove_with_app(words.first_gate, holder.app.code())
        await attempt.is_told(words.digits_refused)


async def test_three_apps_can_be_set_up_and_then_no_more(stack: Stack, newcomer: Person) -> None:
    """Each time the page proposes a name that is free. One proof is enough for all, and none of them rests."""
    words = FRENCH
    names = [words.suggested_name, f"{words.suggested_name} 2", f"{words.suggested_name} 3"]
    async with visited(stack, FRENCH_ON_A_PHONE) as tab:
        journey = await registration(tab, words, newcomer)
        proof: FetchCode | None = newest_code(stack, newcomer.email)
        for button, name in zip([words.add_app, words.add_another_app, words.add_another_app], names, strict=True):
            await journey.press(button)
            await expect(tab.page.get_by_label(words.app_name)).to_have_value(name)
            await journey.set_up_app(name, proof=proof)
            proof = None
        await expect(tab.page.get_by_text(words.rests)).to_have_count(0)
        for name in names:
            await expect(journey.card(name)).to_have_count(1)
        await expect(journey.button(words.add_another_app)).to_have_count(0)
        await expect(journey.button(words.add_app)).to_have_count(0)
        await journey.finish()
        await expect(tab.page.get_by_text(words.rests)).to_have_count(0)


WayOut = Callable[[PasswordReset, Stack, Holder], Awaitable[None]]


async def with_another_method(journey: PasswordReset, stack: Stack, holder: Holder) -> None:
    """The first gate by email, and then the app after all: a gate of its own has tries of its own."""
    await journey.press(journey.words.use_another)
    await journey.tab.arrived(journey.words.first_gate)
    await expect(journey.page.get_by_role("button", name=journey.words.use_app)).to_have_count(0)
    await by_email(journey, journey.words.first_gate, stack, holder)
    await by_app(journey, journey.words.second_gate, stack, holder)


async def from_the_start(journey: PasswordReset, stack: Stack, holder: Holder) -> None:
    """The name is still in its field, and the app has new tries."""
    await journey.press(journey.words.start_again)
    await journey.tab.arrived(journey.words.who_title)
    await expect(journey.page.get_by_label(journey.words.identifier)).to_have_value(holder.identifier)
    await journey.press(journey.words.keep_going)
    await by_app(journey, journey.words.first_gate, stack, holder)
    await by_email(journey, journey.words.second_gate, stack, holder)


@pytest.mark.parametrize(
    ("visit", "go_on"),
    [(ENGLISH_ON_A_PHONE, with_another_method), (FRENCH_ON_A_DESKTOP, from_the_start)],
    ids=["another method, English, phone", "new start, French, desktop"],
)
async def test_wrong_digits_count_down_the_tries_and_then_the_ways_out_work(
    stack: Stack, holder: Holder, visit: Visit, go_on: WayOut
) -> None:
    """Four refusals tell how many tries are left. After the fifth the field is gone, and the reset still succeeds."""
    words, _ = visit
    async with visited(stack, visit) as tab:
        journey = await reset(tab, words, holder)
        await journey.choose_app(words.first_gate)
        for left in (*(words.tries_left.format(count) for count in (4, 3, 2)), words.one_try_left):
            await journey.give_digits(holder.app.wrong())
            await journey.is_told(words.digits_refused, left)
        await journey.give_digits(holder.app.wrong())
        await tab.arrived(words.no_tries_title)
        await expect(tab.page.get_by_role("textbox")).to_have_count(0)
        await go_on(journey, stack, holder)
        await tab.arrived(words.password_title)


async def test_a_set_up_without_tries_left_begins_again_with_a_new_key(stack: Stack, newcomer: Person) -> None:
    """After five wrong answers the page asks to set up the app once more, under the name that was given."""
    words = ENGLISH
    async with visited(stack, ENGLISH_ON_A_DESKTOP) as tab:
        journey = await registration(tab, words, newcomer)
        await journey.press(words.add_app)
        spent = await journey.begin_app(OLD_PHONE, proof=newest_code(stack, newcomer.email))
        for left in (*(words.tries_left.format(count) for count in (4, 3, 2)), words.one_try_left):
            await journey.give_first_digits(spent.wrong())
            await journey.is_told(left)
        await journey.give_first_digits(spent.wrong())
        await tab.arrived(words.add_app)
        await journey.is_told(words.no_tries_at_set_up)
        await expect(tab.page.get_by_label(words.app_name)).to_have_value(OLD_PHONE)
        fresh = await journey.set_up_app(OLD_PHONE)
        assert fresh.key != spent.key


@pytest.mark.parametrize(
    ("visit", "typed"),
    [(FRENCH_ON_A_PHONE, "12345")],
    ids=["five digits, French, phone"],
)
async def test_what_cannot_be_the_digits_of_an_app_is_refused_at_the_field_and_costs_no_try(
    stack: Stack, holder: Holder, visit: Visit, typed: str
) -> None:
    """The next wrong answer is the first one that counts."""
    words, _ = visit
    async with visited(stack, visit) as tab:
        journey = await reset(tab, words, holder)
        await journey.choose_app(words.first_gate)
        await journey.give_digits(typed)
        await journey.is_told(words.digits_malformed)
        field = tab.page.get_by_label(words.digits)
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(tab.page.locator("#code-error")).to_contain_text(words.costs_no_try)
        await journey.give_digits(holder.app.wrong())
        await journey.is_told(words.tries_left.format(4))


async def test_what_an_administrator_asks_to_be_confirmed_again_is_confirmed_by_its_own_answer(
    stack: Stack, holder: Holder
) -> None:
    """The address by a code, the app by its digits. Nothing is replaced, and then the person can reset again."""
    words = FRENCH
    api = Api(stack.api)
    administrator = api.sign_in("avery.admin", stack.people["avery.admin"])
    api.ok("/admin/people/reregister", {"identifier": holder.identifier, "reason": "a call"}, administrator)
    async with visited(stack, FRENCH_ON_A_DESKTOP) as tab:
        journey = await registration(tab, words, holder)
        await journey.reads(words.not_enough)
        await journey.press(words.check.format(words.email))
        fetch = newest_code(stack, holder.email)
        await tab.page.locator("form button[type=submit]").click()
        await tab.arrived(words.code_title)
        await journey.fill(words.code, await fetch())
        await journey.press(words.confirm)
        await tab.arrived(words.methods_title)
        await journey.press(words.check.format(words.app_called.format(OLD_PHONE)))
        await tab.arrived(words.prove_title)
        await tab.page.get_by_role("button", name=words.use_app).click()
        await tab.arrived(words.digits_title)
        await journey.fill(words.digits, holder.app.code())
        await journey.press(words.keep_going)
        await journey.finish()
