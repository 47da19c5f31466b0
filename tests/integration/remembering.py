"""A caller that records every secret that it sends or receives."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.integration.journey import Api
from tests.integration.leak_scan import Secret

SECRET_FIELDS = frozenset(
    {
        "password", "current_password", "new_password", "answer", "token", "verification_token", "reset_token",
        "contact", "email", "mobile_phone", "office_phone",
    }
)  # fmt: skip


@dataclass(eq=False)
class RememberingApi(Api):
    """`secrets` contains what was sent and received, each with the place where it was seen first."""

    secrets: dict[str, Secret] = field(default_factory=dict)

    def post(self, path: str, body: Any, token: str | None = None) -> httpx.Response:
        self.remember(path, body)
        answer = super().post(path, body, token)
        if answer.content:
            self.remember(path, answer.json())
        return answer

    def remember(self, path: str, data: Any) -> None:
        """Record every secret in some JSON."""
        if isinstance(data, list):
            for item in data:
                self.remember(path, item)
        elif isinstance(data, dict):
            for name, value in data.items():
                if name in SECRET_FIELDS and isinstance(value, str):
                    self.keep(f"{name} of {path}", value)
                self.remember(path, value)

    def keep(self, name: str, text: str) -> None:
        """Record one secret; for a phone number also its digits only."""
        number = f"{len(self.secrets)}: {name}"
        self.secrets.setdefault(text, Secret(number, text))
        digits = "".join(filter(str.isdigit, text))
        if len(digits) >= 8 and not any(map(str.isalpha, text)):
            self.secrets.setdefault(digits, Secret(f"{number}, digits only", digits))
