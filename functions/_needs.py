"""Say what an endpoint needs of its caller (D3)."""

from enum import StrEnum

from shared.domain.errors import (
    Frozen,
    NotAllowed,
    PasswordChangeRequired,
    SesameError,
    SignInAgain,
    SignInRequired,
)
from shared.domain.roles import Right


class Needs(StrEnum):
    """The session that a person needs. Staff need a Right; an endpoint without either is for everybody."""

    SIGNED_IN = "signed_in"
    REGISTERING = "registering"
    """Signed in, or with an activation (rule 27), which admits to what says so and to nothing else."""
    ACTIVATED = "activated"


def errors_of(needs: Needs | Right | None) -> tuple[type[SesameError], ...]:
    """Return the errors that it adds to those of an endpoint."""
    match needs:
        case None:
            return ()
        case Needs.ACTIVATED:
            return (SignInRequired,)
        case Needs():
            return (SignInRequired, PasswordChangeRequired)
        case _:
            again = (SignInAgain,) if needs.writes else ()
            return (SignInRequired, PasswordChangeRequired, *again, Frozen, NotAllowed)
