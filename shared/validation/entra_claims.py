"""Read the claims of an access token of Microsoft Entra ID (Microsoft, "Access token claims reference", v2.0)."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.entra_apps import SCOPE

Guid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Seconds = Annotated[int, Field(ge=0, lt=2**37)]
"""Since 1970, and before the year 6326: a `datetime` ends with 9999."""


class EntraClaims(BaseModel):
    """What the service needs of them. Names and addresses are not read: they change, and may be another's (R-61)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="ignore", strict=True, frozen=True, defer_build=True, hide_input_in_errors=True
    )

    ver: Literal["2.0"]
    tid: Guid
    oid: Guid
    azp: Guid
    """The application that asked for the token."""
    scp: Annotated[str, Field(pattern=rf"^(\S+ )*{SCOPE}( \S+)*$")]
    """Permissions that a person gave. A token of an application alone has none."""
    idtyp: Literal["user"] = "user"
    """`app` in the token of an application alone, where the registration asks for this claim."""
    uti: Annotated[str, Field(min_length=1, max_length=128)]
    """The token's own id."""
    iat: Seconds
    nbf: Seconds
    exp: Seconds
    auth_time: Seconds
    """When the person proved who they are. The registration of the API must ask for this claim."""
    roles: list[str] = []
    """The app roles of the person."""
