# ruff: noqa: RUF001  (names are written with typographic signs)
"""Messages: every template in every language and channel, without any text from outside."""

import html
import itertools
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shared.messages
from shared.domain.contact import masked_name
from shared.domain.language import LANGUAGES, Language
from shared.messages import gsm7, render, words
from shared.messages.catalogue import catalogue
from shared.messages.renderer import TEMPLATES, Field
from shared.methods import ALL

FOLDER = Path(shared.messages.__file__).parent
CODES = ["code", "code_registration", "code_change"]
NOTICES = sorted(TEMPLATES.keys() - set(CODES))
REMINDERS = {name for name in TEMPLATES if name.startswith("reminder_")}
BY_OTHERS = {
    "activation_issued", "contact_overwritten", "erased", "frozen_by_administrator", "method_removed_by_administrator",
    "methods_compromised", "must_reregister", "should_reregister", "unblocked",
}  # fmt: skip
"""What an administrator causes: it has no origin."""
AT = datetime(2026, 11, 2, 23, 5, tzinfo=UTC)

# 3GPP TS 23.038 section 6.2.1, in the order of the table; position 0x1B is the escape to the extension table.
GSM_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def fields(**others: Field) -> dict[str, Field]:
    """Return every field that a use case may pass, with typical values."""
    ordinary: dict[str, Field] = {
        "product": "Sésame",
        "code": "12345678",
        "minutes": "10",
        "days": "14",
        "at": AT,
        "until": AT,
    }
    return (
        ordinary
        | {
            "method": "mobile_phone",
            "origin": "Lyon, France",
            "objection": "K7QM2XPD9R",
            "helpdesk": "+33 1 99 00 12 34",
            "reference": "fvnpcrbgkkst",
            "left": "0",  # which says the most
        }
        | others
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_used_recovery_code_is_told_more_urgently_when_few_are_left(language: Language, channel: str) -> None:
    """None, one, two and more of them are four different texts, and each says how many."""
    said = [render("recovery_code_used", language, channel, fields(left=str(left))).text for left in range(5)]
    urgent = ["get new" in text or "cr\u00e9e" in text for text in said]
    assert urgent == [True, True, True, False, False]
    assert len(set(said)) == 5
    assert all(str(left) in text for left, text in enumerate(said) if left > 1)


def text_of(fragment: str) -> str:
    """Return the text that a person reads in HTML."""
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(style|title)[^>]*>.*?</\1>", "", fragment, flags=re.DOTALL)))


def test_every_catalogue_is_a_language_with_every_template_and_no_other() -> None:
    """A catalogue that `Language` forgets would never be used. web/tests/catalogue.test.ts compares the catalogues."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LANGUAGES)
    for language in LANGUAGES:
        assert catalogue(language)["messages"].keys() == {"at", "atInZone", "helpdesk", "method", "spoken", *TEMPLATES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_message_is_complete_in_every_language(template: str, language: str) -> None:
    """No part is empty, and no field is left unfilled."""
    email, sms = render(template, language, "email", fields()), render(template, language, "sms", fields())
    for part in (email.subject, email.text, email.html, sms.text):
        assert part
        assert not set(part) & set("{}$")
    assert (sms.subject, sms.html) == ("", "")
    assert "\n" not in email.subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_html_and_text_of_an_email_say_the_same(template: str, language: str) -> None:
    """A person who reads only one of the two gets all information."""
    email = render(template, language, "email", fields())
    body = email.html.partition("<body")[2].partition(">")[2]
    preview, _, body = body.partition("</div>")
    assert text_of(preview).split("\u034f")[0].strip()  # what a list of emails shows, and no code in it
    assert not re.search(r"\d", text_of(preview))
    assert preview.count("&zwnj;") == 40
    assert text_of(body).split() == ["Sésame", *email.text.split()]


def test_the_gsm7_alphabet_is_the_standard_one() -> None:
    """128 positions, of which one is the escape."""
    assert len(GSM_TABLE) == 128
    assert frozenset(GSM_TABLE) - {"\x1b"} == gsm7.ALPHABET


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Université Côte d’Azur – Nice", "Université Cote d'Azur"),
        ("Crédit Agricole S.A.", "Crédit Agricole S.A."),
        ("Œuvre de Łódź", "Oeuvre de Lodz"),
        ("Νίκος ΠΑΠΆΣ", "Nikos PAPAS"),
        ("É – 1—2‑3", "É - 1-2-3"),
        ("東京大学", "DongJingDaXue"),
    ],
)
def test_a_text_message_transliterates_the_name_and_cuts_it_after_a_word(typed: str, written: str) -> None:
    """No letter is dropped in silence (3GPP TS 23.038)."""
    assert render("reminder_today", "en", "sms", fields(product=typed)).text.startswith(f"{written}: ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize(
    "product",
    ["Sésame", "W" * 100, "Ô château d'Œuvre ïêç", "日本語", "", "€" * 50],
    ids=["usual name", "long name", "accents", "Japanese", "no name", "only euro signs"],
)
def test_every_text_message_fits_in_one_segment(template: str, language: str, product: str) -> None:
    """At most 160 characters of GSM-7, for any product name, code length and method name. More segments cost more.

    Without the line for browsers; `test_codes_in_text_messages.py` has the limits with it.
    """
    for code, method in itertools.product(("123456", "12345678", "123456789012"), (*ALL, "something_new")):
        longest = fields(product=product, code=code, method=method, origin="x" * 200)
        text = render(template, language, "sms", longest).text
        assert set(text) <= set(GSM_TABLE)
        assert len(text) <= 160, f"{len(text)}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_every_method_has_a_name_that_fits_a_text_message(name: str, language: Language) -> None:
    """In the GSM-7 alphabet, so that nothing is dropped, and different from every other method's."""
    names = {method: words.method_name(method, language) for method in ALL}
    assert set(names[name]) <= gsm7.ALPHABET
    assert list(names.values()).count(names[name]) == 1
    assert names[name] != words.method_name("unknown", language), "its name is missing under messages.method"


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_message_contains_a_link(template: str, language: str, channel: str) -> None:
    """Phishing with links is less credible if our messages never contain one (R-21).

    A URL in a name does not become a link.
    """
    named = fields(product="evil.example https://evil.example/x?y=1 www.evil.example")
    message = render(template, language, channel, named)
    for part in (message.subject, message.text, text_of(message.html)):
        assert not re.search(r"https?:|//|www\.|evil\.|\bhref\b", part)
    assert not re.search(r"href|src|url\(|<a |<img|<script", message.html)


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("template", CODES)
def test_a_message_with_a_code_shows_it_in_groups_with_its_expiry_and_a_warning(
    template: str, language: str, channel: str
) -> None:
    """`1234-5678`, ten minutes, and never to be told to anyone."""
    message = render(template, language, channel, fields())
    assert "1234-5678" in message.text
    assert "10 minutes" in message.text
    assert ("Never tell" if language == "en" else "Ne ") in message.text
    assert ("1234-5678" in message.html) == (channel == "email")
    assert "1234" not in message.subject  # a locked screen shows subjects


@pytest.mark.parametrize(
    ("code", "shown"),
    [("123456", "123-456"), ("123456789", "123-456-789"), ("1234567", "1234567"), ("1234567890", "12345-67890")],
)
def test_codes_of_other_lengths_are_grouped_too(code: str, shown: str) -> None:
    """Policy allows 6 to 12 digits."""
    assert shown in render("code", "en", "sms", fields(code=code)).text


def test_a_code_that_expires_in_one_minute_has_a_singular_unit() -> None:
    """One minute is the shortest lifetime that policy allows."""
    assert "1 minute." in render("code", "fr", "sms", fields(minutes="1")).text


@pytest.mark.parametrize(
    "code", ["12 34", "\uff11\uff12\uff13\uff14\uff15\uff16", "1234567\n", "<b>123456</b>", "x" * 8]
)
def test_a_code_that_is_not_all_digits_is_refused_without_repeating_it(code: str) -> None:
    """Only a derived code may be in a message with a code, and the exception does not contain the value."""
    with pytest.raises(ValueError, match="digits only") as refused:
        render("code", "en", "sms", fields(code=code))
    assert not code or code not in str(refused.value)


@pytest.mark.parametrize("template", CODES)
def test_messages_with_codes_contain_no_other_field(template: str) -> None:
    """Text that a stranger can influence, such as the origin of a request, stays out (A-23).

    The name of the account is the directory's, masked.
    """
    assert TEMPLATES[template] == {"account", "code", "minutes", "product"}
    given = fields(account=masked_name("camille.ready"))
    assert "Account: c\u2022\u2022\u2022\u2022\u2022y\n" in render(template, "en", "email", given).text
    message = render(template, "en", "email", fields(origin="canary", method="canary", name="canary"))
    assert "canary" not in message.text + message.html + message.subject


@pytest.mark.parametrize("template", sorted(set(NOTICES) - REMINDERS - BY_OTHERS))
def test_a_notice_says_when_and_where_it_happened_and_whom_to_tell(template: str) -> None:
    """Time in UTC, an approximate origin, and what to do if it was not the person (R-50)."""
    english, french = (render(template, language, "email", fields()).text for language in ("en", "fr"))
    assert "2 November 2026 at 23:05 UTC" in english
    assert "2 novembre 2026 à 23:05 UTC" in french
    assert "Lyon, France" in english
    assert "Lyon, France" in french
    assert "If this was not you" in english
    assert "Si ce n'est pas vous" in french
    for text, label in ((english, "Reference for the helpdesk"), (french, "Référence pour l'assistance")):
        assert "+33 1 99 00 12 34" in text
        assert f"{label}{' ' if text is french else ''}: fvnp-crbg-kkst" in text
    assert "+33199001234" in render(template, "en", "sms", fields()).text
    assert "your helpdesk" in render(template, "en", "sms", fields(helpdesk="help@example.org")).text
    assert "assistance" in render(template, "fr", "sms", fields(helpdesk="")).text


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", NOTICES)
def test_a_notice_without_a_known_origin_has_no_origin_line(template: str, language: str, channel: str) -> None:
    """The line is left out instead of showing "unknown". The rest of the message is unchanged."""
    known, unknown = fields(), fields(origin="")
    absent = {name: value for name, value in fields().items() if name != "origin"}
    silent = render(template, language, channel, absent)
    assert silent == render(template, language, channel, unknown)
    full = render(template, language, channel, known)
    assert [line for line in full.text.split("\n") if "Lyon" not in line] == silent.text.split("\n")


def test_times_in_other_zones_are_shown_in_utc() -> None:
    """All messages show UTC and say so."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=-8)))
    assert "2026-11-02 23:05 UTC" in render("password_changed", "fr", "sms", fields(at=elsewhere)).text


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "3 November 2026 at 00:05 (Europe/Paris), 23:05 UTC"),
        ("fr", "3 novembre 2026 à 00:05 (Europe/Paris), 23:05 UTC"),
    ],
)
def test_an_email_shows_the_time_of_the_organisation_beside_utc(language: str, shown: str) -> None:
    """People know when they changed something by their own clock."""
    assert shown in render("password_changed", language, "email", fields(time_zone="Europe/Paris")).text


@pytest.mark.parametrize(
    ("language", "subject"), [("fr-CA", "votre"), ("FR", "votre"), ("xx", "your"), ("", "your"), (None, "your")]
)
def test_a_message_in_an_unsupported_language_is_in_english(language: str | None, subject: str) -> None:
    """Only the first part of a language tag counts."""
    assert subject in render("password_changed", language, "email", fields()).subject


@pytest.mark.parametrize(
    ("template", "channel"), [("../en/code", "sms"), ("codes", "email"), ("code", "fax"), ("code", "voice")]
)
def test_an_unknown_template_or_channel_raises(template: str, channel: str) -> None:
    """Neither may lead to another file."""
    with pytest.raises((KeyError, ValueError)):
        render(template, "en", channel, fields())


def test_a_missing_message_field_raises() -> None:
    """An incomplete notice is never sent."""
    with pytest.raises(KeyError):
        render("password_changed", "en", "email", {"product": "Sésame"})


def test_message_fields_are_escaped_in_html() -> None:
    """An ampersand or an apostrophe in a name is plain text in both bodies."""
    message = render("code", "en", "email", fields(product="R&D's"))
    assert ">R&amp;D&#x27;s</p>" in message.html
    assert "<title>R&amp;D&#x27;s: " in message.html
    assert "R&D's" in message.subject


@given(product=st.text(max_size=60), origin=st.text(max_size=80), method=st.text(max_size=20))
def test_no_message_field_injects_markup_or_lines(product: str, origin: str, method: str) -> None:
    """No markup, template sign, line break or control character of a field reaches a message (R-97, A-22, A-23)."""
    signs = "<script>\r\nBcc: $code {{7*7}} %s \u202e"
    hostile = fields(product=product + signs, origin=signs + origin, method=method + signs)
    plain = render("method_added", "en", "email", fields())
    message = render("method_added", "en", "email", hostile)
    assert len(message.text.split("\n")) == len(plain.text.split("\n"))
    assert re.findall(r"<[^>]*>", message.html) == re.findall(r"<[^>]*>", plain.html)
    for part in (message.subject, message.text, render("code", "en", "sms", hostile).text):
        assert all(character.isprintable() or character == "\n" for character in part)
        assert not set(part) & set("<>{}$%\r\u202e")
    assert "\n" not in message.subject
