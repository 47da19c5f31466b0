"""The settings of calls: all or none, and what phones then offer."""

import pytest

from shared.methods import REGISTERED, Method, SentCodeMethod, channel_to, channels_of, is_offered
from shared.settings import settings_from
from tests.test_settings import ON_AZURE, SOUND, faults_of

LINE = {
    "SESAME_VOICE_CALLER": "+18005550199",
    "SESAME_VOICE_SPEECH_ENDPOINT": "https://speech.example.org/",
    "SESAME_VOICE_CALLBACK": "https://func.example.org/api/",
    "SESAME_VOICE_RESOURCE_ID": "5E5A3E00-0000-4000-8000-000000000ACC",
}
DESK = '{"countries": ["FR"], "methods": ["email", "mobile_phone", "office_phone", "authenticator_app"]}'


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ({}, []),
        ({"SESAME_SMS_SENDERS": "Contoso"}, ["mobile_phone sms"]),
        (LINE, ["mobile_phone voice", "office_phone voice"]),
        (LINE | {"SESAME_SMS_SENDERS": "Contoso"}, ["mobile_phone sms voice", "office_phone voice"]),
    ],
    ids=["neither", "texts", "calls", "both"],
)
def test_phones_are_offered_as_they_can_be_reached(given: dict[str, str], offered: list[str]) -> None:
    """By text, by call, by both with texts first, or not at all."""
    settings = settings_from({**SOUND, **given, "SESAME_POLICY": DESK})
    by_phone = {name: ways for name, ways in settings.channels_by_method.items() if name != "email"}
    assert [" ".join((name, *ways)) for name, ways in by_phone.items()] == offered
    assert [name for name in settings.policy.methods if "phone" in name] == list(by_phone)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        *(({name: ""}, f"{name} is missing") for name in LINE),
        ({"SESAME_VOICE_CALLER": "24680"}, "is a short code"),
        ({"SESAME_VOICE_CALLER": "Contoso"}, "is a name"),
        ({"SESAME_VOICE_CALLER": "+447700900123"}, "is a mobile number"),
        ({"SESAME_VOICE_CALLER": "0800 555 0199"}, "is not a number"),
        ({"SESAME_VOICE_SPEECH_ENDPOINT": "http://speech.example.org"}, "must be an https address"),
        ({"SESAME_VOICE_CALLBACK": "https://func.example.org/api?code=x"}, "must be an https address"),
        ({"SESAME_VOICE_CALLBACK": "http://127.0.0.1:7071/api"}, "must be an https address"),
        ({"SESAME_VOICE_CALLBACK": f"https://{'f' * 300}.example.org/api"}, "must be an https address"),
        ({"SESAME_VOICE_RESOURCE_ID": "acs-sesame"}, "a GUID"),
        ({"SESAME_POLICY": "{}"}, "countries: is missing"),
    ],
)
def test_a_line_that_is_not_whole_or_cannot_call_is_refused(change: dict[str, str], fault: str) -> None:
    """With the reason. A number that looks geographic in a country without beginnings of mobile numbers is taken."""
    given = {**ON_AZURE, **LINE, "SESAME_POLICY": '{"countries": ["FR"]}'}
    assert faults_of(given) == []
    assert faults_of(given | {"SESAME_VOICE_CALLER": "+4533998877"}) == []
    assert any(fault in found for found in faults_of(given | change))


@pytest.mark.parametrize("method", REGISTERED, ids=lambda method: method.name)
def test_a_method_is_offered_over_the_channels_of_the_installation(method: Method) -> None:
    """In its own order, and not at all where there are none of them. Notices are never spoken."""
    own = method.channels if isinstance(method, SentCodeMethod) else ()
    assert channels_of(method.name, {"sms", "voice", "email"}) == own
    assert is_offered(method.name, {"another channel"}) is not bool(own)
    assert channel_to(method.name) in {"", *own} - {"voice"}
