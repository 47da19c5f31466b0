"""What each endpoint takes: exact fields, exact types, bounded lengths (R-80). OpenAPI is made from these."""

from typing import Annotated

from msgspec import Meta, Struct

Identifier = Annotated[str, Meta(max_length=320, description="the account name as typed; at most 320 bytes")]
Password = Annotated[str, Meta(min_length=1, max_length=1024, description="a password; sent as it is")]
Candidate = Annotated[
    str, Meta(max_length=4096, description="a new password; too long is a broken rule, not a bad field")
]
Token = Annotated[str, Meta(min_length=1, max_length=2048)]
MethodName = Annotated[str, Meta(min_length=1, max_length=32, description="such as `email` or `mobile_phone`")]
ChannelName = Annotated[str, Meta(min_length=1, max_length=16, description="such as `sms`")]
ContactText = Annotated[str, Meta(min_length=1, max_length=320, description="an address or a number as typed")]
Answer = Annotated[str, Meta(min_length=1, max_length=32, description="the code as typed; blanks are ignored")]


class SessionRequest(Struct, forbid_unknown_fields=True):
    """Sign in with the directory's own name and password."""

    identifier: Identifier
    password: Password


class EmptyRequest(Struct, forbid_unknown_fields=True):
    """An empty object: the address says it all."""


class BeginRequest(Struct, forbid_unknown_fields=True):
    """Begin to register a contact; without one, the prefilled contact is to be confirmed."""

    contact: ContactText | None = None
    channel: ChannelName | None = None


class ConfirmRequest(Struct, forbid_unknown_fields=True):
    """The code that came to the new contact."""

    answer: Answer


class ChangePasswordRequest(Struct, forbid_unknown_fields=True):
    """Change a known password."""

    current_password: Password
    new_password: Candidate


class StartRequest(Struct, forbid_unknown_fields=True):
    """Name the account whose password is forgotten."""

    identifier: Identifier


class ChallengeRequest(Struct, forbid_unknown_fields=True):
    """Ask for a code. A `contact` is only compared with the stored one."""

    verification_token: Token
    method: MethodName
    channel: ChannelName | None = None
    contact: ContactText | None = None


class VerifyRequest(Struct, forbid_unknown_fields=True):
    """Answer the current challenge."""

    verification_token: Token
    answer: Answer


class CompleteRequest(Struct, forbid_unknown_fields=True):
    """Set the new password."""

    reset_token: Token
    new_password: Candidate


class PasswordCheckRequest(Struct, forbid_unknown_fields=True):
    """A candidate password to be held against the rules."""

    new_password: Candidate


class EraseRequest(Struct, forbid_unknown_fields=True):
    """Name the person about whom nothing is to be kept."""

    identifier: Identifier


class PrefillRowRequest(Struct, forbid_unknown_fields=True):
    """One person's contacts, as an administrator knows them."""

    identifier: Annotated[str, Meta(max_length=1024)]
    mobile_phone: Annotated[str, Meta(max_length=320)] | None = None
    office_phone: Annotated[str, Meta(max_length=320)] | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    language: Annotated[str, Meta(max_length=16)] | None = None


class PrefillRequest(Struct, forbid_unknown_fields=True):
    """Many people's contacts; `dry_run` judges and writes nothing."""

    rows: Annotated[list[PrefillRowRequest], Meta(min_length=1, max_length=5000)]
    dry_run: bool = False
