"""Check an email address. Only common forms are accepted, far fewer than RFC 5321 and 5322 allow.

Accepted: `local@domain` with nothing around it except ASCII blanks.

* local: a Dot-string (RFC 5321 section 4.1.2) of 1 to 64 ASCII characters, without exclamation marks and percent signs
  (old mail servers route by them) and without bars and backquotes (shells interpret them). No quotes, no comments.
* domain: at least two labels of letters, digits and inner hyphens, the last one not a number. A label with other
  letters must be a valid IDNA 2008 label and becomes its A-label. Characters are not folded: full-width letters and
  the Kelvin sign are refused and not read as the ASCII that they resemble (A-20). No IP literals.
* At most 254 characters in all, as stored.

So a mail library cannot split an accepted text into two recipients, end a header with it, or read it as another
address than the stored one (A-18, A-22, A-24).
"""

import re
from collections.abc import Collection
from typing import Final

from shared.domain.contact import EmailAddress
from shared.domain.errors import InvalidInput

MAX_CHARACTERS: Final = 254  # RFC 5321 section 4.5.3.1.3 less the angle brackets
_MAX_LOCAL: Final = 64  # RFC 5321 section 4.5.3.1.1

_ATOM: Final = r"[A-Za-z0-9#$&'*+/=?^_{}~-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_A_LABEL_PREFIX: Final = "xn--"


def email_address(text: str, *, refused_domains: Collection[str] = (), field: str = "contact") -> EmailAddress:
    """Return the address, or raise InvalidInput at `field`.

    `refused_domains` are domains, in ASCII, whose mailboxes are locked together with the account (M4). An entry is one
    domain; `*.example.org` is every domain below example.org.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(field, "too_long")
    local, at, typed_domain = text.strip(" ").rpartition("@")
    if not at or len(local) > _MAX_LOCAL or _LOCAL.fullmatch(local) is None:
        raise InvalidInput(field, "malformed")
    labels = [_ascii_label(label, field) for label in typed_domain.split(".")]
    domain = ".".join(labels)
    if len(labels) < 2 or labels[-1].isdigit():
        raise InvalidInput(field, "malformed")
    if len(local) + 1 + len(domain) > MAX_CHARACTERS:
        raise InvalidInput(field, "too_long")
    refused = {entry.lower() for entry in refused_domains}
    if domain in refused or any(f"*.{parent}" in refused for parent in _parents(labels)):
        raise InvalidInput(field, "not_allowed")
    return EmailAddress(f"{local}@{domain}")


def _ascii_label(typed: str, field: str) -> str:
    label = "".join(character.lower() if character.isascii() else character for character in typed)
    if label.isascii() and not label.startswith(_A_LABEL_PREFIX):
        if _LABEL.fullmatch(label) is None or label[2:4] == "--":  # `??--` is reserved (RFC 5890 section 2.3.1)
            raise InvalidInput(field, "malformed")
        return label
    import idna  # noqa: PLC0415  (14 ms of cold start, rarely needed)

    try:
        return idna.alabel(label).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise InvalidInput(field, "malformed") from None  # the message quotes the address


def _parents(labels: list[str]) -> list[str]:
    return [".".join(labels[start:]) for start in range(1, len(labels))]
