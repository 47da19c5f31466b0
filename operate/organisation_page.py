"""Writes the organisation into the built page: its name, colours, logo and helpdesk are in the first bytes.

The page then needs no request to know them, and never shows another brand first. A deployment (hooks/web_config.py)
and the local stack use it alike.
"""

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from shared.domain.language import LANGUAGES
from shared.domain.organisation import OURS, Organisation, organisation_from, text_on

STYLE: Final = "brand.css"
SECURITY: Final = ".well-known/security.txt"
SECURITY_LIFE: Final = timedelta(days=364)
"""Less than a year (RFC 9116 section 2.5.5)."""
LARGEST_LOGO: Final = 32 * 1024
_PLACE: Final = re.compile(r'<meta name="organisation" content="[^"]*"\s*/?>(<link [^>]*"/brand\.css">)?')
_TITLE: Final = re.compile(r"<title>[^<]*</title>")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KINDS: Final = {".svg": "image/svg+xml", ".png": "image/png", ".txt": "text/plain; charset=utf-8"}


class Unusable(Exception):
    """The setting or the logo cannot be used; the text says why."""


def organisation_of(setting: str, helpdesk: str, folder: Path) -> tuple[Organisation, bytes]:
    """Return the organisation and its logo (empty: none). Raises Unusable.

    `setting` is the JSON object, or the path of its file. The logo is beside that file, otherwise in `folder`.
    """
    text = setting.strip() or "{}"
    try:
        if not text.startswith("{"):
            folder, text = Path(text).parent, Path(text).read_text("utf-8")
        given = json.loads(text)
    except (OSError, ValueError) as fault:
        raise Unusable(f"is neither a JSON object nor the path of one ({type(fault).__name__})") from fault
    organisation, faults = organisation_from(given if isinstance(given, dict) else {"a JSON object": ""})
    if faults:
        raise Unusable("; ".join(faults))
    return replace(organisation, helpdesk=helpdesk), _logo(folder / organisation.logo) if organisation.logo else b""


def page(template: str, organisation: Organisation) -> str:
    """Return the page with the organisation in it. Raises Unusable if the page has no place for it."""
    told = {"name": organisation.name, "helpdesk": organisation.helpdesk}
    if organisation.logo:
        told["logo"] = f"/{logo_name(organisation)}"
    written = html.escape(json.dumps(told, ensure_ascii=False))
    style = "" if _colours(organisation) == OURS else f'<link rel="stylesheet" href="/{STYLE}">'
    named, places = _PLACE.subn(lambda _: f'<meta name="organisation" content="{written}">{style}', template)
    if places != 1:
        raise Unusable("the page has no place for it")
    return _TITLE.sub(lambda _: f"<title>{html.escape(organisation.name)}</title>", named)


def files(organisation: Organisation, logo: bytes, now: datetime) -> dict[str, bytes]:
    """Return the files beside the page, by their names."""
    made = {} if _colours(organisation) == OURS else {STYLE: _style(organisation).encode()}
    if organisation.security_contact:
        made[SECURITY] = _security(organisation.security_contact, now).encode()
    return made | ({logo_name(organisation): logo} if logo else {})


def _security(contact: str, now: datetime) -> str:
    """Return security.txt (RFC 9116). A deployment renews it; after a year it says itself that it is out of date."""
    expires = (now + SECURITY_LIFE).astimezone(UTC)
    languages = ", ".join(LANGUAGES)
    return f"Contact: {contact}\nExpires: {expires:%Y-%m-%dT%H:%M:%SZ}\nPreferred-Languages: {languages}\n"


def logo_name(organisation: Organisation) -> str:
    return f"logo{Path(organisation.logo).suffix}"


def _colours(organisation: Organisation) -> dict[str, str]:
    return {name: getattr(organisation, name) for name in OURS}


def _style(organisation: Organisation) -> str:
    """Return the rules that replace those of web/src/style/tokens.css. `html:root` has precedence in any order."""
    light, dark = organisation.accent, organisation.accent_dark
    return (
        f"html:root{{{_accent(light)}--side:{organisation.panel};--wood:{organisation.panel}}}\n"
        f"@media (prefers-color-scheme: dark){{html:root{{{_accent(dark)}}}}}\n"
    )


def _accent(colour: str) -> str:
    return f"--leaf:{colour};--leaf-deep:{colour};--link:{colour};--on-leaf:{text_on(colour)};"


def _logo(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise Unusable(f"logo: {path.name} cannot be read ({type(fault).__name__})") from fault
    if len(content) > LARGEST_LOGO:
        raise Unusable(f"logo: {path.name} has more than {LARGEST_LOGO // 1024} kB")
    faults = _faults_of_svg(content) if path.suffix == ".svg" else _faults_of_png(content)
    if found := next(faults, ""):
        raise Unusable(f"logo: {path.name} {found}")
    return content


def _faults_of_png(content: bytes) -> Iterator[str]:
    if not content.startswith(_PNG):
        yield "is not a PNG image"


def _faults_of_svg(content: bytes) -> Iterator[str]:
    """What is not a drawing: somebody who opens the file itself would run it on the origin of the pages."""
    if b"<!" in content.replace(b"<!--", b""):
        yield "has a document type or entities"
        return
    try:
        root = ET.fromstring(content)  # noqa: S314  no entities, see above
    except ET.ParseError:
        yield "is not an SVG image"
        return
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        yield "is not an SVG image"
    for element in root.iter():
        if str(element.tag).rpartition("}")[2].lower() in {"script", "foreignobject", "iframe", "a", "animate", "set"}:
            yield f"has the element {str(element.tag).rpartition('}')[2]}"
        yield from (f"has the attribute {name}" for name, value in element.items() if _acts(name, value))


def _acts(name: str, value: Any) -> bool:
    own = name.rpartition("}")[2].lower()
    return own.startswith("on") or (own == "href" and not value.startswith("#")) or "url(" in value.replace("url(#", "")


def kind_of(name: str) -> str:
    """Return the media type of a file of `files`."""
    return _KINDS.get(Path(name).suffix, "text/css; charset=utf-8")
