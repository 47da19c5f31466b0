"""Read an email address as people paste it, and check it. Far fewer forms are accepted than RFC 5321 and 5322 allow.

Read: `mailto:` with its parameters, a name with the address in angle brackets, quotes and punctuation around it.

* local: a Dot-string (RFC 5321 section 4.1.2) of 1 to 64 ASCII characters, without exclamation marks and percent signs
  (old mail servers route by them) and without bars and backquotes (shells interpret them). No quotes, no comments.
  Letters of other scripts are refused here, because the provider cannot send to them.
* domain: at least two labels, mapped by UTS 46 (case, width, ideographic full stop) and valid under IDNA 2008, as
  A-labels. The last one is not a number. No IP literals.
* At most 254 characters in all, as stored.

So a mail library cannot split an accepted text into two recipients, end a header with it, or read it as another
address than the stored one (A-18, A-22, A-24). A domain that only resembles another one after the mapping is no attack:
the address counts after a code that was sent to it came back (A-20, R-63).
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import unquote

from shared.domain.contact import EmailAddress
from shared.domain.errors import InvalidInput, Reason
from shared.validation.typed_text import cleaned

MAX_CHARACTERS: Final = 254  # RFC 5321 section 4.5.3.1.3 less the angle brackets
_MAX_LOCAL: Final = 64  # RFC 5321 section 4.5.3.1.1
_MAX_TYPED: Final = 320  # with a name or a scheme around it

_AROUND: Final = " '\"<>()[],;:."
"""What stands around an address that was copied from a list or a sentence. An apostrophe within an address stays."""

_NAMED: Final = re.compile(r"[^<>@]*<([^<>]*)>[ ,;.]*")
_ATOM: Final = r"[A-Za-z0-9#$&'*+/=?^_{}~-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_A_LABEL_PREFIX: Final = "xn--"


def email_address(text: str, *, refused_domains: Collection[str] = (), field: str = "contact") -> EmailAddress:
    """Return the address, or raise InvalidInput at `field`.

    `refused_domains` are domains, in ASCII, whose mailboxes are locked together with the account (M4). An entry is one
    domain; `*.example.org` is every domain below example.org.
    """
    if len(text) > _MAX_TYPED:
        raise InvalidInput(field, "too_long")
    typed = _bare(cleaned(text))
    local, at, typed_domain = typed.rpartition("@")
    if reason := _fault(typed, local, at, typed_domain):
        raise InvalidInput(field, reason)
    labels = _ascii_labels(typed_domain, field)
    domain = ".".join(labels)
    if len(local) + 1 + len(domain) > MAX_CHARACTERS:
        raise InvalidInput(field, "too_long")
    refused = {entry.lower() for entry in refused_domains}
    if domain in refused or any(f"*.{parent}" in refused for parent in _parents(labels)):
        raise InvalidInput(field, "domain_not_allowed")
    address = f"{local}@{domain}"
    fits = len(f"{address} {typed}".encode()) <= MAX_CHARACTERS  # a row has its place for one address
    return EmailAddress(address, typed if typed != address and fits else "")


def _bare(typed: str) -> str:
    """Return the address without what people copy with it."""
    if named := _NAMED.fullmatch(typed):
        typed = named[1]
    typed = typed.strip(_AROUND)
    if typed.lower().startswith("mailto:"):
        typed = unquote(typed[len("mailto:") :].partition("?")[0].lstrip("/"))
    return cleaned(typed).replace("\u3002", ".").strip(_AROUND)


def _fault(typed: str, local: str, at: str, domain: str) -> Reason | None:
    """Return what is wrong with the parts."""
    if not typed:
        return "missing"
    if not at:
        return "no_at"
    if "@" in local:
        return "several_addresses"
    if not local:
        return "no_local_part"
    if not domain:
        return "no_domain"
    if " " in typed:
        return "has_blank"
    if len(local) > _MAX_LOCAL:
        return "too_long"
    return None if _LOCAL.fullmatch(local) else "unknown_characters"


def _ascii_labels(typed: str, field: str) -> list[str]:
    """Return the labels of the domain in ASCII."""
    labels = typed.lower().split(".")
    if not typed.isascii() or any(label.startswith(_A_LABEL_PREFIX) for label in labels):
        import idna  # noqa: PLC0415  (14 ms of cold start, rarely needed)

        try:
            labels = idna.encode(typed, uts46=True, std3_rules=True).decode("ascii").split(".")
        except (idna.IDNAError, UnicodeError):
            raise InvalidInput(field, "bad_domain") from None  # the message quotes the address
    elif not all(_LABEL.fullmatch(label) and label[2:4] != "--" for label in labels):
        raise InvalidInput(field, "bad_domain")  # `??--` is reserved (RFC 5890 section 2.3.1)
    if len(labels) < 2:
        raise InvalidInput(field, "domain_without_dot")
    if labels[-1].isdigit():
        raise InvalidInput(field, "bad_domain")
    return labels


def _parents(labels: list[str]) -> list[str]:
    return [".".join(labels[start:]) for start in range(1, len(labels))]
