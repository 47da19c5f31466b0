# ruff: noqa: RUF001  (the pages write typographic apostrophes and spaces)
"""Security questions in a real browser: chosen, refused, answered behind an email code, in either language."""

import json
from dataclasses import dataclass

import pytest
from playwright.async_api import Locator

from tests.e2e.browser import DESKTOP, Device, Tab, chromium
from tests.e2e.inbox import newest_code
from tests.e2e.journeys import Journey, PasswordReset, Registration
from tests.e2e.words import ENGLISH, FRENCH, Words
from tests.integration.inside import Known, make_person
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.browser

PASSWORD, NEW = "quatre chevaux dans la brume", "velours bancal sous la pluie"
OWN = {"desk": {"en": "Where was your first desk?", "fr": "Où était votre premier bureau ?"}}
SMALL_PHONE = Device(320, 640, touch=True)


@dataclass(frozen=True, kw_only=True)
class Said:
    """The words of the method, as people read them."""

    words: Words
    add: str
    choose: str
    save: str
    unpicked: str
    own_name: str
    use: str
    use_title: str
    refused: str
    own: str


IN_ENGLISH = Said(
    words=ENGLISH,
    add="Set up security questions",
    choose="Choose your questions",
    save="Save my answers",
    unpicked="Choose a question here.",
    own_name="It is your user name or a part of it.",
    use="Answer my security questions",
    use_title="Answer your security questions",
    refused="Not all of your answers are right",
    own=OWN["desk"]["en"],
)
IN_FRENCH = Said(
    words=FRENCH,
    add="Définir des questions de sécurité",
    choose="Choisissez vos questions",
    save="Enregistrer mes réponses",
    unpicked="Choisissez une question ici.",
    own_name="C’est votre identifiant ou une partie de celui-ci.",
    use="Répondre à mes questions de sécurité",
    use_title="Répondez à vos questions de sécurité",
    refused="Vos réponses ne sont pas toutes justes",
    own=OWN["desk"]["fr"],
)


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    policy = {"methods": ["email", "mobile_phone", "security_questions"], "own_questions": OWN}
    return start_stack(web=True, environment={"SESAME_POLICY": json.dumps(policy)})


@pytest.fixture
def person(stack: Stack, said: Said) -> Known:
    name = f"lovelace.{said.words.locale}".lower()
    return make_person(stack, Known(name, PASSWORD, {"email": f"{name}@mail.example"}))


def answer_at(journey: Journey, place: int) -> Locator:
    return journey.page.locator(f"#answer-{place}")


async def chosen(journey: Journey, said: Said) -> dict[str, str]:
    """Choose five questions, that of the organisation first, and return the answers by their text."""
    answers = {}
    for place in range(1, 6):
        question = journey.page.locator(f"#question-{place}")
        await question.select_option(**({"label": said.own} if place == 1 else {"index": 1}))
        text = await question.evaluate("select => select.selectedOptions[0].label")
        answers[str(text)] = f"Réponse n° {place}"
        await answer_at(journey, place).fill(answers[str(text)])
    assert said.own in answers
    return answers


@pytest.mark.parametrize(
    ("said", "device"), [(IN_ENGLISH, SMALL_PHONE), (IN_FRENCH, DESKTOP)], ids=["English, phone", "French, desktop"]
)
async def test_questions_are_chosen_and_answered_behind_an_email_code(
    stack: Stack, person: Known, said: Said, device: Device
) -> None:
    """A mistake is shown at its field. Of a wrong set, nothing tells which answer was wrong."""
    words, email = said.words, person.contacts["email"]
    async with chromium(locale=words.locale, device=device) as browser:
        tab = Tab(await browser.new_page(), stack.web)
        journey = Registration(tab, words)
        await tab.open("/register")
        await journey.sign_in(person.identifier, PASSWORD)
        await tab.arrived(words.methods_title)
        await journey.press(said.add)
        await tab.arrived(said.add)
        await journey.press(words.keep_going)
        await journey.prove(newest_code(stack, email))
        await tab.arrived(said.choose)
        await journey.press(said.save)
        await journey.is_told(said.unpicked)
        answers = await chosen(journey, said)
        await answer_at(journey, 3).fill("Lovelace")
        await journey.press(said.save)
        await journey.is_told(said.own_name)
        await answer_at(journey, 3).fill("Réponse n° 3")
        await journey.press(said.save)
        await tab.arrived(words.methods_title)

        attempt = PasswordReset(tab, words)
        await tab.open("/reset")
        await attempt.identify(person.identifier)
        assert await attempt.button(said.use).count() == 0
        await attempt.prove(words.first_gate, words.email_me, newest_code(stack, email))
        await attempt.choose(words.second_gate, said.use)
        await tab.arrived(said.use_title)
        for wrong in (True, False):
            for label in await tab.page.locator("form label").all_inner_texts():
                typed = answers[label].lower().replace("é", "e")
                await tab.page.get_by_label(label, exact=True).fill("autre chose" if wrong else typed)
                tab.secrets.add(typed)
            await attempt.press(words.keep_going)
            if wrong:
                await attempt.is_told(said.refused)
        await attempt.choose_password(NEW)
        await tab.kept_to_itself(stack.api)
