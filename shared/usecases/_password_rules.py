"""Check a password with the blocklist and the context words of this installation."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from shared.domain.organisation import Organisation
from shared.domain.password_rules import PasswordLimits, RuleResult, check_password
from shared.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """`blocklist` is a function, so that the list is read from its file only when it is first needed."""

    blocklist: Callable[[], Awaitable[frozenset[str]]]
    organisation: Organisation
    policy: Policy

    async def results(self, candidate: str, *, context: Iterable[str] = ()) -> tuple[RuleResult, ...]:
        """Return the result of every rule, in the order in which a page shows them."""
        limits = PasswordLimits(min_length=self.policy.password_min_length, max_length=self.policy.password_max_length)
        words = (self.organisation.name, self.organisation.short_name, *self.policy.context_words, *context)
        return check_password(candidate, limits=limits, blocklist=await self.blocklist(), context_words=words)

    async def broken(self, candidate: str, *, context: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the names of the rules that the candidate breaks."""
        return tuple(result.rule for result in await self.results(candidate, context=context) if not result.passed)
