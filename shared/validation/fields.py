"""Define the fields of requests, with the bounds that the OpenAPI document shows (R-80)."""

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from shared.validation.identifier import CanonicalIdentifier, canonical_identifier
from shared.validation.time_zone import zone_name


def _whole(value: object) -> object:
    """Return 5.0 as 5: in JSON they are one number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE: Final = BeforeValidator(_whole)
Identifier = Annotated[
    CanonicalIdentifier,
    Field(
        min_length=1,
        max_length=320,
        description="the account name as typed; at most 320 bytes, not only blanks",
    ),
    AfterValidator(canonical_identifier),
]
Password = Annotated[str, Field(min_length=1, max_length=1024, description="a password; sent as it is")]
Candidate = Annotated[
    str, Field(max_length=4096, description="a new password; too long is a broken rule, not a bad field")
]
Token = Annotated[str, Field(min_length=1, max_length=2048)]
BotCheckSolution = Annotated[
    str, Field(min_length=1, max_length=2048, description="the solution of the problem's `bot_check` (ALTCHA, base64)")
]
TimeZone = Annotated[
    str,
    Field(min_length=1, max_length=32, description="IANA name, such as Pacific/Auckland"),
    AfterValidator(zone_name),
]
ContactText = Annotated[str, Field(min_length=1, max_length=320, description="an address or a number as typed")]
AnswerText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        description="the answer as typed or pasted: a code with anything between its digits that nobody means, or the "
        "whole message with it; of a passkey, the browser's credential as JSON",
    ),
]
