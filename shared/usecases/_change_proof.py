"""Check that a change of methods was proved by a method that is registered (rule 20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from shared.domain.errors import ActivationRequired, ProofRequired, Refused
from shared.domain.gates import needed_for_reset, passed_on_row, proofs_of
from shared.domain.loss_wait import may_add
from shared.domain.objection import may_still_object
from shared.domain.person import PendingMethod, Person, Purpose, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.domain.unproved_change import attempted, waits
from shared.domain.verification import PassedGate, Verification
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._own_registration import OwnRegistration
from shared.usecases._rows import Rows
from shared.usecases._sealing import Sealing
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class ChangeProofs:
    """Opens and seals proofs, for the use-cases that change methods."""

    sealing: Sealing
    own_registration: OwnRegistration
    rows: Rows
    promised: PromisedNotices
    randomness: Randomness
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def require(
        self, person: Person, session: Session, proof: str | None, *, other_than: str = "", adds: bool = False
    ) -> bool:
        """Return whether the change is proved. False where no method can prove anything yet.

        Nor is a proof needed to add or replace one (`adds`) after the wait of somebody who has lost all of them.
        `other_than` is the destination of the new method, which must not prove itself. Raises ProofRequired with the
        methods that can prove the change now. Suspect and stale methods can: otherwise whoever fills a mailbox could
        make a proof unnecessary. Who has only a set that is used up has lost every method. Where all rest, as those
        that an activation left, nothing is changed until the first one can prove it. Where an administrator removed the
        last one, none can. Raises ActivationRequired where all that could were declared compromised.
        """
        provers = self._provers(person)
        if not (provers or person.used_up or person.compromised or person.emptied or self._resting(person)):
            return False
        if proof is not None and self._proves(person, session, proof, other_than):
            return True
        if adds and may_add(person, self.policy, self.clock.now()):
            return False
        if person.needs_activation(self.policy.methods):
            raise ActivationRequired
        # An opted-out number counts as working like a suspect one, but no code would come there.
        opted_out = await self.own_registration.opted_out(person)
        reached = self.own_registration.reached(provers, opted_out)
        raise ProofRequired(tuple(dict.fromkeys(method.name for method in reached)))

    async def tell_unless_proved(self, session: Session, client: str) -> None:
        """Enter the notice that a change was tried, to be sent unless a proof comes. Raises TryAgain and StoreLost."""
        now, event = self.clock.now(), self.randomness.token()
        row = self.rows.change(session.account, event)
        while True:
            person = await row.read()
            after = attempted(person, event=event, now=now, origin=coarse_network(client), policy=self.policy)
            if after == person:
                return
            await row.promise(partial(self.promised.promise, delay=waits(self.policy)))
            if await row.write(after):
                return

    def fully(self, person: Person, session: Session, proof: str | None, *, without: str) -> bool:
        """Whether the proof passed all gates of the policy, none of them by what is at the destination `without`.

        What is removed or replaced with such a proof cannot object to it (rule 29). So no gate counts to whose
        addition it may still object: whoever reads one mailbox could add a second gate and remove the owner's phone.
        """
        passed, now = self._passed(person, session, proof) if proof is not None else (), self.clock.now()
        others = [
            gate
            for gate in passed
            if (at := gate.evidence.destination) != without and not may_still_object(person, at, without, now)
        ]
        needed = needed_for_reset(self.policy, privileged=person.privileged)
        return needed.is_met_by(proofs_of(person, others, self.policy, now))

    def of(self, session: Session, pending: PendingMethod, passed: PassedGate) -> str:
        """Return the proof that the confirmation of a new method is: the person need not answer twice in a row."""
        verification = Verification(
            id=pending.attempt.verification,
            purpose=Purpose.REGISTRATION,
            account=session.account,
            code_key=pending.code_key,
            started_at=self.clock.now(),
            expires_at=pending.expires_at,
            idle_at=pending.expires_at,
            passed=(passed,),
        )
        return self.tokens.seal(TokenPurpose.CHANGE, verification)

    def _proves(self, person: Person, session: Session, proof: str, other_than: str) -> bool:
        return any(gate.evidence.destination != other_than for gate in self._passed(person, session, proof))

    def _passed(self, person: Person, session: Session, proof: str) -> tuple[PassedGate, ...]:
        """Return the gates of the proof that the row has too (rule 5) and whose method is still registered."""
        try:
            verification = self.tokens.open(TokenPurpose.CHANGE, proof, Verification).still_open(self.clock.now())
        except Refused:
            return ()
        if verification.account != session.account:
            return ()
        destinations = {
            method.destination for method in (*self._provers(person), *person.used_up) if not method.is_compromised
        }
        return tuple(
            gate
            for gate in verification.passed
            if gate.evidence.destination in destinations
            and passed_on_row(person, verification.purpose, verification.id, gate) is not None
        )

    def _provers(self, person: Person) -> list[RegisteredMethod]:
        """Return the methods that can prove something. One whose key was removed cannot."""
        return self._readable(person, person.provers(self.policy.methods, self.clock.now()))

    def _resting(self, person: Person) -> list[RegisteredMethod]:
        return self._readable(person, person.proves_later(self.policy.methods, self.clock.now()))

    def _readable(self, person: Person, methods: Iterable[RegisteredMethod]) -> list[RegisteredMethod]:
        return [method for method in methods if self.sealing.open(person.account, method.sealed) is not None]
