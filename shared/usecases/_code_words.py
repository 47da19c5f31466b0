"""Which words go with a code: those of a message, or of a call."""

from collections.abc import Mapping
from typing import Final

from shared.domain.person import Purpose

TEMPLATES: Final[Mapping[Purpose, str]] = {
    Purpose.RESET: "code",
    Purpose.REGISTRATION: "code_registration",
    Purpose.CHANGE: "code_change",
}
