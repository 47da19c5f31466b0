"""The settings of the sign-in at Microsoft Entra ID: all or none."""

import pytest

from shared.settings import settings_from
from tests.test_settings import ON_AZURE, SOUND, faults_of

ENTRA = {
    "SESAME_ENTRA_TENANT": "7E7A7000-0000-4000-8000-000000000001",
    "SESAME_ENTRA_API": "a9100000-0000-4000-8000-000000000002",
    "SESAME_ENTRA_PAGE": "9a9e0000-0000-4000-8000-000000000003",
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, ""),
        *(({name: ""}, f"{name} is missing") for name in ENTRA),
        *(({name: "contoso.example"}, f"{name} must be a GUID") for name in ENTRA),
        ({"SESAME_ENTRA_PAGE": ENTRA["SESAME_ENTRA_API"]}, "must be two applications"),
        ({"SESAME_ENTRA_AUTHORITY": "https://login.microsoftonline.us/"}, ""),
        ({"SESAME_ENTRA_AUTHORITY": "http://login.microsoftonline.com"}, "must be an https address"),
        ({"SESAME_ENTRA_AUTHORITY": "https://login.microsoftonline.com/common"}, "must be an https address"),
        ({"SESAME_ENTRA_AUTHORITY": "http://localhost:8031"}, "must be an https address"),
        ({**dict.fromkeys(ENTRA, ""), "SESAME_ENTRA_AUTHORITY": "https://login.example"}, "set together"),
    ],
)
def test_the_sign_in_at_microsoft_is_whole_or_not_there(change: dict[str, str], fault: str) -> None:
    """One setting without the others would refuse everybody, or believe tokens that are for somebody else."""
    found = faults_of({**ON_AZURE, **ENTRA, **change})
    assert bool(found) == bool(fault)
    assert all("SESAME_ENTRA" in one for one in found)
    assert not fault or any(fault in one for one in found)


def test_the_addresses_of_the_sign_in_are_those_of_version_2() -> None:
    """They are made from the settings: no document of the network says whom to believe."""
    apps = settings_from({**ON_AZURE, **ENTRA}).entra
    tenant = f"https://login.microsoftonline.com/{ENTRA['SESAME_ENTRA_TENANT'].lower()}"
    assert apps is not None
    assert (apps.issuer, apps.keys) == (f"{tenant}/v2.0", f"{tenant}/discovery/v2.0/keys")
    assert settings_from(ON_AZURE).entra is None
    assert settings_from({**SOUND, **ENTRA, "SESAME_ENTRA_AUTHORITY": "http://127.0.0.1:8031"}).entra is not None
