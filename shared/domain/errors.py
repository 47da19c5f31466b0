"""Every way in which the service says no.

    SesameError
    ├── InvalidInput            the request is not well formed         bad_input            400
    │   ├── BodyTooLarge        more bytes than an endpoint takes      too_large            413
    │   └── UnsupportedContent  not JSON in UTF-8                      unsupported_content  415
    ├── Refused                 the one public "no", whatever the cause   not_accepted      403
    │   ├── SignInRequired      no valid session                       not_accepted         401
    │   └── SignInAgain         the session is too old for this step   sign_in_again        401
    ├── NotAllowed              signed in, but without the role        not_allowed          403
    ├── OriginRefused           a browser page that is not ours        origin_refused       403
    ├── NotFound                no such method or route                not_found            404
    ├── Limited                 too often; says when to come back      limited              429
    ├── PasswordRefused         the new password breaks a rule         password_refused     422
    ├── TryAgain                nothing was decided, nothing was lost  try_again            503
    └── OutcomeUnknown          the directory did not say if it wrote  outcome_unknown      503

`functions/_http.py` holds the one table from these to HTTP. A cause that a stranger must not learn goes to the
audit event, never into the exception's public fields.
"""

from collections.abc import Sequence


class SesameError(Exception):
    """Never raised itself; every error of the service derives from it."""

    code = "internal"


class InvalidInput(SesameError):
    """The request is malformed: `field` names the place, `reason` is a stable word such as `unknown` or `too_long`."""

    code = "bad_input"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class BodyTooLarge(InvalidInput):
    """More bytes than the endpoint takes (R-81)."""

    code = "too_large"


class UnsupportedContent(InvalidInput):
    """The content type is not JSON in UTF-8 (R-82)."""

    code = "unsupported_content"


class Refused(SesameError):
    """The one public "no": a wrong code, a spent one, an unknown account and a stale token all read the same."""

    code = "not_accepted"


class SignInRequired(Refused):
    """No session, or one that is no longer valid."""


class SignInAgain(SesameError):
    """The session is valid but too old to change a method (R-62)."""

    code = "sign_in_again"


class NotAllowed(SesameError):
    """A valid session without the role that the endpoint asks for."""

    code = "not_allowed"


class OriginRefused(SesameError):
    """A browser sent this from a page that is not on the list (R-82)."""

    code = "origin_refused"


class NotFound(SesameError):
    """A method name or a resource that this build does not offer."""

    code = "not_found"


class Limited(SesameError):
    """A limit was reached; `retry_after` is in whole seconds."""

    code = "limited"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class PasswordRefused(SesameError):
    """The new password breaks at least one rule; `reset_token` keeps the proof for another try, where there is one."""

    code = "password_refused"

    def __init__(self, reasons: Sequence[str], reset_token: str | None = None) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)
        self.reset_token = reset_token


class TryAgain(SesameError):
    """Nothing was decided: the store was lost, or too many others wrote at once. `retry_after` is in whole seconds."""

    code = "try_again"

    def __init__(self, retry_after: int = 1, *, reset_token: str | None = None) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
        self.reset_token = reset_token
        """Keeps the proof for another try, where there is one."""


class OutcomeUnknown(SesameError):
    """The directory may or may not hold the new password; it is never asked twice, and the person is told (rule 11)."""

    code = "outcome_unknown"
