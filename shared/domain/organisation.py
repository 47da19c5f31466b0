# ruff: noqa: RUF001  (names are written with typographic signs)
"""The organisation as people see it, in pages and in messages: one setting, used whole or refused with every fault.

Colours are checked against the grounds that pages put them on (WCAG 2.2, success criterion 1.4.3: 4.5:1 for text), so a
colour that people could not read is refused at the start and not found by them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

LONGEST_NAME: Final = 60
LEAST_CONTRAST: Final = 4.5
WHITE, BLACK = "#ffffff", "#000000"

_NAME: Final = re.compile(r"[^\W_]([\w .,&+()'’·‑–—-]*[\w.)])?")
"""Letters and digits of every script, with the signs of names. No sign of an address, of markup or of a template."""
_ADDRESS: Final = re.compile(r"\w\.\w{2}")
"""What mail programs take for the address of a site, such as `evil.example` (R-21). `S.A.` is none."""
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_LOGO: Final = re.compile(r"[A-Za-z0-9_-]{1,40}\.(svg|png)")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ().-]{1,18}[0-9]")
_EMAIL: Final = re.compile(r"[A-Za-z0-9._+-]{1,40}@[A-Za-z0-9-]{1,40}(\.[A-Za-z0-9-]{1,40})+")

# The grounds of web/src/style/tokens.css on which a colour stands, and the faintest text that stands on the panel.
GROUNDS: Final = {"accent": ("#f4f4ee", "#fffefa"), "accent_dark": ("#0f1714", "#17211d"), "panel": ("#b9cfc4",)}
OURS: Final = {"accent": "#15594a", "accent_dark": "#f0c46a", "panel": "#0f3d33"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """What pages and messages show. Without a helpdesk they name it by that word only."""

    name: str = "Sésame"
    short_name: str = ""
    """For text messages, where the name is too long for them or cannot be written in their alphabet."""
    logo: str = ""
    """A file beside the setting's own file."""
    accent: str = OURS["accent"]
    """Buttons and links, on a light page."""
    accent_dark: str = OURS["accent_dark"]
    panel: str = OURS["panel"]
    """The ground of the name and of the languages."""
    helpdesk: str = ""
    """How people reach a human: a phone number or an email address. A setting of its own."""
    security_contact: str = ""
    """Where to report a vulnerability, for security.txt: a `mailto:` or `https:` address."""
    time_zone: str = "UTC"

    @property
    def text_name(self) -> str:
        return self.short_name or self.name


_TEXTS: Final = ("name", "short_name", "logo", "security_contact", "time_zone")


def organisation_from(given: Mapping[str, Any]) -> tuple[Organisation, list[str]]:
    """Return the organisation and every fault. With a fault nothing of it is used."""
    faults = list(_faults(given))
    if faults:
        return Organisation(), faults
    colours = given.get("colours", {})
    return Organisation(**{name: given[name] for name in _TEXTS if name in given}, **colours), []


def _faults(given: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name}: unknown setting" for name in given if name not in {*_TEXTS, "colours"})
    texts = {name: given.get(name, "") for name in _TEXTS}
    if wrong := [name for name, text in texts.items() if not isinstance(text, str)]:
        yield from (f"{name}: must be a text" for name in wrong)
        return
    for name in ("name", "short_name"):
        if name in given and (fault := fault_of_name(texts[name])):
            yield f"{name}: {fault}"
    for name, form, what in (
        ("logo", _LOGO, "the name of an SVG or PNG file, without a folder"),
        ("security_contact", re.compile(rf"mailto:{_EMAIL.pattern}|https://[^\s<>\"]{{4,200}}"), "mailto: or https:"),
    ):
        if texts[name] and not form.fullmatch(texts[name]):
            yield f"{name}: must be {what}"
    yield from _faults_of_colours(given.get("colours", {}))


def fault_of_name(name: str) -> str:
    """Return what is wrong with a name that people will see, of an organisation or an application. Empty if nothing."""
    if not 0 < len(name) <= LONGEST_NAME:
        return f"must have 1 to {LONGEST_NAME} characters"
    if not _NAME.fullmatch(name):
        return "may have letters, digits, blanks and . , & + ( ) ' ’ · - – —, and begins with a letter or digit"
    if _ADDRESS.search(name):
        return "has a full stop between letters, which mail programs show as the address of a site"
    return ""


def _faults_of_colours(colours: Any) -> Iterator[str]:
    if not isinstance(colours, dict) or (colours and set(colours) != set(GROUNDS)):
        yield f"colours: must have {', '.join(GROUNDS)}, or be left out"
        return
    for name, colour in colours.items():
        if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
            yield f"colours.{name}: must be written as #rrggbb, in small letters"
            continue
        for ground in GROUNDS[name]:
            if (ratio := contrast(colour, ground)) < LEAST_CONTRAST:
                yield f"colours.{name}: {colour} has a contrast of {ratio:.1f}:1 with {ground}; 4.5:1 is needed"
                break


def is_helpdesk(contact: str) -> bool:
    """Whether it is a phone number or an email address, and short enough for a text message."""
    return bool(_PHONE.fullmatch(contact) or _EMAIL.fullmatch(contact))


def is_phone(contact: str) -> bool:
    return bool(_PHONE.fullmatch(contact))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Return white or black, whichever can be read better on this colour. One of them always has 4.5:1."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, colour))


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
