"""Choose the sender of a text by the country of its number, and say why a country has none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.domain.sender_reach import (
    HEARS_REPLIES,
    NEEDS_NO_REGISTRATION,
    NEEDS_REGISTRATION,
    REACH,
    SenderKind,
)


@dataclass(frozen=True, slots=True)
class Sender:
    """A declared sender, and the countries to which it sends."""

    text: str
    """As the provider takes it: `+18005550199`, `24680` or `Contoso`."""
    kind: SenderKind
    countries: frozenset[str]

    @property
    def hears_replies(self) -> bool:
        """Whether a person can answer it with STOP or START."""
        return self.kind in HEARS_REPLIES


def sender_to(country: str, senders: Sequence[Sender]) -> Sender | None:
    """Return the first sender, in the operator's order, that sends to that country. None if no one does."""
    return next((sender for sender in senders if country in sender.countries), None)


def reached_by(senders: Collection[Sender]) -> tuple[str, ...]:
    """Return the countries that the senders reach, in the order of their codes."""
    return tuple(sorted({country for sender in senders for country in sender.countries}))


def faults_of_countries(countries: Collection[str], senders: Sequence[Sender]) -> list[str]:
    """Return a fault for each country that no sender reaches: why, and which kind of sender would."""
    return [
        f"countries: no sender reaches {country}: {'; '.join(_why_not(country, sender) for sender in senders)}. "
        + _what_would(country)
        for country in countries
        if sender_to(country, senders) is None
    ]


def _why_not(country: str, sender: Sender) -> str:
    if country not in REACH[sender.kind]:
        only = "" if sender.kind is SenderKind.NAME else f" (only to {_listed(REACH[sender.kind])})"
        return f"{sender.text} is {sender.kind.phrase}, and {sender.kind}s cannot send to {country}{only}"
    if sender.kind is SenderKind.NAME and country in NEEDS_REGISTRATION:
        return f"{sender.text} must be registered in {country} and then declared as {sender.text}:{country}"
    return f"{sender.text} is declared for {_listed(sender.countries)}"


def _what_would(country: str) -> str:
    kinds = [kind.phrase for kind in SenderKind if kind is not SenderKind.NAME and country in REACH[kind]]
    if country in NEEDS_NO_REGISTRATION:
        kinds.append("an alphanumeric sender")
    elif country in NEEDS_REGISTRATION:
        kinds.append("a registered alphanumeric sender")
    return f"Declare {' or '.join(kinds)}" if kinds else "No kind of sender reaches it: leave it out"


def _listed(countries: Collection[str]) -> str:
    return ", ".join(sorted(countries))
