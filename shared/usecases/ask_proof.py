"""Ask for a challenge that proves who wants to change the methods (rule 20)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.domain.errors import InvalidInput
from shared.domain.gates import may_follow, needed_for_reset, proofs_of
from shared.domain.limits import CHANGE_SENDS
from shared.domain.person import Person, Purpose
from shared.domain.policy import Policy
from shared.domain.sent_codes import code_order
from shared.domain.session import Session
from shared.domain.trail import CodeOrder, Tag, Trail
from shared.domain.verification import Verification
from shared.methods import ALL, HashedSecretMethod, KeptSecretMethod, RelyingParty, SentCodeMethod, evidence_of
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.opt_outs import OptOuts
from shared.ports.outbox import Outbox
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._asking import chosen_channel, refuse_what_only_codes_have
from shared.usecases._limits import Limits
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class Asked:
    """The challenge. `wait`: seconds until another code. `shown`: what the page shows for a kept secret."""

    proof: str
    wait: int
    expires_in: int
    """The life of the proof, in seconds."""
    code_expires_in: int | None = None
    """The life of a code that is sent now, in seconds. None for a kept secret."""
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskProof:
    """Uses the machinery of a reset, with a purpose, words and counters of its own (rule 6)."""

    signed_in: SignedIn
    outbox: Outbox
    limits: Limits
    keyring: Keyring
    opt_outs: OptOuts
    tokens: Tokens
    randomness: Randomness
    clock: Clock
    relying_party: RelyingParty
    offered_channels: frozenset[str]
    policy: Policy

    async def __call__(
        self,
        token: str,
        method: str,
        trail: Trail,
        *,
        proof: str | None,
        channel: str | None,
        client: str,
        language: str,
    ) -> Asked:
        """Return the challenge, and the proof to answer it with.

        Raises SignInRequired, SignInAgain, Refused for a proof that has expired, InvalidInput for a method that can
        prove nothing here or whose owner refuses texts, Limited, and StoreLost if no code could be ordered; then
        `proof` can be used again.
        """
        now = self.clock.now()
        caller = await self.signed_in.for_a_write(token)
        session, person = caller.session, caller.person
        if method not in {mine.name for mine in person.provers(self.policy.methods, now)}:
            raise InvalidInput("method", "not_registered")
        verification = self._begun(person, session, proof, method, now)
        match ALL[method]:
            case SentCodeMethod() as by_code:
                carrier = chosen_channel(by_code, channel, self.offered_channels)
                if carrier == "sms" and await self._is_opted_out(person, method, now):
                    raise InvalidInput("method", "opted_out")
                counted = await self.limits.enforce(CHANGE_SENDS, trail, account=session.account)
                asked = verification.asked_to_send(method, by_code.evidence, carrier, now, self.policy)
                await self.signed_in.entry_now(caller, trail)
                with self.limits.giving_back(CHANGE_SENDS, counted, account=session.account):
                    await self.outbox.leave([self._order(asked, client, language, now)])
                shown: Mapping[str, str] = {}
                life: int | None = int(self.policy.code_life(carrier).total_seconds())
            case KeptSecretMethod() as by_secret:
                refuse_what_only_codes_have(channel, None)
                if isinstance(by_secret, HashedSecretMethod):  # nothing is sent, but its answers are dear
                    await self.limits.enforce(CHANGE_SENDS, trail, account=session.account)
                await self.signed_in.entry_now(caller, trail)
                shown = by_secret.challenge(self.randomness.seed(), self.relying_party)
                asked = verification.asked_to_prove(
                    method, by_secret.evidence, shown, now, self.policy, resists=by_secret.phishing_resistant
                )
                life = None
        trail.record(Tag.CHANGE_CHALLENGED, self.clock.now(), account=session.account, method=method)
        wait, left = asked.wait(method, self.policy), asked.seconds_left(now)
        return Asked(self.tokens.seal(TokenPurpose.CHANGE, asked), wait, left, life, shown)

    async def _is_opted_out(self, person: Person, method: str, now: datetime) -> bool:
        """Whether no code would come, so that the person does not wait in vain. Only the owner learns it."""
        usable = (mine for mine in person.provers(self.policy.methods, now) if mine.name == method)
        return await self.opt_outs.stands(next(usable).destination)

    def _begun(self, person: Person, session: Session, proof: str | None, method: str, now: datetime) -> Verification:
        """Return the verification to go on with.

        One proof allows a change. Another one, of another class, may follow up to the gates of the policy: then what is
        removed cannot object (rule 29). A complete proof, or that of a confirmation, is followed by a new one.
        """
        if proof is not None:
            verification = self.tokens.open(TokenPurpose.CHANGE, proof, Verification).still_open(now)
            passed = verification.passed
            needed = needed_for_reset(self.policy, privileged=person.privileged)
            is_complete = needed.is_met_by(proofs_of(person, passed, self.policy, now))
            leads_on = may_follow(evidence_of(ALL[method]), [gate.evidence for gate in passed])
            more = verification.purpose is Purpose.CHANGE and not is_complete and leads_on
            if verification.account == session.account and (more or not passed):
                return verification
        life = timedelta(seconds=self.policy.verification_seconds)
        return Verification(
            id=self.randomness.token(),
            purpose=Purpose.CHANGE,
            account=session.account,
            code_key=self.keyring.code_key_version,
            started_at=now,
            expires_at=now + life,
            idle_at=now + life,
        )

    def _order(self, asked: Verification, client: str, language: str, now: datetime) -> CodeOrder:
        assert asked.challenge is not None  # noqa: S101  `asked_to_send` has just set it
        code, client_key = asked.code_id(asked.challenge), self.keyring.client_key(client)
        return code_order(
            asked.account,
            code,
            asked.code_key,
            asked.expires_at,
            now,
            self.policy,
            language=language,
            client_key=client_key,
        )
