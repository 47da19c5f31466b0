"""Text messages with a code: phones and browsers find the code, and people can paste the message instead of it."""

import re

import pytest

from shared.domain.code_shape import CodeShape
from shared.messages import gsm7, render
from shared.messages.catalogue import LANGUAGES
from shared.validation.typed_code import typed_code

HOST = "reset.example.org"
TEMPLATES = ["code", "code_registration", "code_change"]
CODES = ["123456", "1234567", "12345678"]
"""As long as Android's detector takes them."""

# What Android's detector takes for a code, after AOSP, ExtServices, NotificationOtpDetectionHelper (ALL_OTP): behind
# the beginning of a line, a blank that no digit precedes, an opening sign or a colon; four digits, two groups of three,
# or five to eight letters and digits with single hyphens, one of them a digit; before the end of a line, a blank that
# no digit follows, or a closing sign. Written anew, without the classes for ideographs, which our texts do not have.
START = r"(?:^|(?<=^\s)|(?<=[^0-9]\s)|(?<=[>(\"'=\[])|(?<=[^0-9]:))"
END = r"(?=\s[^0-9]|$|[.?!,)'\]\"])"
LONGER = r"(?=(?:[^\W_]-?){0,7}[0-9])(?:[^\W_]-?){4,7}[^\W_]"
DETECTED = re.compile(f"{START}(?:{LONGER}|[0-9]{{4}}|[0-9]{{3}}\\s[0-9]{{3}}){END}")
# In English it also wants one of its words: before the code, or behind it in the same sentence within fifty characters.
WORD = r"\b(?:pin|pass[-\s]?(?:code|word)|otp|2fa|log[-\s]?in|code|secret|verif(?:y|ication)|access)\b"
IN_ENGLISH = re.compile(f"{DETECTED.pattern}[^.!?]{{1,50}}{WORD}|{WORD}(?=.{{1,50}}{DETECTED.pattern})", re.IGNORECASE)
# In every other language: no year, and not three small letters in a row.
NO_CODE = re.compile(r"\b(?:19|20)[0-9]{2}\b|[a-z]{3}")

# Chromium, content/browser/sms/sms_parser.cc; the draft of the WICG wants it to be the last line.
FOR_BROWSERS = re.compile(r"(?:^|\s)@([a-zA-Z0-9.-]+) #([^#\s]+)$")


def message(template: str, language: str, code: str, product: str = "Sésame", host: str = HOST) -> str:
    fields = {"product": product, "code": code, "minutes": "10"}
    return render(template, language, "sms", fields, web_host=host).text


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_phones_find_the_code_of_a_text_message(template: str, language: str, code: str) -> None:
    """Android's published grammar finds the code and nothing else, so a phone offers it and hides it when locked."""
    text = message(template, language, code)
    assert [found.replace("-", "") for found in DETECTED.findall(text)] == [code]
    shown = CodeShape(len(code)).shown(code)
    assert IN_ENGLISH.search(text) if language == "en" else not NO_CODE.search(shown)


def test_two_groups_with_a_blank_are_no_code_for_a_phone() -> None:
    """The grammar above is able to refuse: this is how codes were written before."""
    assert DETECTED.findall("Sésame: 1234 5678 is your code.") == []


@pytest.mark.parametrize("code", [*CODES, "123456789012"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_browsers_take_the_code_of_a_text_message_for_our_page_only(template: str, language: str, code: str) -> None:
    """From the last line. A message for a phone number of an installation without a page has no such line."""
    text = message(template, language, code)
    assert FOR_BROWSERS.findall(text.splitlines()[-1]) == [(HOST, code)]
    assert "@" not in message(template, language, code, host="")


@pytest.mark.parametrize("code", [*CODES, "123456789012"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_pasted_message_gives_its_code(channel: str, template: str, language: str, code: str) -> None:
    """The whole text, as a phone copies it, with what it puts around it."""
    fields = {"product": "Sésame 2026", "code": code, "minutes": "10"}
    text = render(template, language, channel, fields, web_host=HOST).text
    assert typed_code(f"\u2068{text}\u2069\r\n", CodeShape(len(code))) == code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_text_message_with_a_code_has_one_segment_or_two_at_most(template: str, language: str) -> None:
    """160 characters of GSM-7 with an ordinary name and host, and 306 (two times 153) with the longest."""
    usual = message(template, language, "12345678")
    assert set(usual) <= gsm7.ALPHABET
    assert len(usual) <= 160
    longest = message(template, language, "1" * 12, product="W" * 100, host=f"{'a' * 63}.{'b' * 50}.example.org")
    assert len(longest) <= 306
