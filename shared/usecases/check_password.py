"""Check a candidate password while it is typed. Nothing is logged, stored or counted."""

from dataclasses import dataclass

from shared.domain.password_rules import RuleResult
from shared.usecases._password_rules import PasswordRules


@dataclass(frozen=True, slots=True)
class CheckPassword:
    """Checks the rules that need no account. The directory may still refuse the password at the end."""

    rules: PasswordRules

    async def __call__(self, candidate: str) -> tuple[RuleResult, ...]:
        return await self.rules.results(candidate)
