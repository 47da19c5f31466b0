"""Check a candidate password while it is typed. The candidate is neither logged nor stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import SesameError
from shared.domain.gates import needed_for_reset, on_row, proofs_of
from shared.domain.limits import NAMED_CHECKS
from shared.domain.password_rules import Rule, RuleResult
from shared.domain.policy import Policy
from shared.domain.trail import Trail
from shared.domain.verification import ResetGrant
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.people import People
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._limits import Limits
from shared.usecases._password_rules import PasswordRules


@dataclass(frozen=True, slots=True)
class CheckPassword:
    """With a reset token, also the rule that needs the person's names. The directory may still refuse the password."""

    rules: PasswordRules
    people: People
    directory: Directory
    limits: Limits
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(
        self, candidate: str, trail: Trail, *, token: str | None = None, client: str = ""
    ) -> tuple[RuleResult, ...]:
        """Return the result of every rule. `passed` is None where it cannot be known without the names."""
        names = await self._names(token, trail, client) if token else ()
        results = await self.rules.results(candidate, context=names)
        return tuple(result.unknown() if _needs_names(result) and not names else result for result in results)

    async def _names(self, token: str, trail: Trail, client: str) -> Sequence[str]:
        """Return the person's names. Empty where token and row do not agree on every gate, or no answer comes (rule 5).

        A candidate is an aid while typing: nothing that fails here may hold up the page. Past the limit the directory
        is not asked any more, so that a token is no way to make it work without end (rule 24).
        """
        try:
            grant = self.tokens.open(TokenPurpose.RESET, token, ResetGrant)
            if self.clock.now() >= grant.expires_at:
                return ()
            await self.limits.enforce(NAMED_CHECKS, trail, client=client, verification=grant.verification)
            person = (await self.people.read(grant.account)).person
            offered = tuple(gate for gate in grant.passed if gate.method in self.policy.methods)
            proofs = proofs_of(person, on_row(person, grant.verification, offered), self.policy, self.clock.now())
            needed = needed_for_reset(self.policy, privileged=person.privileged)
            if person.version != grant.version or not needed.is_met_by(proofs):
                return ()
            entry = await self.directory.find(person.object_id) if person.object_id else None
        except SesameError:
            return ()
        return entry.names if entry is not None else ()


def _needs_names(result: RuleResult) -> bool:
    return result.rule is Rule.CONTEXT and bool(result.passed)
