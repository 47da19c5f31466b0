"""Define every error that the service answers with.

    SesameError
    ├── InvalidInput            the request is not well formed         bad_input            400
    │   ├── BodyTooLarge        more bytes than the endpoint accepts   too_large            413
    │   └── UnsupportedContent  not JSON in UTF-8                      unsupported_content  415
    ├── Refused                 the same answer for every cause        not_accepted         403
    │   ├── AnswerRefused       a wrong answer, with the next token    not_accepted         403
    │   ├── NoTriesLeft         no tries left for this method          no_tries_left        403
    │   ├── TooLate             every gate was passed, too long ago    too_late             403
    │   ├── Overtaken           the account changed since the proof    overtaken            403
    │   ├── ProofNotEnough      this account needs other methods       proof_not_enough     403
    │   ├── ManagedOnPremises   another directory has the password     managed_on_premises  403
    │   ├── ManagedElsewhere    another organisation has it        managed_elsewhere    403
    │   ├── ManagedByAdministrators  it has a role                 managed_by_administrators  403
    │   ├── NotLocked           there is no lock to end            not_locked           403
    │   ├── AccountDisabled     the directory does not let them in     account_disabled     403
    │   ├── SignInRequired      no valid session                       not_accepted         401
    │   └── SignInAgain         the session is too old for this step   sign_in_again        401
    ├── ProofRequired           a method must be proved before         proof_required       403
    │   └── ActivationRequired  what could was declared compromised    activation_required  403
    ├── Frozen                  self-service was stopped (rule 29)     frozen               403
    ├── PasswordChangeRequired  the session is for a new password  password_change_required  403
    ├── NotAllowed              signed in, but without the role        not_allowed          403
    ├── OriginRefused           the page's origin is not on the list   origin_refused       403
    ├── NotFound                no such method or route                not_found            404
    ├── Limited                 a limit was reached; has a wait        limited              429
    ├── BotCheckRequired        a solved bot check opens more          bot_check_required   403
    ├── PasswordRefused         the new password breaks a rule         password_refused     422
    ├── TryAgain                nothing was decided; repeat is safe    try_again            503
    ├── UnderWay                the same request is being carried out  under_way            503
    └── OutcomeUnknown          the password may have been changed     outcome_unknown      503

Long: one class for each answer.

`functions/_http.py` maps them to HTTP. A cause that a stranger must not learn goes into the audit event and never into
the public fields of the exception.

Long: one list of all errors is easier to read than several.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

RequestReason = Literal[
    "missing", "unknown", "wrong_type", "malformed", "duplicate", "too_deep", "not_allowed", "not_offered",
    "not_registered", "too_many", "already_proved", "needs_another", "disabled", "frozen", "no_request",
    "same_administrator",
]  # fmt: skip
"""What is wrong with the form of a request, or with what it asks for."""

TextReason = Literal[
    # bytes
    "charset", "compressed", "utf16", "not_utf8",
    # any text
    "too_short", "too_long", "wrong_length", "unknown_characters", "rounded",
    # a cell of a spreadsheet
    "date", "formula", "error_value", "unreadable",
    # a phone number
    "unknown_country", "no_country_code", "country_not_allowed", "not_mobile", "not_ordinary", "unassigned",
    "has_extension", "several_numbers", "opted_out",
    # an email address
    "no_at", "no_local_part", "no_domain", "domain_without_dot", "bad_domain", "has_blank", "several_addresses",
    "domain_not_allowed",
    # a code
    "no_code", "several_codes",
    # the answer to a security question
    "one_character", "too_common", "own_name", "in_question", "same_answer",
]  # fmt: skip
"""What is wrong with what somebody typed, pasted or sent. Each has a text in each language."""

ActRefusal = Literal["own_account", "privileged", "out_of_scope"]
"""Why somebody with a role may not do this to that account: it is their own, it has a role itself, or it is outside of
the scope of their role. Each has a text in each language."""

Reason = RequestReason | TextReason | ActRefusal
"""What is wrong with a field, as a stable word."""


class SesameError(Exception):
    """Base class of every error of the service. It is never raised itself."""

    code = "internal"


class InvalidInput(SesameError):
    """The request is malformed. `field` names the field, `reason` what is wrong with it."""

    code = "bad_input"

    def __init__(self, field: str, reason: Reason) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason: Reason = reason


class BodyTooLarge(InvalidInput):
    """The body has more bytes than the endpoint accepts (R-81)."""

    code = "too_large"


class UnsupportedContent(InvalidInput):
    """The content type is not JSON in UTF-8 (R-82)."""

    code = "unsupported_content"


class Refused(SesameError):
    """One answer for a wrong code, a used code, an unknown account and an expired token: strangers learn no cause."""

    code = "not_accepted"


class AnswerRefused(Refused):
    """An answer was not accepted. `tries_left` is how many more answers this gate takes by this method (rule 19).

    In a reset, `tries_left` comes from the verification, and `verification_token` is the token for the next step. In a
    registration there is no token: the person has signed in, so `tries_left` comes from the row.
    """

    def __init__(self, tries_left: int, verification_token: str | None = None) -> None:
        super().__init__()
        self.verification_token = verification_token
        self.tries_left = tries_left


class NoTriesLeft(AnswerRefused):
    """The gate takes no more answers by this method. Another method or a new start is needed (rule 19)."""

    code = "no_tries_left"


class TooLate(Refused):
    """The reset token has expired. Only whoever passed every gate has one, so the person may know."""

    code = "too_late"


class Overtaken(Refused):
    """A method or the password changed after the gates were passed. Only said after the full proof."""

    code = "overtaken"


class ProofNotEnough(Refused):
    """The gates were passed, but not by what this account needs (rule 22). Only said after the proof.

    `lacks` says what is missing, as in `shared/domain/gates.py`. `privileged`: the directory says that the
    account has a role.
    """

    code = "proof_not_enough"

    def __init__(self, lacks: Sequence[str] = (), *, privileged: bool = False) -> None:
        super().__init__(", ".join(lacks))
        self.lacks = tuple(lacks)
        self.privileged = privileged


class ManagedOnPremises(Refused):
    """The account is synchronised, and another directory has its password. Only said after the full proof."""

    code = "managed_on_premises"


class ManagedElsewhere(Refused):
    """Another organisation or identity provider has the password. Only said after the full proof."""

    code = "managed_elsewhere"


class ManagedByAdministrators(Refused):
    """The account has a role that this service must not be able to reset. Only said after the full proof."""

    code = "managed_by_administrators"


class NotLocked(Refused):
    """The directory has not locked the account. Only said after the full proof, which `reset_token` keeps."""

    code = "not_locked"

    def __init__(self, reset_token: str) -> None:
        super().__init__()
        self.reset_token = reset_token


class AccountDisabled(Refused):
    """The directory has disabled the account, or no longer has it. Only said after the full proof."""

    code = "account_disabled"


class SignInRequired(Refused):
    """There is no session, or it is no longer valid."""


class SignInAgain(SesameError):
    """The session is valid but too old to change a method (R-62)."""

    code = "sign_in_again"


class ProofRequired(SesameError):
    """A change of methods needs a proof by one of `methods` first (rule 20). Only the owner of a session learns it."""

    code = "proof_required"

    def __init__(self, methods: Sequence[str]) -> None:
        super().__init__(", ".join(methods))
        self.methods = tuple(methods)


class ActivationRequired(ProofRequired):
    """What could prove the change was declared compromised: it takes an activation code (rules 20 and 27)."""

    code = "activation_required"

    def __init__(self) -> None:
        super().__init__(())


class Frozen(SesameError):
    """Self-service is stopped for this account until an administrator looks (rule 29). Only its owner learns it."""

    code = "frozen"


class PasswordChangeRequired(SesameError):
    """The password has expired or must be changed: this session is good for choosing another one alone (M11)."""

    code = "password_change_required"


class NotAllowed(SesameError):
    """The session is valid, but lacks the role that the act needs. `reason`: or the act is not for that account."""

    code = "not_allowed"

    def __init__(self, reason: ActRefusal | None = None) -> None:
        super().__init__(reason or "no role")
        self.reason = reason


class OriginRefused(SesameError):
    """A browser sent the request from an origin that is not on the list (R-82)."""

    code = "origin_refused"


class NotFound(SesameError):
    """This build does not offer that method name or resource."""

    code = "not_found"


class Opens(StrEnum):
    """What opens a limit that was reached. It derives from the limit only, so it tells nothing about an account."""

    TIME = "time"
    """The wait of `retry_after`."""
    BOT_CHECK = "bot_check"
    """A solved bot check (rule 25)."""
    KNOWN_CLIENT = "known_client"
    """An address from which somebody signed in, registered or reset a password with this name (rule 10)."""
    NEW_START = "new_start"
    """Another verification."""


class Limited(SesameError):
    """A limit was reached. `retry_after` is in whole seconds; `opens` has everything that opens the limit."""

    code = "limited"

    def __init__(self, retry_after: int, *more: Opens) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
        self.opens = (Opens.TIME, *more)


class BotCheckRequired(SesameError):
    """A limit was reached that a solved bot check opens (rule 25). `bot_check` is the challenge to solve."""

    code = "bot_check_required"

    def __init__(self, bot_check: Mapping[str, Any] | None = None, *more: Opens) -> None:
        super().__init__("bot check")
        self.bot_check = bot_check
        self.opens = (Opens.BOT_CHECK, *more)


class PasswordRefused(SesameError):
    """The new password breaks at least one rule. `reset_token`, where there is one, allows another try."""

    code = "password_refused"

    def __init__(self, reasons: Sequence[str], reset_token: str | None = None) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)
        self.reset_token = reset_token


class TryAgain(SesameError):
    """Nothing was decided: the store did not answer, or too many writes met. `retry_after` is in whole seconds."""

    code = "try_again"

    def __init__(self, retry_after: int = 1, *, reset_token: str | None = None) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
        self.reset_token = reset_token
        """Allows another try without proving everything again. None where the request had no reset token."""


class UnderWay(SesameError):
    """The same request came before and is being carried out. A later repeat gets its outcome (rule 30)."""

    code = "under_way"
    retry_after = 5
    """In whole seconds."""


class OutcomeUnknown(SesameError):
    """The directory did not say whether it set the password. It is not asked again; a notice tells (rule 11)."""

    code = "outcome_unknown"
