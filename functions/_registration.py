"""Define the answer of every endpoint that shows or changes one's own registration."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from functions._contract import ChannelName, MethodName
from shared.domain.account import PROTECTED
from shared.domain.gates import Lack
from shared.domain.language import Language
from shared.domain.roles import Role
from shared.validation.model import Answer

RoleName = Annotated[str, Field(json_schema_extra={"enum": [*Role, PROTECTED]})]
CredentialId = Annotated[str, Field(min_length=1, max_length=32, description="one of several kept secrets of a method")]


MethodStateName = Literal[
    "prefilled", "pending", "confirmed", "renew", "compromised", "stale", "suspect", "opted_out", "used_up"
]
SourceName = Literal["administrator", "directory", "self"]


class MethodAnswer(Answer):
    """One registered method, shown to its owner.

    Renew: an administrator asked that it be confirmed again. From `opens_until` on it resets no password before that,
    and proves changes all the same.

    Compromised: an administrator declared that somebody else may have it. It proves nothing, and only a session that an
    activation code opened confirms it again. A proof by another method still replaces or removes it.

    Suspect: a provider could not deliver there. It still proves; confirm it again, or replace it. Opted out: its owner
    answered a text with STOP, so nothing is texted there until they text START to `start_to`. Used up: it has no code
    left and proves nothing; replace it.
    """

    method: MethodName
    credential: str = Field(description="which of several kept secrets; empty for a contact")
    contact: str = Field(description="in full; empty for a kept secret")
    masked: str = Field(description="the same with few characters; empty for a kept secret")
    label: str
    state: MethodStateName
    source: SourceName = Field(description="who entered it; of a pending one, who is entering it")
    set_at: datetime | None = Field(description="since when it has been here; null while it is pending")
    confirmed_at: datetime | None
    usable_from: datetime | None
    pending_contact: str | None = Field(description="the contact of a change whose code was not entered yet")
    left: int | None = Field(description="how many codes of a set are left; null for everything else")
    reconfirm: bool = Field(description="the page asks whether it is still right; `me/reconfirm` answers")
    opens_until: datetime | None = Field(description="of one to be renewed: until when it still resets a password")
    needed: bool = Field(description="without it, the others no longer open every gate")
    permission: str = Field(
        description="of what an administrator entered: on which basis it may be used; empty where none was said"
    )
    attested_by: str = Field(description="who says so")
    offered_contact: str = Field(
        description="what an administrator put in the place of a confirmed one; begin without a contact to confirm it"
    )
    start_to: str = Field(description="where to text START; empty unless opted out, and where no reply can be read")


class RegistrationAnswer(Answer):
    """The own registration. It may lack something that is asked for although a reset is possible (`ready`)."""

    methods: tuple[MethodAnswer, ...]
    missing: tuple[MethodName, ...] = Field(description="the methods that supply some of what it lacks")
    lacks: tuple[Lack, ...] = Field(description="why more is asked for; empty once the registration is complete")
    asked: int = Field(description="methods of different classes that are asked for; a reset may need fewer")
    addable: tuple[MethodName, ...] = Field(description="the methods of which one more may be added now")
    due_at: datetime | None
    snooze_days: int = Field(description="for how long the question may be put off; 0: not, or not any more")
    snoozed_until: datetime | None = Field(description="until when it was put off")
    roles: tuple[RoleName, ...]
    offered: tuple[MethodName, ...]
    channels: dict[MethodName, tuple[ChannelName, ...]] = Field(
        description="by method whose code is sent: how it can go, the default first"
    )
    ready: bool = Field(description="the methods that can be used now open every gate")
    ready_from: datetime | None = Field(description="when they will, without another method")
    needs_activation: bool = Field(
        description="what could prove a change was declared compromised: it takes an activation code"
    )
    frozen: bool = Field(description="self-service is stopped until an administrator looks; every change is refused")
    loss_wait_ends_at: datetime | None = Field(description="when a method may be added without a proof; null: no wait")
    loss_wait_lapses_at: datetime | None = Field(description="until when that is so")
    language: Language | None = Field(description="chosen for messages; null: that of the pages")
    time_zone: str | None = Field(description="chosen for messages (IANA name); null: that of the organisation")
