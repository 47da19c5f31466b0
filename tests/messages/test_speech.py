"""What a call says: valid SSML in the voice of its language; the code digit by digit and twice; nothing else."""

import re
from xml.etree import ElementTree as ET

import pytest

from shared.domain.language import LANGUAGES
from shared.messages import speech
from tests.calls import spoken_digits

TEMPLATES = ["code", "code_registration", "code_change"]


def heard(ssml: str) -> str:
    """Return the text of valid SSML, with the language and the voice of each other."""
    root = ET.fromstring(ssml)
    language = root.get("{http://www.w3.org/XML/1998/namespace}lang")
    assert str(root[0].get("name")).startswith(f"{language}-")
    return "".join(root.itertext())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_prompt_says_who_calls_what_for_and_which_key_twice(template: str, language: str) -> None:
    """Each purpose has its own words. A name with signs of XML stays a name, and nothing is left unfilled."""
    text = heard(speech.prompt(template, language, product='A & B <voice name="x"/>', key="1"))
    assert text.count("A & B") == text.count("1") == 2
    assert not set(text) & set("{}<>")
    assert len(text) <= 400, "the strictest limit that was found"
    others = {heard(speech.prompt(other, language, product="A", key="1")) for other in TEMPLATES}
    assert len(others) == len(TEMPLATES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["123456", "04815162", "123456789012"])
def test_a_code_is_spoken_digit_by_digit_and_twice(language: str, code: str) -> None:
    """With a pause between two digits, so that no voice reads a number."""
    said = speech.spoken_code(language, code)
    assert spoken_digits(said) == [code, code]
    assert not re.search(r"\d{2}", re.sub(r"<[^>]+>", "|", said))
    assert len(heard(said)) <= 400


@pytest.mark.parametrize("text", ["", "12a4", "1234\n", "\u0661\u0662"])
def test_nothing_but_digits_is_spoken_as_a_code_or_an_extension(text: str) -> None:
    """The error does not say what it was."""
    for say in (speech.spoken_code, speech.announcement):
        with pytest.raises(ValueError, match="ASCII digits"):
            say("en", text)
