# ruff: noqa: RUF001  (names are written with typographic signs)
"""The setting of the organisation: used whole, or refused with the reason."""

import json
from dataclasses import replace

import pytest

from shared.domain.organisation import Organisation
from shared.settings import settings_from
from tests.test_settings import ON_AZURE, SOUND, faults, faults_of

WITH_COLOURS = {"accent": "#0b57d0", "accent_dark": "#a8c7fa", "panel": "#1f1f1f"}


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Université Côte d’Azur – Nice", "short_name": "Univ. Côte d’Azur"},
        {"name": "Crédit Agricole S.A."},
        {"name": "Œuvre de Łódź & Cie"},
        {"name": "東京大学", "short_name": "UTokyo"},
        {"name": "Example", "colours": WITH_COLOURS, "logo": "logo.svg", "time_zone": "Europe/Paris"},
        {"security_contact": "mailto:security@example.org"},
    ],
)
def test_the_organisation_is_used_whole(given: dict[str, object]) -> None:
    """Names keep their typographic signs."""
    seen = settings_from({**SOUND, "SESAME_ORGANISATION": json.dumps(given)}).organisation
    flat = {name: value for name, value in given.items() if name != "colours"} | given.get("colours", {})
    assert replace(Organisation(), **flat) == seen


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"name": "The Very Long Name of an Organisation"}, "add a shorter short_name"),
        ({"name": "Example", "short_name": "Never Any Shorter Than This"}, "short_name: is longer than 24"),
        ({"name": "x" * 61, "short_name": "X"}, "1 to 60"),
        ({"name": ""}, "1 to 60"),
        ({"name": "evil.example"}, "address of a site"),
        ({"name": "<b>Bank</b>"}, "may have letters"),
        ({"name": "Bank\nBcc: x"}, "may have letters"),
        ({"name": "{code}"}, "may have letters"),
        ({"name": 7}, "must be a text"),
        ({"nom": "Example"}, "nom: unknown setting"),
        ({"logo": "../secret.svg"}, "SVG or PNG"),
        ({"logo": "logo.exe"}, "SVG or PNG"),
        ({"colours": {"accent": "#15594a"}}, "must have accent, accent_dark, panel"),
        ({"colours": WITH_COLOURS | {"accent": "#ffdd00"}}, "contrast of 1.2:1 with #f4f4ee; 4.5:1 is needed"),
        ({"colours": WITH_COLOURS | {"accent_dark": "#123456"}}, "colours.accent_dark: #123456 has a contrast"),
        ({"colours": WITH_COLOURS | {"panel": "#888888"}}, "colours.panel: #888888 has a contrast"),
        ({"colours": WITH_COLOURS | {"panel": "red"}}, "written as #rrggbb"),
        ({"time_zone": "Mars/Olympus"}, "time_zone: must be"),
        ({"security_contact": "javascript:alert(1)"}, "mailto: or https:"),
    ],
)
def test_an_organisation_with_a_fault_is_refused_with_the_reason(given: dict[str, object], reason: str) -> None:
    """Nothing of it is cut, dropped or corrected."""
    (fault,) = faults(SESAME_ORGANISATION=json.dumps(given))
    assert fault.startswith("SESAME_ORGANISATION: ")
    assert reason in fault


@pytest.mark.parametrize("contact", [None, "", "ask Anna", "+33 1 99 00 12 34 then press 5", "a@b", "<b>1234</b>"])
def test_azure_needs_a_helpdesk_that_can_be_reached(contact: str | None) -> None:
    """People who cannot go on must know whom to ask (M30)."""
    assert any(fault.startswith("SESAME_HELPDESK") for fault in faults_of({**ON_AZURE, "SESAME_HELPDESK": contact}))
