"""Settings: read once, every fault at once, and what is unsafe does not run (R-103, R-104)."""

import base64
import json
from pathlib import Path

import pytest

from shared.settings import BadSettings, Settings, settings_from
from tests.fakes.keys import a_key


def encoded(label: str) -> str:
    return base64.b64encode(a_key(label)).decode()


SOUND = {
    "SESAME_STORAGE_CONNECTION": "UseDevelopmentStorage=true",
    "SESAME_INDEX_KEY": encoded("index"),
    "SESAME_CODE_KEYS": f"1:{encoded('old')},2:{encoded('new')}",
    "SESAME_TOKEN_KEYS": f"1:{encoded('token')}",
    "SESAME_SEAL_KEYS": f"1:{encoded('seal')}",
    "SESAME_PEPPERS": f"1:{encoded('pepper')}",
    "SESAME_ACS_ENDPOINT": "http://127.0.0.1:8025",
    "SESAME_ACS_ACCESS_KEY": encoded("acs"),
    "SESAME_EMAIL_SENDER": "DoNotReply@sesame.example",
    "SESAME_SMS_SENDER": "+14255550100",
}
ON_AZURE = {
    **{name: value for name, value in SOUND.items() if "CONNECTION" not in name and "ACCESS" not in name},
    "WEBSITE_SITE_NAME": "func-sesame",
    "SESAME_STORAGE_ACCOUNT": "stsesame",
    "SESAME_ACS_ENDPOINT": "https://sesame.communication.azure.com",
    "SESAME_TRUSTED_HOPS": "1",
}


def faults(**changes: str | None) -> list[str]:
    """What is wrong once these are changed (None: left out)."""
    return faults_of({**SOUND, **changes})


def faults_of(environment: dict[str, str | None]) -> list[str]:
    try:
        settings_from({name: value for name, value in environment.items() if value is not None})
    except BadSettings as bad:
        return bad.faults
    return []


def test_a_sound_environment_makes_settings() -> None:
    """Locally with a connection string and an access key, on Azure with neither."""
    local, azure = settings_from(SOUND), settings_from(ON_AZURE)
    assert (local.on_azure, azure.on_azure) == (False, True)
    assert set(local.code_keys) == {1, 2}
    assert (azure.storage_account, azure.storage_connection, azure.acs_access_key) == ("stsesame", None, None)
    assert (local.product_name, local.trusted_hops, local.web_origins) == ("Sésame", 0, ())


def test_every_fault_is_reported_at_once() -> None:
    """An operator corrects the environment once and not ten times."""
    required = set(SOUND) - {"SESAME_STORAGE_CONNECTION", "SESAME_ACS_ACCESS_KEY"}
    found = faults_of({})
    for name in required:
        assert any(fault.startswith(name) for fault in found), name
    assert any("SESAME_STORAGE_ACCOUNT" in fault for fault in found)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "change-me",
        "A" * 44,
        base64.b64encode(b"a" * 32).decode(),
        base64.b64encode(b"0123456789abcdef" * 2).decode(),
        base64.b64encode(bytes(range(31))).decode(),
        encoded("index") + "AAAA",
        encoded("index")[:-4] + "é===",
    ],
)
def test_what_is_no_random_key_is_refused(value: str) -> None:
    """Placeholders, text, all bytes alike, a byte too few: and the value is not repeated in the fault."""
    for name, given in (("SESAME_INDEX_KEY", value), ("SESAME_CODE_KEYS", f"1:{value}")):
        found = faults(**{name: given})
        assert any(fault.startswith(name) for fault in found)
        assert not value or all(value not in fault for fault in found)


@pytest.mark.parametrize(
    "value", ["", "x", ":", "0:{key}", "-1:{key}", "10000:{key}", "\u0661:{key}", "1:{key},", "1={key}"]
)
def test_keys_have_their_versions(value: str) -> None:
    """VERSION:BASE64, newest last."""
    assert faults(SESAME_SEAL_KEYS=value.format(key=encoded("seal")))


@pytest.mark.parametrize(
    ("hops", "sound"),
    [("0", True), ("5", True), ("6", False), ("-1", False), ("1.0", False), ("\u0663", False), ("x", False)],
)
def test_hops_are_a_small_number(hops: str, sound: bool) -> None:
    """Nothing that a regular expression for digits would take from another script."""
    assert (faults(SESAME_TRUSTED_HOPS=hops) == []) is sound


@pytest.mark.parametrize("origin", ["*", "null", "https://*.example", "https://a.example,*"])
def test_origins_are_exact(origin: str) -> None:
    """A wildcard would let every page of the web call the API with a person's browser (R-83)."""
    assert faults(SESAME_WEB_ORIGINS=origin)


def test_origins_are_listed_without_their_slash() -> None:
    """As browsers send them."""
    settings = settings_from({**SOUND, "SESAME_WEB_ORIGINS": " https://a.example/ , http://localhost:5173 ,"})
    assert settings.web_origins == ("https://a.example", "http://localhost:5173")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"SESAME_STORAGE_CONNECTION": "UseDevelopmentStorage=true"}, "SESAME_STORAGE_CONNECTION"),
        ({"SESAME_ACS_ACCESS_KEY": "key"}, "SESAME_ACS_ACCESS_KEY"),
        ({"SESAME_TRUSTED_HOPS": "0"}, "SESAME_TRUSTED_HOPS"),
        ({"SESAME_ACS_ENDPOINT": "http://127.0.0.1:8025"}, "SESAME_ACS_ENDPOINT"),
        ({"SESAME_ACS_ENDPOINT": "http://sesame.communication.azure.com"}, "SESAME_ACS_ENDPOINT"),
        ({"SESAME_STORAGE_ACCOUNT": None}, "SESAME_STORAGE_ACCOUNT"),
    ],
)
def test_what_is_only_for_a_desk_does_not_run_on_azure(change: dict[str, str | None], name: str) -> None:
    """No shared keys, no stand-in, no unread addresses."""
    assert any(name in fault for fault in faults_of({**ON_AZURE, **change}))


def test_a_loopback_endpoint_needs_its_key_and_a_remote_one_needs_https() -> None:
    """Or the first message would fail, or travel in the clear."""
    assert faults(SESAME_ACS_ACCESS_KEY=None)
    assert faults(SESAME_ACS_ENDPOINT="http://sesame.communication.azure.com")
    for near in ("http://127.0.0.1.evil.example", "http://localhost:1@evil.example", "http://localhost.evil.example"):
        assert faults(SESAME_ACS_ENDPOINT=near)


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ('{"gates": 3}', "gates: 3 is outside"),
        ('{"gates": true}', "whole number"),
        ('{"gates": "2"}', "whole number"),
        ('{"gates": 1.5}', "whole number"),
        ('{"sign_in_has_mfa": 1}', "true or false"),
        ('{"methods": "email"}', "list of texts"),
        ('{"methods": [1, 2]}', "list of texts"),
        ('{"gate": 1}', "no such knob"),
        ("[]", "JSON object"),
        ("{", "neither"),
        ("/no/such/file.json", "neither"),
    ],
)
def test_a_policy_out_of_its_bounds_keeps_the_service_from_starting(policy: str, fault: str) -> None:
    """Refused by name, never clipped."""
    assert any(fault in found for found in faults(SESAME_POLICY=policy))


def test_a_policy_may_stand_in_a_file(tmp_path: Path) -> None:
    """Or in the variable itself; what it leaves out keeps its default."""
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"gates": 1, "countries": ["FR"]}), "utf-8")
    for value in (str(path), path.read_text("utf-8")):
        policy = settings_from({**SOUND, "SESAME_POLICY": value}).policy
        assert (policy.gates, policy.countries, policy.code_digits) == (1, ("FR",), 8)


def test_settings_are_never_printed() -> None:
    """They hold keys."""
    settings = settings_from(SOUND)
    assert isinstance(settings, Settings)
    for secret in ("UseDevelopmentStorage", SOUND["SESAME_ACS_ACCESS_KEY"], repr(a_key("index"))):
        assert secret not in repr(settings)
