"""Check the fields of a request to prove or to register a method, by the family of the method."""

from collections.abc import Collection

from shared.domain.errors import InvalidInput
from shared.methods import SentCodeMethod, channels_of


def chosen_channel(method: SentCodeMethod, channel: str | None, offered: Collection[str]) -> str:
    """Return the requested channel, or the default. Raises InvalidInput if the method lacks it here.

    `offered` are the channels of the installation. They depend on no account (rule 9).
    """
    channels = channels_of(method.name, offered)
    if channel not in {None, *channels} or not channels:
        raise InvalidInput("channel", "not_offered")
    return channel or channels[0]


def refuse_what_only_codes_have(channel: str | None, contact: str | None) -> None:
    """Raise InvalidInput for a channel or a contact. Call it for a kept secret, for which nothing is sent."""
    for field, given in (("channel", channel), ("contact", contact)):
        if given is not None:
            raise InvalidInput(field, "not_allowed")
