"""Write the letter with an activation code, in the language of the person, with a QR image of the page's address.

The image holds the address and nothing else: no code and no name, also not after a `#` (rule 27).
"""

import html
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Final

import segno

from shared.domain.language import Language
from shared.messages.catalogue import filled, text

QUIET: Final = 4
"""Modules of the ground colour around the image, which cameras need (ISO/IEC 18004)."""

BLOCKS: Final = " \u2580\u2584\u2588"
"""A blank, the upper half, the lower half and both."""

_PAGE: Final = Template(
    """<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<title>$title</title>
<style>
body { font: 12pt/1.5 serif; margin: 2cm; white-space: pre-wrap }
svg { display: block; width: 4cm; height: 4cm; margin-top: 1em }
</style>
<body>$body
$image</body>
</html>
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter says. `code` is as people read it, in groups."""

    language: Language
    organisation: str
    to: str
    """The lines of an address, or a name. Empty: left out."""
    name: str
    code: str
    page: str
    until: datetime
    first_password: bool
    helpdesk: str

    def __repr__(self) -> str:
        """Show no field: a letter in a log must not reveal the code (R-101)."""
        return "Letter()"


def as_text(letter: Letter, *, terminal: bool = False) -> str:
    """Return the letter as text, with the image in characters.

    In a terminal it is black on white whatever its colours are; elsewhere it is as the paper is.
    """
    lines = _image(letter.page)
    image = (f"\033[30;107m{line}\033[0m" for line in lines) if terminal else (line.rstrip() for line in lines)
    return f"{_body(letter)}\n\n" + "\n".join(image) + "\n"


def as_html(letter: Letter) -> str:
    """Return the letter as a page to print, which loads nothing."""
    image = segno.make(letter.page, micro=False, error="m").svg_inline(border=QUIET)
    body = _body(letter)
    title = html.escape(letter.organisation)
    return _PAGE.substitute(language=letter.language, title=title, body=html.escape(body), image=image)


def _body(letter: Letter) -> str:
    pattern = text(letter.language, "letter", "body")
    for field in ("to", "helpdesk"):
        if not getattr(letter, field):
            pattern = "\n".join(line for line in pattern.split("\n") if f"{{{field}}}" not in line)
    said = filled(
        letter.language,
        pattern,
        {
            "to": letter.to,
            "organisation": letter.organisation,
            "name": letter.name,
            "code": letter.code,
            "page": letter.page,
            "until": letter.until,
            "first": "yes" if letter.first_password else "no",
            "helpdesk": letter.helpdesk,
        },
    )
    return said.strip()


def _image(address: str) -> list[str]:
    """Return two rows of modules in each line of text. Dark modules are characters, so that they are ink on paper."""
    modules = segno.make(address, micro=False, error="m").matrix_iter(border=QUIET)
    rows = [[bool(module) for module in row] for row in modules]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(BLOCKS[upper + 2 * lower] for upper, lower in zip(*pair, strict=True)) for pair in pairs]
