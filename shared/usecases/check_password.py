"""Check a candidate password against the rules while it is being typed; nothing is logged, stored or counted."""

from dataclasses import dataclass

from shared.domain.password_rules import RuleResult
from shared.usecases._password_rules import PasswordRules


@dataclass(frozen=True, slots=True)
class CheckPassword:
    """The rules that need no account; a directory's own may still refuse at the end."""

    rules: PasswordRules

    async def __call__(self, candidate: str) -> tuple[RuleResult, ...]:
        return await self.rules.results(candidate)
